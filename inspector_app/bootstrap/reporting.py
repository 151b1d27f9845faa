"""What is read from the log: agreement reports and verification."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from db.findings import VerifyReport
from inspector_app.agreement.as_csv import csv_text
from inspector_app.agreement.as_json import to_json
from inspector_app.agreement.report import AgreementReport, ReportHeader, agreement_report
from inspector_app.automation.replay import replay_differences
from inspector_app.bootstrap.data import DataFolder
from inspector_app.bootstrap.settled import utc_now
from inspector_app.domain.errors import LogProblem, LogUnavailable
from inspector_app.domain.logquery import LogFilter

OnProgress = Callable[[int, int], None]

REPORT_FORMATS: Final = ("json", "csv")
FINDINGS_SHOWN: Final = 100


def agreement_content(folder: DataFolder, which: LogFilter) -> AgreementReport:
    """Return the agreement report of the chosen parts."""
    head = folder.log.head()
    header = ReportHeader(
        generated_at=utc_now(),
        program_version=version("inspection-station"),
        which=which,
        facts=(
            ("station", folder.settings.station.id),
            ("audit chain length", str(head.seq)),
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
        "json": lambda: json.dumps(to_json(report), ensure_ascii=False, allow_nan=False, indent=2) + "\n",
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


@dataclass(frozen=True, slots=True)
class Verification:
    """Whether the log is what was written, and every decision follows from its record.

    Attributes
    ----------
    log : VerifyReport
        Audit chain, projections and pictures.
    replayed : int
        Decisions that were computed again.
    differing : tuple of str
        One sentence for each decision that came out differently; at most `FINDINGS_SHOWN`.
    differing_count : int
        How many there are in all.
    complete : bool
        False if it was stopped before everything was checked.
    """

    log: VerifyReport
    replayed: int
    differing: tuple[str, ...]
    differing_count: int
    complete: bool

    @property
    def good(self) -> bool:
        """True if everything was checked and nothing is wrong."""
        return self.complete and self.log.intact and not self.differing_count

    def record(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "good": self.good,
            "complete": self.complete,
            "links": self.log.links,
            "parts": self.log.parts,
            "pictures": self.log.pictures,
            "chain_heads": [
                {"station": head.station_id, "links": head.seq, "digest": head.digest} for head in self.log.heads
            ],
            "findings": [
                {
                    "trouble": finding.trouble.value,
                    "station": finding.station_id,
                    "link": finding.seq,
                    "subject": finding.subject,
                    "sentence": finding.sentence,
                }
                for finding in self.log.findings
            ],
            "findings_count": self.log.found,
            "decisions_replayed": self.replayed,
            "decisions_differing": list(self.differing),
            "decisions_differing_count": self.differing_count,
        }

    def lines(self) -> tuple[str, ...]:
        """Return the result as lines for people."""
        checked = (
            f"{self.log.links} links of the audit chain, {self.log.parts} parts, {self.log.pictures} pictures, "
            f"{self.replayed} decisions replayed"
        )
        found = tuple(finding.sentence for finding in self.log.findings)
        return checked, *found, *self.differing, self._verdict()

    def _verdict(self) -> str:
        if self.good:
            return "Everything is as it was written."
        wrong = self.log.found + self.differing_count
        named = f"{wrong} things are wrong; the first are named above." if wrong else ""
        stopped = "" if self.complete else "Stopped before everything was checked."
        return f"{named} {stopped}".strip()


def verify_folder(folder: DataFolder, on_progress: OnProgress, cancelled: Callable[[], bool]) -> Verification:
    """Check audit chain, projections, pictures, and replay every decision."""
    result = folder.log.verify(on_progress=on_progress, cancelled=cancelled)
    replayed, count = 0, 0
    differing: list[str] = []
    complete = result.complete
    for entry in folder.log.reader.entries(LogFilter()):
        if cancelled():
            complete = False
            break
        differences = replay_differences(entry.inspection)
        replayed += 1
        count += bool(differences)
        if differences and len(differing) < FINDINGS_SHOWN:
            shown = "; ".join(str(difference) for difference in differences)
            differing.append(f"The decision on part {entry.inspection.part_id} does not replay: {shown}.")
    return Verification(result, replayed, tuple(differing), count, complete)
