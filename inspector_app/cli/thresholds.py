"""The supervisor's commands about thresholds: certify them, preview them, put them in force."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from inspector_app.cli.output import (
    AsJson,
    DataFolder,
    Since,
    Until,
    collect_rarely,
    known_faults_in_one_sentence,
    print_json,
    print_text,
    say,
    utc_option,
)
from inspector_app.cli.signing import Because, By, PinStdin, signed
from inspector_app.domain.contract import Contract
from inspector_app.domain.control import Command
from inspector_app.domain.logquery import LogFilter
from inspector_app.domain.shares import percent

if TYPE_CHECKING:
    from inspector_app.automation.preview import Preview, Rate
    from inspector_app.bootstrap.data import DataFolder as OpenFolder

thresholds = typer.Typer(no_args_is_help=True)

Scores = Annotated[
    Path | None,
    typer.Option("--scores", metavar="FILE.csv", help="Columns part, score, truth (good or bad); else from the log."),
]


_SOURCES = {
    "defaults": "The defaults of this program",
    "settings": "From station.toml",
    "hand": "Set by hand",
    "certificate": "From a certificate that is not in this log",
}


def _limit(option: str, what: str) -> Any:
    return typer.Option(option, min=0.0, max=1.0, metavar="SHARE", help=f"{what}; else as in [contract].")


@thresholds.command("certify")
@known_faults_in_one_sentence
def certify(
    escape: Annotated[float | None, _limit("--escape", "Defective among the automatic accepts, at most")] = None,
    missed: Annotated[float | None, _limit("--missed", "Defective parts accepted, at most")] = None,
    false_reject: Annotated[float | None, _limit("--false-reject", "Good among the automatic rejects, at most")] = None,
    confidence: Annotated[float | None, _limit("--confidence", "Probability that all three hold")] = None,
    scores: Scores = None,
    for_station: Annotated[
        bool, typer.Option("--for-station", help="The scores are of this data folder's model and camera.")
    ] = False,
    since: Since = None,
    until: Until = None,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Find the thresholds that keep a contract, or say how many more parts it takes.

    From the log count unaided, audit and adjudicated verdicts only, on parts that were drawn evenly over all scores.
    """
    collect_rarely()
    from inspector_app.bootstrap.certifying import certificate, from_file, from_log, keep
    from inspector_app.bootstrap.data import open_data
    from inspector_app.bootstrap.settled import open_settings

    settled = open_settings(data)
    usual = settled.settings.contract.contract()
    contract = asked_contract(usual, escape, missed, false_reject, confidence)
    if scores is not None:
        record = certificate(from_file(scores, settled if for_station else None), contract)
    else:
        with open_data(data) as folder:
            found = from_log(folder, _period(since, until))
            record = certificate(found, contract)
            keep(folder, record)
    if as_json:
        print_json(record)
        return
    for line in certificate_lines(record):
        print_text(line)


@thresholds.command("apply")
@known_faults_in_one_sentence
def apply(
    which: Annotated[str, typer.Argument(metavar="CERTIFICATE", help="Its id in the log, or its JSON file.")],
    by: By,
    because: Because,
    pin_stdin: PinStdin = False,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Put a certificate's thresholds in force, unless the model or the camera has changed since."""
    from inspector_app.bootstrap.certifying import apply_command, certificate_named
    from inspector_app.bootstrap.data import open_data

    with open_data(data) as folder:
        command = apply_command(folder, certificate_named(folder, which), by, because)
        _order(folder, command, pin_stdin)
        _show(folder, as_json)


@thresholds.command("set")
@known_faults_in_one_sentence
def set_thresholds(
    by: By,
    because: Because,
    accept_below: Annotated[
        float | None, typer.Option("--accept-below", min=0.0, max=1.0, help="The model accepts below.")
    ] = None,
    cut: Annotated[float | None, typer.Option("--cut", min=0.0, max=1.0, help="Its judgement in comparisons.")] = None,
    reject_above: Annotated[
        float | None, typer.Option("--reject-above", min=0.0, max=1.0, help="It rejects above.")
    ] = None,
    pin_stdin: PinStdin = False,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Set thresholds by hand; they then come from no certificate."""
    from inspector_app.bootstrap.data import open_data

    given = {"accept_below": accept_below, "cut": cut, "reject_above": reject_above}
    with open_data(data) as folder:
        changes = {name: value for name, value in given.items() if value is not None}
        _order(folder, Command(by, because, changes), pin_stdin)
        _show(folder, as_json)


@thresholds.command("show")
@known_faults_in_one_sentence
def show(data: DataFolder = None, as_json: AsJson = False) -> None:
    """Show the thresholds in force, their certificate, and whether it still stands."""
    from inspector_app.bootstrap.data import open_data

    with open_data(data) as folder:
        _show(folder, as_json)


def _order(folder: OpenFolder, command: Command, pin_stdin: bool) -> None:
    from inspector_app.bootstrap.commanding import desk_of, recorded_against

    desk = desk_of(folder)
    signed(lambda entered: desk.order(replace(command, pin=entered)), command.by, pin_stdin)
    against = recorded_against(folder)
    if against is not None:
        say(f"Recorded as against the recommendation. {against}")


def _show(folder: OpenFolder, as_json: bool) -> None:
    from inspector_app.bootstrap.certifying import thresholds_in_force

    now = thresholds_in_force(folder)
    if as_json:
        print_json(now.record())
        return
    print_text(f"accept below {now.control.accept_below}, reject above {now.control.reject_above}")
    if now.certificate is None or now.standing is None:
        print_text(f"{_SOURCES[now.source.value]}: no certificate says what they let through.")
    elif now.standing.valid:
        print_text(f"Certificate {now.certificate['certificate_id']} stands.")
    else:
        print_text(f"Certificate {now.certificate['certificate_id']} is void. {' '.join(now.standing.reasons)}")


@thresholds.command("preview")
@known_faults_in_one_sentence
def preview(
    accept_below: Annotated[float, typer.Option("--accept-below", min=0.0, max=1.0, help="Candidate.")],
    reject_above: Annotated[float, typer.Option("--reject-above", min=0.0, max=1.0, help="Candidate.")],
    takt: Annotated[float, typer.Option("--takt", min=0.01, help="Seconds from part to part.")] = 6.0,
    canary: Annotated[float, typer.Option("--canary", min=0.0, max=1.0, help="Canary share.")] = 1.0,
    audit: Annotated[float, typer.Option("--audit", min=0.0, max=1.0, help="Audit share.")] = 0.0,
    scores: Scores = None,
    since: Since = None,
    until: Until = None,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Show what thresholds would do, changing nothing: shares, escapes, work left for people."""
    collect_rarely()
    from inspector_app.bootstrap.certifying import from_file, parts_of_log, preview_record, previewed
    from inspector_app.bootstrap.data import open_data

    if scores is not None:
        parts = from_file(scores, None).parts
    else:
        with open_data(data) as folder:
            parts = parts_of_log(folder, _period(since, until))
    shown = previewed(parts, accept_below, reject_above, takt_s=takt, canary_share=canary, audit_share=audit)
    if as_json:
        print_json(preview_record(shown))
        return
    for line in preview_lines(shown):
        print_text(line)


def asked_contract(
    usual: Contract,
    escape: float | None,
    missed: float | None,
    false_reject: float | None,
    confidence: float | None,
) -> Contract:
    """Return the contract that the options ask for; `typer.BadParameter` where one is 0 or 1."""
    try:
        return Contract(
            usual.escape if escape is None else escape,
            usual.missed if missed is None else missed,
            usual.false_reject if false_reject is None else false_reject,
            usual.confidence if confidence is None else confidence,
        )
    except ValueError as error:
        raise typer.BadParameter(f"{error}.") from error


def certificate_lines(record: dict[str, Any]) -> list[str]:
    """Return a certificate as lines for people."""
    parts, contract = record["parts"], record["contract"]
    of = f"{parts['n']} parts with known truth, {parts['bad']} of them defective"
    if parts["unresolved"]:
        of += f", {parts['unresolved']} unresolved and counted against the contract"
    asked = (
        f"Asked: escapes at most {percent(contract['escape'])} of the accepts, at most {percent(contract['missed'])} "
        f"of the defective parts accepted, good parts at most {percent(contract['false_reject'])} of the rejects, "
        f"with {percent(contract['confidence'])} confidence."
    )
    lines = [asked, f"Seen: {of}. Truth: {record['truth']}."]
    lines += [f"Not counted: {n} parts ({why.replace('_', ' ')})." for why, n in parts["left_out"].items()]
    if not record["certified"]:
        return [*lines, "No automation: nothing is certified.", *_lacking(record)]
    lines += [*_side_lines(record), *_lacking(record)]
    coverage = record["coverage"]
    lines.append(
        f"The model would decide {percent(coverage['estimate'])} of the parts ({percent(coverage['low'])} to "
        f"{percent(coverage['high'])}); people the other {percent(record['share_human'])}."
    )
    model = record["model"]
    bound = (
        "The scores are of no named model, so this cannot be put in force (see --for-station)."
        if model is None
        else f"For the model {model['name']} {model['version']} ({model['sha256'][:12]}) and the camera "
        f"{record['camera']['source']} as it is set now."
    )
    return [*lines, bound, f"Certificate {record['certificate_id']}."]


def _side_lines(record: dict[str, Any]) -> list[str]:
    lines = []
    bounds = record["bounds"]
    if record["accept_below"] is not None:
        escape, missed = bounds["escape"], bounds["missed"]
        lines.append(
            f"Accept below {record['accept_below']}: {escape['k']} defective among {escape['n']} accepts, "
            f"{missed['k']} of {missed['n']} defective parts missed."
        )
    if record["reject_above"] is not None:
        false_reject = bounds["false_reject"]
        lines.append(
            f"Reject above {record['reject_above']}: {false_reject['k']} good among {false_reject['n']} rejects."
        )
    return lines


def _lacking(record: dict[str, Any]) -> list[str]:
    lines = []
    for what, key, threshold in (
        ("accept", "needed_to_accept", "accept_below"),
        ("reject", "needed_to_reject", "reject_above"),
    ):
        lacking = record[key]
        if record[threshold] is not None:
            continue
        if lacking is None:
            lines.append(f"The model may not {what}, and more parts like these would not show that it may.")
        else:
            defective = f", {lacking['defective']} of them defective" if lacking["defective"] else ""
            lines.append(f"The model may not {what} yet: at least {lacking['parts']} more parts are needed{defective}.")
    return lines


def preview_lines(shown: Preview) -> list[str]:
    """Return a preview as lines for people."""
    hour = shown.workload
    work = f"{hour.parts:.0f} parts, {hour.for_people:.0f} for people"
    return [
        f"Accepted by the model: {_rate(shown.accepted)}",
        f"Rejected by the model: {_rate(shown.rejected)}",
        f"To people: {_rate(shown.to_human)}",
        f"Defective among the accepts: {_rate(shown.escapes)}",
        f"Defective parts missed: {_rate(shown.missed)}",
        f"Good among the rejects: {_rate(shown.false_rejects)}",
        f"In an hour: {work}, {hour.escapes:.2f} escapes expected (could be {hour.escapes_high:.2f})",
    ]


def _rate(rate: Rate) -> str:
    if rate.estimate is None:
        return "not measurable, there are none"
    return f"{rate.k} of {rate.n}, {percent(rate.estimate)} ({percent(rate.low)} to {percent(rate.high)})"


def _period(since: str | None, until: str | None) -> LogFilter:
    return LogFilter(since=utc_option(since, "--since"), until=utc_option(until, "--until"))
