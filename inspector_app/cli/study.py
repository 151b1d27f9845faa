"""QA's attribute study (AIAG, Measurement Systems Analysis)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from inspector_app.agreement.study.choices import IntervalChoice, Positive
from inspector_app.cli.output import AsJson, known_faults_in_one_sentence, print_json, print_text, progress_bar


@known_faults_in_one_sentence
def study(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE.csv", help="Columns part, appraiser, trial, decision; reference and size if known."
        ),
    ],
    interval: Annotated[
        IntervalChoice, typer.Option("--interval", help="Interval of the proportions; minitab: one-sided at 0 and all.")
    ] = IntervalChoice.CLOPPER_PEARSON,
    confidence: Annotated[float, typer.Option("--confidence", min=0.5, max=0.999, help="Confidence level.")] = 0.95,
    positive: Annotated[
        Positive | None,
        typer.Option("--positive", help="What a 1 stands for, which level tables list first; AIAG: good."),
    ] = None,
    draws: Annotated[int, typer.Option("--draws", min=200, max=100_000, help="Draws of the part bootstrap.")] = 2000,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of the part bootstrap.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Analyse an attribute study: effectiveness, misses, false alarms, kappa, bands judged on the interval.

    Every appraiser (a model may be one) judges every part in every trial. Decisions are accept or reject (good, bad,
    pass, fail …), or 0 and 1 with --positive.
    """
    from inspector_app.agreement.study.analysis import Wanted
    from inspector_app.agreement.study.as_json import study_record
    from inspector_app.agreement.study.as_text import study_lines
    from inspector_app.bootstrap.studying import study_file

    with progress_bar() as bar:
        task = bar.add_task("Study", total=None)
        result = study_file(
            file,
            Wanted(confidence, draws, seed),
            positive,
            lambda done, steps: bar.update(task, completed=done, total=steps),
        )
    if as_json:
        print_json(study_record(result, interval, positive or Positive.BAD))
        return
    for line in study_lines(result, interval):
        print_text(line)
