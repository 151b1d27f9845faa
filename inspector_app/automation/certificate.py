"""Certificates: what was certified, on which parts, for which model and camera, and whether it still stands."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from inspector_app.automation.fixed_sequence import exact_interval
from inspector_app.automation.thresholds import BoundResult, Certified
from inspector_app.domain.contract import Bound, ScoredPart
from inspector_app.domain.errors import CertificateRefused
from inspector_app.domain.ports import CameraControls
from inspector_app.domain.prediction import ModelIdentity
from inspector_app.domain.records import utc_text

FORMAT = "inspection-station/certificate/1"
"""Named in every certificate; the number rises when a key changes its meaning or goes."""

CONDITIONS = (
    "The parts are like those of production: same product, lots, shifts and defects; an alarm of drift voids it.",
    "The model was not trained on them.",
    "The model, its preprocessing and the camera's configuration stay as they are; a change voids the certificate.",
    "The thresholds were certified once on these parts, not searched for again and again on the same ones.",
)


@dataclass(frozen=True, slots=True)
class Binding:
    """What a certificate is worth nothing without.

    Attributes
    ----------
    model : ModelIdentity
        Whose scores they are.
    source : str
        The camera's URI.
    camera_sha256 : str
        Of the camera's configuration, see `camera_configuration_sha256`.
    """

    model: ModelIdentity
    source: str
    camera_sha256: str


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the parts of a certificate come from.

    Attributes
    ----------
    truth : str
        One clause: whose verdicts, or which file.
    scores_sha256 : str
        Of the scored parts, see `scores_sha256`.
    binding : Binding or None
        ``None`` for scores of which nobody said which model gave them.
    first, last : datetime or None
        Of the parts, UTC.
    left_out : mapping of str to int
        Judged parts that do not count, by reason.
    """

    truth: str
    scores_sha256: str
    binding: Binding | None
    first: datetime | None
    last: datetime | None
    left_out: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether a certificate holds for what is in force; ``reasons`` are sentences why not."""

    reasons: tuple[str, ...]

    @property
    def valid(self) -> bool:
        """True if nothing voids it."""
        return not self.reasons


def scores_sha256(parts: Iterable[ScoredPart]) -> str:
    """Return the identity of scored parts, whatever their order: SHA-256, 64 hex digits."""
    rows = sorted([part.part, repr(float(part.score)), part.bad] for part in parts)
    return hashlib.sha256(_canonical(rows).encode()).hexdigest()


def camera_configuration_sha256(source: str, controls: CameraControls, setup: str | None = None) -> str:
    """Return the identity of how pictures are taken: the camera's URI and what is set on it; 64 hex digits.

    ``setup`` is the SHA-256 of its recorded configuration, ``None`` if it was never set up.
    """
    further = () if setup is None else (setup,)
    return hashlib.sha256(_canonical([source, asdict(controls), *further]).encode()).hexdigest()


def certificate_record(certified: Certified, origin: Origin, made_at: datetime, program_version: str) -> dict[str, Any]:
    """Return a certificate as plain JSON values, also where nothing could be certified.

    ``n`` and ``k`` are those of the escape bound: automatic accepts and defective parts among them. ``needed`` is what
    the accept side lacks, null where it is certified or where more parts would not help. ``certificate_id`` is the
    start of the SHA-256 of all the rest, so an altered certificate is found out.
    """
    contract, escape = certified.contract, certified.result(Bound.ESCAPE)
    lacking = certified.needed_accept
    record: dict[str, Any] = {
        "format": FORMAT,
        "certified": certified.certified,
        "accept_below": certified.accept_below,
        "reject_above": certified.reject_above,
        "n": escape.n,
        "k": escape.k,
        "alpha": contract.escape,
        "delta": contract.delta,
        **_shares(certified),
        "needed": None if lacking is None else lacking.parts,
        "needed_defective": None if lacking is None else lacking.bad,
        "needed_to_accept": _needed(certified, accept=True),
        "needed_to_reject": _needed(certified, accept=False),
        "contract": {
            "escape": contract.escape,
            "missed": contract.missed,
            "false_reject": contract.false_reject,
            "confidence": contract.confidence,
        },
        "limited_by": None if certified.limited_by is None else certified.limited_by.value,
        "bounds": {result.bound.value: _bound(result) for result in certified.bounds},
        "coverage": _coverage(certified),
        "parts": {
            "n": certified.parts,
            "bad": certified.bad,
            "good": certified.good,
            "unresolved": certified.unresolved,
            "left_out": dict(origin.left_out),
        },
        "truth": origin.truth,
        "period": {"first": _time(origin.first), "last": _time(origin.last)},
        "scores_sha256": origin.scores_sha256,
        **_bound_to(origin.binding),
        "made_at": utc_text(made_at),
        "program_version": program_version,
        "conditions": list(CONDITIONS),
    }
    return {"certificate_id": certificate_identity(record), **record}


def certificate_identity(record: Mapping[str, Any]) -> str:
    """Return the id that belongs to a certificate's content: 16 hex digits."""
    content = {key: value for key, value in record.items() if key != "certificate_id"}
    return hashlib.sha256(_canonical(content).encode()).hexdigest()[:16]


def checked_certificate(text: str, name: str) -> dict[str, Any]:
    """Return the certificate that a JSON text holds.

    Raises
    ------
    CertificateRefused
        If it is none, or was altered.
    """
    try:
        record = json.loads(text)
    except ValueError as error:
        raise CertificateRefused(f"{name} is no JSON: {error}.") from error
    if not isinstance(record, dict) or record.get("format") != FORMAT:
        raise CertificateRefused(f"{name} is no certificate of the format {FORMAT}.")
    if record.get("certificate_id") != certificate_identity(record):
        raise CertificateRefused(f"{name} was altered: its content does not belong to its certificate id.")
    return record


def certificate_standing(
    record: Mapping[str, Any], now: Binding | None, drifted_at: Iterable[datetime] = ()
) -> Standing:
    """Return whether a certificate holds for the model and the camera in force.

    It vouches for parts like those that it rests on; once the scores are no longer spread as they were, it does not.

    Parameters
    ----------
    record : mapping
        As of `certificate_record`.
    now : Binding or None
        What is in force; ``None``: there is no model.
    drifted_at : iterable of datetime
        When drift of the scores was alarmed of, UTC.
    """
    if not record["certified"]:
        return Standing(("It certifies nothing.",))
    model, camera = record["model"], record["camera"]
    if model is None:
        return Standing(("It does not say which model gave the scores.",))
    if now is None:
        return Standing(("No model is in force.",))
    named = f"{now.model.name} {now.model.version}"
    reasons = []
    if model["sha256"] != now.model.sha256:
        reasons.append(f"It is for the model {model['name']} {model['version']}, and {named} is in force.")
    if model["preprocessing_sha256"] != now.model.preprocessing_sha256:
        reasons.append("The preprocessing has changed since.")
    if camera["configuration_sha256"] != now.camera_sha256:
        reasons.append("The camera or its settings have changed since.")
    if any(at > _newest_part(record) for at in drifted_at):
        reasons.append("The model's scores have drifted since the newest part that it rests on.")
    return Standing(tuple(reasons))


def _newest_part(record: Mapping[str, Any]) -> datetime:
    """Return when the newest part was taken on which a certificate rests; where that is not known, when it was made."""
    return datetime.fromisoformat(record["period"]["last"] or record["made_at"])


def certified_changes(record: Mapping[str, Any], cut: float) -> dict[str, float]:
    """Return the control changes that put a certificate's thresholds in force.

    A side that is not certified is switched off: nothing is below 0, nothing above 1. The cut, which only makes the
    model's answers comparable with a person's, is moved between the two where it lies outside.
    """
    low = record["accept_below"] if record["accept_below"] is not None else 0.0
    high = record["reject_above"] if record["reject_above"] is not None else 1.0
    return {"accept_below": low, "cut": min(max(cut, low), high), "reject_above": high}


def _shares(certified: Certified) -> dict[str, float]:
    n = certified.parts
    counts = {"accept": certified.accepted, "reject": certified.rejected, "human": certified.to_human}
    return {f"share_{what}": (k / n if n else float(what == "human")) for what, k in counts.items()}


def _needed(certified: Certified, *, accept: bool) -> dict[str, int] | None:
    lacking = certified.needed_accept if accept else certified.needed_reject
    return None if lacking is None else {"parts": lacking.parts, "defective": lacking.bad}


def _bound(result: BoundResult) -> dict[str, Any]:
    return {name: value for name, value in asdict(result).items() if name != "bound"}


def _coverage(certified: Certified) -> dict[str, Any] | None:
    """Return the share that the model decides; how scores are spread is no label, so the same parts may be used."""
    n, k = certified.parts, certified.accepted + certified.rejected
    if not n:
        return None
    low, high = exact_interval(k, n, certified.contract.confidence)
    level = certified.contract.confidence
    return {"k": k, "n": n, "estimate": k / n, "low": low, "high": high, "method": "clopper_pearson", "level": level}


def _bound_to(binding: Binding | None) -> dict[str, Any]:
    if binding is None:
        return {"model": None, "camera": None}
    camera = {"source": binding.source, "configuration_sha256": binding.camera_sha256}
    return {"model": asdict(binding.model), "camera": camera}


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else utc_text(moment)


def _canonical(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
