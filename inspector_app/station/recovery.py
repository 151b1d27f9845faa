"""What an earlier run left behind: pictures under way, parts that wait, parts that the line may not have heard of."""

from __future__ import annotations

from dataclasses import dataclass

from inspector_app.domain.inspection import LogEntry, PictureState, StoredPicture
from inspector_app.domain.ports import InspectionLog, PictureStore
from inspector_app.station.settling import unsettled

_NAMED = 5


@dataclass(frozen=True, slots=True)
class RecoveryReport:
    """What was found when the station opened.

    Attributes
    ----------
    pictures_recovered, pictures_lost : tuple of str
        ``pixels_sha256`` of the pictures that were under way: found complete on disk, or lost.
    waiting : tuple of str
        Part ids that wait for an inspector again.
    untold : tuple of str
        Part ids that were accepted or rejected but of which the line is not known to have heard. They are not told
        again, because the line might take the message for another part; they are reported at every start until
        somebody has looked after them (`inspector_app.station.settling`).
    """

    pictures_recovered: tuple[str, ...]
    pictures_lost: tuple[str, ...]
    waiting: tuple[str, ...]
    untold: tuple[str, ...]

    @property
    def clean(self) -> bool:
        """True if the earlier run left nothing behind."""
        return not (self.pictures_recovered or self.pictures_lost or self.waiting or self.untold)

    @property
    def sentence(self) -> str:
        """One sentence for the operator."""
        if self.clean:
            return "The log is complete: nothing was left over from the last run."
        found = [
            _clause(len(self.waiting), "part waits for an inspector", "parts wait for an inspector"),
            _clause(len(self.pictures_recovered), "picture was recovered", "pictures were recovered"),
            _clause(len(self.pictures_lost), "picture was lost in the crash", "pictures were lost in the crash"),
            _clause(len(self.untold), "part may be unknown to the line", "parts may be unknown to the line")
            + _names(self.untold),
        ]
        way_out = "; look after them, then: inspector-app line settle" if self.untold else ""
        return f"Found from the last run: {', '.join(clause for clause in found if clause)}{way_out}."


def recover(log: InspectionLog, store: PictureStore) -> tuple[RecoveryReport, tuple[LogEntry, ...]]:
    """Bring log and pictures into agreement and return what was found, with the parts that wait, oldest first.

    Safe to repeat if it was interrupted.

    Raises
    ------
    LogUnavailable
        If log or picture folder cannot be used.
    """
    recovered: list[str] = []
    lost: list[str] = []
    for pixels_sha256 in log.pending_pictures():
        picture = store.recover(pixels_sha256)
        (lost if picture is None else recovered).append(pixels_sha256)
        gone = StoredPicture(PictureState.LOST, detail="The station ended before the picture was on disk.")
        log.record_picture(pixels_sha256, picture or gone)
    waiting = log.waiting()
    untold = tuple(entry.inspection.part_id for entry in unsettled(log))
    names = tuple(entry.inspection.part_id for entry in waiting)
    return RecoveryReport(tuple(recovered), tuple(lost), names, untold), waiting


def _clause(count: int, one: str, many: str) -> str:
    return "" if count == 0 else f"{count} {one if count == 1 else many}"


def _names(parts: tuple[str, ...]) -> str:
    if not parts:
        return ""
    more = f" and {len(parts) - _NAMED} more" if len(parts) > _NAMED else ""
    return f" ({', '.join(parts[:_NAMED])}{more})"
