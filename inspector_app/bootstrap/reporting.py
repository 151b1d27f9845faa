"""What is read from the log: agreement reports and verification."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from db.verify import ChainFindings, PictureFindings, verify_chain, verify_pictures
from inspector_app.agreement.as_csv import csv_text
from inspector_app.agreement.as_json import to_json
from inspector_app.agreement.report import AgreementReport, ReportHeader, agreement_report
from inspector_app.automation.replay import replay_differences
from inspector_app.bootstrap.data import DataFolder, utc_now
from inspector_app.domain.errors import LogProblem, LogUnavailable
from inspector_app.domain.logquery import LogFilter

OnProgress = Callable[[int, int], None]

REPORT_FORMATS: Final = ("json", "csv")


def agreement_content(folder: DataFolder, which: LogFilter) -> AgreementReport:
    """Return the agreement report of the chosen parts."""
    head = folder.log.head()
    header = ReportHeader(
        generated_at=utc_now(),
        program_version=version("inspection-station"),
        which=which,
        facts=(
            ("station", folder.settings.station.id),
            ("audit chain length", str(head.length)),
            ("audit chain head", head.digest),
        ),
    )
    reader = folder.log.reader
    return agreement_report(reader.verdict_counts(which), reader.part_counts(which), header)


def agreement_json(report: AgreementReport) -> dict[str, Any]:
    """Return a report as plain JSON values."""
    return to_json(report)


def write_agreement(report: AgreementReport, out: Path, formats: Sequence[str]) -> tuple[Path, ...]:
    """Write ``agreement.json`` and ``agreement.csv`` and return their paths.

    Raises
    ------
    LogUnavailable
        If the folder cannot be written.
    """
    texts = {
        "json": lambda: json.dumps(to_json(report), ensure_ascii=False, indent=2) + "\n",
        "csv": lambda: csv_text(report),
    }
    paths = tuple(out / f"agreement.{kind}" for kind in formats)
    try:
        out.mkdir(parents=True, exist_ok=True)
        for kind, path in zip(formats, paths, strict=True):
            path.write_text(texts[kind](), encoding="utf-8", newline="")
    except OSError as error:
        raise LogUnavailable(
            LogProblem.READ_ONLY, f"The report cannot be written to {out}: {error.strerror}."
        ) from error
    return paths
