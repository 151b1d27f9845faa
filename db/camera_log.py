"""Camera configurations: append-only, each change a link of the station's audit chain."""

from __future__ import annotations

import json

from sqlalchemy import func, insert, select

from db.audit_chain import AuditChain
from db.mapping import Read, canonical_json, from_us, printable, to_us
from db.schema import RecordKind, camera_changes
from inspector_app.domain.errors import ControlRefused
from inspector_app.optics.setup import CameraChange, CameraSetup, setup_from, setup_record


class SqlCameraLog:
    """The camera configurations of one station.

    Parameters
    ----------
    chain : AuditChain
        Gives the transactions.
    """

    def __init__(self, chain: AuditChain) -> None:
        self._chain = chain

    def current(self, source: str) -> CameraSetup | None:
        """Return the newest configuration of a source, ``None`` if it was never set up."""
        changes = self.changes(source, newest=1)
        return changes[-1].after if changes else None

    def append(self, change: CameraChange) -> None:
        """Commit a change.

        Raises
        ------
        ControlRefused
            If somebody else has changed the configuration since ``change.before``.
        """
        source, mine = printable(change.after.source), self._chain.station_id
        newest = (camera_changes.c.station_id == mine) & (camera_changes.c.source == source)
        number = select(func.max(camera_changes.c.version)).where(newest)
        with self._chain.appending() as append:
            version = int(append.connection.execute(number).scalar() or 0)
            standing = select(camera_changes.c.sha256).where(newest, camera_changes.c.version == version)
            before = None if change.before is None else change.before.sha256
            if append.connection.execute(standing).scalar() != before:
                raise ControlRefused(
                    "The camera was set up by somebody else meanwhile; look again before you change it."
                )
            row = append.place | {
                "version": version + 1,
                "source": source,
                "by": printable(change.by),
                "because": printable(change.because),
                "at_us": to_us(change.at),
                "sha256": change.after.sha256,
                "before_sha256": before,
                "record": canonical_json(setup_record(change.after)),
                "signed": True if change.signed else None,
            }
            append.connection.execute(insert(camera_changes), row)
            append.seal(RecordKind.CAMERA, f"{source} {version + 1}", row)

    def changes(self, source: str, newest: int | None = None) -> tuple[CameraChange, ...]:
        """Return the changes of a source, oldest first; only the newest so many if that is given."""
        mine = (camera_changes.c.station_id == self._chain.station_id, camera_changes.c.source == printable(source))
        query = select(camera_changes).where(*mine).order_by(camera_changes.c.version.desc())
        if newest is not None:
            query = query.limit(newest + 1)
        with self._chain.database.reading() as connection:
            rows = connection.execute(query).mappings().all()
        setups = [setup_from(json.loads(row["record"])) for row in rows]
        befores = [*setups[1:], None][: len(setups)]
        found = [_change(row, before, after) for row, before, after in zip(rows, befores, setups, strict=True)]
        return tuple(reversed(found[:newest]))


def _change(row: Read, before: CameraSetup | None, after: CameraSetup) -> CameraChange:
    return CameraChange(row["by"], row["because"], from_us(row["at_us"]), before, after, bool(row["signed"]))
