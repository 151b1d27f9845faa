"""The supervisor's commands: append-only control states of one station."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, func, insert, select

from db import mapping
from db.audit_chain import AuditChain
from db.loading import ControlStates
from db.prepared import Prepared
from db.schema import RecordKind, control_changes
from inspector_app.domain.control import ControlChange, ControlState
from inspector_app.domain.errors import ControlRefused

_NEWEST = select(func.max(control_changes.c.version)).where(control_changes.c.station_id == bindparam("station"))
_ALL = (
    select(control_changes)
    .where(control_changes.c.station_id == bindparam("station"))
    .order_by(control_changes.c.version)
)


class SqlControlLog:
    """`inspector_app.domain.ports.ControlLog` on a database; each station has its own states.

    Parameters
    ----------
    chain : AuditChain
        Gives the transactions; every change becomes a link of it.
    states : ControlStates
        The control states known so far, shared with the other parts of the log.
    """

    def __init__(self, chain: AuditChain, states: ControlStates) -> None:
        self._chain = chain
        self._states = states
        self._newest_version = Prepared(_NEWEST, chain.database.engine.dialect)

    def current(self) -> ControlState | None:
        """Return the newest state, ``None`` before the first.

        Looks up one index entry, so it may be called for every part, and sees what other programs have changed.
        """
        with self._chain.database.reading() as connection:
            return self._newest(connection)

    def append(self, change: ControlChange) -> None:
        """Commit a change.

        Raises
        ------
        ControlRefused
            If the state is no longer ``change.before``.
        ValueError
            If ``change.after`` is not the next version: a bug.
        """
        with self._chain.appending() as append:
            newest = self._newest(append.connection)
            if newest != change.before:
                raise ControlRefused(_sentence(newest))
            expected = 1 if newest is None else newest.version + 1
            if change.after.version != expected:
                raise ValueError(f"the next control state is version {expected}, not {change.after.version}")
            row = append.place | mapping.control_row(change)
            append.connection.execute(insert(control_changes), row)
            append.seal(RecordKind.CONTROL, str(expected), row)

    def changes(self) -> tuple[ControlChange, ...]:
        """Return all changes, oldest first."""
        with self._chain.database.reading() as connection:
            rows = connection.execute(_ALL, {"station": self._chain.station_id}).mappings().all()
        changes: list[ControlChange] = []
        before: ControlState | None = None
        for row in rows:
            changes.append(mapping.control_change(row, before, mapping.control_state(row)))
            before = changes[-1].after
        return tuple(changes)

    def _newest(self, connection: Connection) -> ControlState | None:
        row = self._newest_version.first(connection, station=self._chain.station_id)
        version = None if row is None else row[0]
        return None if version is None else self._states.get(connection, self._chain.station_id, version)


def _sentence(newest: ControlState | None) -> str:
    if newest is None:
        return "The log has no control state yet, so there is none to change."
    return f"Somebody else has changed the control state meanwhile (it is version {newest.version} now); look again."
