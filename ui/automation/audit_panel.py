"""Audits on the automation page: how many, where the schedule stands, what they have found."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QScrollArea, QWidget

from inspector_app.automation.csp import outgoing_limit
from inspector_app.automation.gate_inputs import Tally
from inspector_app.automation.preview import Rate
from inspector_app.automation.seed_hits import SeedHits, Share, leans_too_far
from inspector_app.domain.control import ControlState, Level
from ui.automation.room import Evidenced
from ui.look.appearance import Appearance
from ui.texts import duration, local_time, percent, tr
from ui.widgets.basics import column, label


class AuditPanel(QWidget):
    """Shows what the log says about audits and seeded parts.

    How many audits wait is not shown apart from the other parts that wait: with one part in the queue the number would
    tell an inspector that it is an audit.

    Parameters
    ----------
    appearance : Appearance
        The look.
    """

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        sizes = appearance.theme.sizes
        body = column(sizes.space_2, self, (sizes.space_4, sizes.space_3, sizes.space_4, sizes.space_3))
        body.addWidget(label(tr("Audits"), "large"))
        holder = QWidget()
        grid = QGridLayout(holder)
        grid.setContentsMargins(0, 0, sizes.space_3, 0)
        grid.setHorizontalSpacing(sizes.space_4)
        grid.setVerticalSpacing(sizes.space_2)
        grid.setColumnStretch(1, 1)
        self.lines = {name: label("", wrap=True) for name in _names()}
        for line, (name, words) in enumerate(_names().items()):
            grid.addWidget(label(words, "muted"), line, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(self.lines[name], line, 1)
        grid.setRowStretch(len(self.lines), 1)
        scroll = QScrollArea()
        scroll.setAccessibleName(tr("Audits and seeded parts"))
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(holder)
        body.addWidget(scroll, 1)

    def show_waiting(self, waiting: int, oldest_s: float | None) -> None:
        """Show how many parts wait for an inspector, audits among them, and how long the oldest has waited."""
        if not waiting:
            self.lines["waiting"].setText(tr("Nothing waits for an inspector."))
            return
        age = tr("the oldest for {age}").format(age=duration(oldest_s or 0.0))
        words = tr("{n} parts, {age}. Which of them are audits is not said here.")
        self.lines["waiting"].setText(words.format(n=waiting, age=age))

    def show_evidence(self, state: ControlState, evidenced: Evidenced) -> None:
        """Show a control state and what the log says."""
        share = tr("{share} of the model's decisions, blind").format(share=percent(state.audit_share, 1))
        if state.reject_audit_share > state.audit_share:
            share += tr(" ({rejects} of its rejects)").format(rejects=percent(state.reject_audit_share, 1))
        idle = "" if state.level.rank >= Level.PARTIAL.rank else tr("; at this level the model decides none")
        held = tr("held until the inspector has spoken") if state.hold_audits else tr("not held")
        self.lines["share"].setText(f"{share}, {held}{idle}.")
        self.lines["phase"].setText(_phase(state, evidenced))
        evidence, seeds = evidenced.evidence, evidenced.seeds
        found = _found(evidence.escapes)
        in_a_row = tr("{n} good in a row").format(n=f"{evidence.clean_audits:,}")
        self.lines["escapes"].setText(f"{found}; {in_a_row}" if evidence.escapes.n else found)
        self.lines["false_rejects"].setText(_found(evidence.false_rejects))
        self.lines["limit"].setText(
            tr("A guard steps left if an audit waits longer than {time}.").format(time=duration(evidenced.audit_wait_s))
        )
        self.lines["seeds"].setText(_seeding(evidenced.seed_share, seeds))
        self.lines["seeds_unaided"].setText(_hits(seeds.unaided))
        self.lines["seeds_assisted"].setText(_hits(seeds.assisted))
        self.lines["seeds_model"].setText(_hits(seeds.model))
        self.lines["probes"].setText(_misled(seeds.misled))


def _names() -> dict[str, str]:
    return {
        "share": tr("Share now"),
        "phase": tr("Schedule"),
        "waiting": tr("Waiting"),
        "limit": tr("Limit"),
        "escapes": tr("Bad among accepts"),
        "false_rejects": tr("Good among rejects"),
        "seeds": tr("Seeded parts"),
        "seeds_unaided": tr("… found without the model"),
        "seeds_assisted": tr("… found with its answer"),
        "seeds_model": tr("… found by the model"),
        "probes": tr("Wrong advice followed"),
    }


def _found(tally: Tally) -> str:
    """Return a share with its exact interval for one look."""
    return _rate(tally) if tally.n else tr("not measurable: none was audited")


def _hits(share: Share) -> str:
    """Return a hit rate with its interval."""
    return _rate(share) if share.n else tr("not measurable")


def _misled(share: Share) -> str:
    """Return how often wrong advice was followed; a warning as soon as it is shown to be too often."""
    if not leans_too_far(share.k, share.n):
        return _hits(share)
    return tr("{rate}: shown to be above 10 %, inspectors lean on the model").format(rate=_rate(share))


def _seeding(share: float, seeds: SeedHits) -> str:
    """Return how often seeded parts come, and how many have; of the last hour nothing is said."""
    often = tr("{share} of the parts").format(share=percent(share, 1)) if share else tr("off")
    if seeds.last is None:
        return tr("{often}; none until an hour ago").format(often=often)
    words = tr("{often}; {n} until an hour ago, the last {time}")
    return words.format(often=often, n=f"{seeds.shown:,}", time=local_time(seeds.last, date=True))


def _rate(tally: Tally | Share) -> str:
    rate = Rate.of(tally.k, tally.n, 0.95)
    return tr("{share} ({low} … {high}), {k} of {n}").format(
        share=percent(tally.k / tally.n, 2),
        low=percent(rate.low, 2),
        high=percent(rate.high, 2),
        k=f"{tally.k:,}",
        n=f"{tally.n:,}",
    )


def _phase(state: ControlState, evidenced: Evidenced) -> str:
    """Return where CSP-1 stands."""
    plan = evidenced.plan
    if plan is None:
        return tr("None: the share is as a supervisor has set it.")
    at_worst = tr("at worst {limit} of what leaves is bad").format(limit=percent(outgoing_limit(plan), 2))
    if state.level.rank < Level.PARTIAL.rank:
        words = tr("CSP-1, not on duty at this level: 100 % until {i} in a row are good, then {f}; {worst}.")
    elif state.audit_share >= 1.0:
        words = tr("CSP-1, 100 % phase: until {i} in a row are good, then {f}; {worst}.")
    else:
        words = tr("CSP-1, sampling phase: {f}, and back to 100 % on an escape; {worst}.")
    return words.format(i=f"{plan.clearance:,}", f=percent(plan.fraction, 1), worst=at_worst)
