"""Models, data sets and work on them in words."""

from __future__ import annotations

from inspector_app.domain.dataset_check import DataSetCheck, SplitCount
from inspector_app.domain.model_papers import ModelClass, ModelStanding, ShownModel
from inspector_app.domain.model_work import BroughtModel, WorkKind, WorkView
from ui.texts import tr


def standing_words(model: ShownModel) -> str:
    """Return what a model is to the station."""
    words = {
        ModelStanding.IN_CHARGE: tr("in charge"),
        ModelStanding.BESIDE: tr("beside it in a rollout"),
        ModelStanding.INSTALLED: tr("installed"),
        ModelStanding.BUNDLED: tr("came with the program"),
        ModelStanding.TAUGHT: tr("taught, not installed"),
        ModelStanding.UNUSABLE: tr("cannot be used"),
    }[model.standing]
    return words if model.slot is None else tr("{words} (slot {slot})").format(words=words, slot=model.slot)


def precision_words(model: ShownModel) -> str:
    """Return the precision that was chosen at installation, and its time a picture."""
    chosen = model.precision
    if chosen is None:
        return tr("not measured")
    if chosen.median_ms is None:
        return chosen.name
    return f"{chosen.name}, {milliseconds(chosen.median_ms)}"


def milliseconds(value: float) -> str:
    """Return a time with three digits at most."""
    return tr("{n} ms").format(n=f"{value:.0f}" if value >= 100.0 else f"{value:.1f}")


def work_title(view: WorkView) -> str:
    """Return what is done to which model."""
    words = {
        WorkKind.TEACH: tr("Teach {model}"),
        WorkKind.EVALUATE: tr("Evaluate {model}"),
        WorkKind.INSTALL: tr("Install {model}"),
        WorkKind.IMPORT: tr("Import {model}"),
    }[view.kind]
    return words.format(model=view.title)


def split_words(split: SplitCount) -> str:
    """Return the counts of a split."""
    counts = tr("{name}: {n} pictures, {rejects} rejects, {groups} groups").format(
        name=split.name, n=split.pictures, rejects=split.rejects, groups=split.groups
    )
    if split.largest_pictures == 1:
        return counts
    return counts + tr(" (the largest, {group}, has {n} pictures)").format(
        group=split.largest_group, n=split.largest_pictures
    )


def truth_words(check: DataSetCheck) -> str:
    """Return what kind of truth there is."""
    truth = check.truth
    if check.taken_as_good:
        return tr(
            "{n} pictures without any truth: all are taken as good parts, and scratches are painted on them."
        ).format(n=truth.good)
    kinds = (
        (truth.good, tr("{n} good")),
        (truth.masks, tr("{n} rejects with masks")),
        (truth.outlines, tr("{n} rejects with outlines")),
        (truth.boxes, tr("{n} rejects with boxes")),
        (truth.unmarked, tr("{n} rejects without a mark")),
    )
    found = [words.format(n=n) for n, words in kinds if n]
    if not truth.masks + truth.outlines + truth.boxes + truth.unmarked:
        found.append(tr("no reject: scratches are painted on the good ones"))
    return tr("Truth: {kinds}.").format(kinds=", ".join(found))


def teaching_words(check: DataSetCheck) -> str:
    """Return what teaching would learn from and hold out."""
    return tr("Learns from {n} pictures and holds {held} out, whole groups.").format(
        n=check.learning, held=check.held_out
    )


def brought_words(model: BroughtModel) -> str:
    """Return what the manifest of a model from elsewhere says."""
    return tr("{title}, {task}, licence {licence}. Classes: {classes}.").format(
        title=model.title, task=model.task, licence=model.licence, classes=classes_words(model.classes)
    )


def classes_words(classes: tuple[ModelClass, ...]) -> str:
    """Return the classes of a model, and which of them reject."""
    return ", ".join(tr("{name} (rejects)").format(name=each.name) if each.rejects else each.name for each in classes)
