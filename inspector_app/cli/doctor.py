"""Examines the station before parts depend on it."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from inspector_app.cli.output import (
    AsJson,
    DataFolder,
    known_faults_in_one_sentence,
    print_json,
    print_text,
    say,
    stop_signals,
)
from inspector_app.domain.commissioning import Check, Finding, Grade, ready

_WIDTH = max(len(grade) for grade in Grade) + 2


@known_faults_in_one_sentence
def doctor(
    only: Annotated[
        list[Check] | None, typer.Option("--only", help="One check; may be given several times. Else all.")
    ] = None,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Check settings, disk, clock, log, camera, model and line, and say in plain words what to mend.

    Takes no part and tells the line nothing; outputs of a remote I/O module are switched off, as at every start.
    """
    from inspector_app.bootstrap.doctor import examine

    findings: list[Finding] = []
    with stop_signals() as stop_asked:
        for finding in examine(data, only or tuple(Check), cancelled=stop_asked.is_set):
            findings.append(finding)
            if not as_json:
                _print(finding)
        stopped = stop_asked.is_set()
    whole = tuple(findings)
    if as_json:
        print_json({"ready": ready(whole) and not stopped, "findings": [_record(each) for each in whole]}, indent=2)
    if stopped:
        say("Stopped by the operator; what was not printed was not checked.")
        raise typer.Exit(130)
    bad = sum(finding.grade is Grade.BAD for finding in whole)
    if bad:
        say(f"{bad} of {len(whole)} checks found what keeps the station from working.")
        raise typer.Exit(1)


def _print(finding: Finding) -> None:
    print_text(f"{finding.grade.value:<{_WIDTH}}{finding.check.value:<10}{finding.sentence}")
    if finding.remedy and finding.grade is not Grade.GOOD:
        print_text(f"{'':<{_WIDTH + 10}}→ {finding.remedy}")


def _record(finding: Finding) -> dict[str, Any]:
    return {
        "check": finding.check.value,
        "grade": finding.grade.value,
        "sentence": finding.sentence,
        "remedy": finding.remedy or None,
        "figures": {each.name: {"value": each.value, "unit": each.unit} for each in finding.figures},
    }
