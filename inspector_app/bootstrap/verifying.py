"""Whether the log is what was written, and whether every decision follows from its record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from db.findings import VerifyReport
from inspector_app.automation.replay import replay_differences
from inspector_app.bootstrap.data import DataFolder
from inspector_app.domain.logquery import LogFilter

OnProgress = Callable[[int, int], None]

FINDINGS_SHOWN: Final = 100


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
