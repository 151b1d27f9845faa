"""A certificate of thresholds in words for the page."""

from __future__ import annotations

from inspector_app.domain.control import ControlState
from ui.automation.room import KeptCertificate, Record
from ui.texts import percent, tr


def headline(kept: KeptCertificate) -> tuple[str, str, str]:
    """Return icon, colour token and word of how a certificate stands."""
    if not kept.record["certified"]:
        return "state-off", "text", tr("Not certified")
    if not kept.standing.valid:
        return "state-bad", "bad", tr("Void: {why}").format(why=" ".join(kept.standing.reasons))
    return "state-ok", "text", tr("Certified, and it stands")


def provenance(state: ControlState, in_force: KeptCertificate | None) -> tuple[str, str, str]:
    """Return icon, colour token and words of where the thresholds in force come from."""
    both = tr("In force: accept below {low:.4g}, reject above {high:.4g}.").format(
        low=state.accept_below, high=state.reject_above
    )
    if in_force is None:
        return "state-warn", "warn", both + " " + tr("No certificate: nobody has shown what they let through.")
    name = in_force.record["certificate_id"]
    if in_force.standing.valid:
        return "state-ok", "text", both + " " + tr("Certificate {name} stands.").format(name=name)
    why = " ".join(in_force.standing.reasons)
    return "state-bad", "bad", both + " " + tr("Certificate {name} is void. {why}").format(name=name, why=why)


def certificate_lines(record: Record) -> tuple[str, ...]:
    """Return what a certificate says, a line each."""
    parts, asked = record["parts"], record["contract"]
    seen = tr("{n} parts of known truth, {bad} defective; confidence {c} (δ = {delta:.3g}).").format(
        n=parts["n"], bad=parts["bad"], c=percent(asked["confidence"], 1), delta=record["delta"]
    )
    lines = [*_accepting(record), *_rejecting(record), seen]
    coverage = record["coverage"]
    if record["certified"] and coverage is not None:
        decides = tr("The model decides {share} of the parts ({low} … {high}).")
        shares = {name: percent(coverage[key], 1) for name, key in (("share", "estimate"), ("low", "low"))}
        lines.append(decides.format(**shares, high=percent(coverage["high"], 1)))
    return (*lines, *_bound_to(record))


def _accepting(record: Record) -> list[str]:
    if record["accept_below"] is None:
        return [_lacking(record, "needed_to_accept", tr("The model may not accept"))]
    escape, missed = record["bounds"]["escape"], record["bounds"]["missed"]
    return [
        tr("Accept below {t:.4g}: k = {k} defective of n = {n} accepts; α = {limit}.").format(
            t=record["accept_below"], k=escape["k"], n=escape["n"], limit=percent(escape["limit"], 2)
        ),
        tr("{k} of {n} defective parts missed; α = {limit}.").format(
            k=missed["k"], n=missed["n"], limit=percent(missed["limit"], 2)
        ),
    ]


def _rejecting(record: Record) -> list[str]:
    if record["reject_above"] is None:
        return [_lacking(record, "needed_to_reject", tr("The model may not reject"))]
    found = record["bounds"]["false_reject"]
    return [
        tr("Reject above {t:.4g}: k = {k} good of n = {n} rejects; β = {limit}.").format(
            t=record["reject_above"], k=found["k"], n=found["n"], limit=percent(found["limit"], 2)
        )
    ]


def _lacking(record: Record, key: str, what: str) -> str:
    lacking = record[key]
    if lacking is None:
        return tr("{what}, and more parts like these would not show that it may.").format(what=what)
    defective = tr(", {n} of them defective").format(n=f"{lacking['defective']:,}") if lacking["defective"] else ""
    return tr("{what} yet: at least {n} more parts are needed{defective}.").format(
        what=what, n=f"{lacking['parts']:,}", defective=defective
    )


def _bound_to(record: Record) -> tuple[str, ...]:
    model, camera = record["model"], record["camera"]
    if model is None or camera is None:
        return ()
    bound = tr("For {name} {version} ({model}…), preprocessing {pre}…, camera {camera}…").format(
        name=model["name"],
        version=model["version"],
        model=model["sha256"][:8],
        pre=model["preprocessing_sha256"][:8],
        camera=camera["configuration_sha256"][:8],
    )
    named = tr("Certificate {name}").format(name=record["certificate_id"])
    return (bound, named) if record["certified"] else (bound,)
