"""The audit chain: every record is a link, and each link's digest covers the one before it.

There is one chain per station, and it is linear. A transaction that appends first takes the station's row of
``chain_heads`` (on SQLite the write lock of the file, on PostgreSQL ``SELECT … FOR UPDATE``), so two programs that
write for one station (the station itself and a supervisor's command) queue up, while stations that share a
PostgreSQL never wait for one another. The link and its record are committed together or not at all.

Whoever can rewrite the whole database can also rewrite the whole chain: keep a digest from `AuditChain.head` outside
(every report prints it) and `db.verification` will say whether that link is still there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Dialect, bindparam, insert, select, update

from db.engine import Database
from db.faults import RecordRefused
from db.mapping import Read, Row, canonical_json, to_us
from db.prepared import Prepared
from db.schema import RecordKind, chain_heads, chain_links
from inspector_app.domain.ports import Clock

GENESIS = "0" * 64
"""What the first link of a chain names as the digest before it."""

_HEAD = (
    select(chain_heads.c.seq, chain_heads.c.digest)
    .where(chain_heads.c.station_id == bindparam("station"))
    .with_for_update()
)
_READ_HEAD = select(chain_heads.c.seq, chain_heads.c.digest).where(chain_heads.c.station_id == bindparam("station"))
_MOVE_HEAD = (
    update(chain_heads)
    .where(chain_heads.c.station_id == bindparam("station"))
    .values(seq=bindparam("new_seq"), digest=bindparam("new_digest"))
)


@dataclass(frozen=True, slots=True)
class ChainHead:
    """The newest link of a station's chain; ``seq`` 0 before the first."""

    station_id: str
    seq: int
    digest: str


def payload_sha256(rows: tuple[Read, ...]) -> str:
    """Return the SHA-256 (64 hex digits) of a record's rows in canonical JSON; columns that are null are left out."""
    solid = [{name: value for name, value in row.items() if value is not None} for row in rows]
    return hashlib.sha256(canonical_json(solid).encode()).hexdigest()


def link_digest(link: Read) -> str:
    """Return the digest of a link: SHA-256 over all its other columns, the previous digest among them."""
    names = ("station_id", "seq", "at_us", "kind", "subject", "payload_sha256", "previous")
    return hashlib.sha256(canonical_json([link[name] for name in names]).encode()).hexdigest()


class _Statements:
    """The chain's part of every transaction, compiled for one database."""

    def __init__(self, dialect: Dialect) -> None:
        self.head = Prepared(_HEAD, dialect)
        self.add_link = Prepared(insert(chain_links).inline(), dialect, chain_links.c.keys())
        self.move_head = Prepared(_MOVE_HEAD, dialect)


class Append:
    """One open transaction that adds one record and its link.

    Attributes
    ----------
    connection : Connection
        For the record's rows.
    place : dict
        ``station_id`` and ``seq``, to go into each of the record's rows.
    """

    def __init__(self, connection: Connection, head: ChainHead, at_us: int, statements: _Statements) -> None:
        self.connection = connection
        self.place: Row = {"station_id": head.station_id, "seq": head.seq + 1}
        self.sealed = False
        self._head = head
        self._at_us = at_us
        self._statements = statements

    def seal(self, kind: RecordKind, subject: str, *rows: Read) -> None:
        """Add the link for what has been written: ``rows`` as they went in, projections left out."""
        link: dict[str, Any] = {
            **self.place,
            "at_us": self._at_us,
            "kind": kind.value,
            "subject": subject,
            "payload_sha256": payload_sha256(rows),
            "previous": self._head.digest,
        }
        link["digest"] = link_digest(link)
        self._statements.add_link.run(self.connection, link)
        moved = {"station": link["station_id"], "new_seq": link["seq"], "new_digest": link["digest"]}
        self._statements.move_head.run(self.connection, moved)
        self.sealed = True


class AuditChain:
    """The writing end of one station's chain.

    Parameters
    ----------
    database : Database
        Where the log is.
    station_id : str
        Whose chain; goes into every record.
    clock : Clock
        Says when a link was added.
    """

    def __init__(self, database: Database, station_id: str, clock: Clock) -> None:
        self.database = database
        self.station_id = station_id
        self._clock = clock
        self._statements = _Statements(database.engine.dialect)

    def begin(self) -> None:
        """Make the chain's first head if the station is new to this log; does not write otherwise."""
        with self.database.reading() as connection:
            if connection.execute(_READ_HEAD, {"station": self.station_id}).first() is not None:
                return
        with self.database.writing() as connection:
            if connection.execute(_READ_HEAD, {"station": self.station_id}).first() is None:
                connection.execute(insert(chain_heads), {"station_id": self.station_id, "seq": 0, "digest": GENESIS})

    def head(self) -> ChainHead:
        """Return the newest link."""
        with self.database.reading() as connection:
            for seq, digest in connection.execute(_READ_HEAD, {"station": self.station_id}):
                return ChainHead(self.station_id, seq, digest)
        return ChainHead(self.station_id, 0, GENESIS)

    @contextmanager
    def appending(self) -> Iterator[Append]:
        """Open a transaction for one record; it commits with its link, or nothing of it is written."""
        with self.database.writing() as connection:
            row = self._statements.head.first(connection, station=self.station_id)
            if row is None:
                raise RecordRefused(f"station {self.station_id!r} has not begun its chain in this log")
            head = ChainHead(self.station_id, row[0], row[1])
            append = Append(connection, head, to_us(self._clock()), self._statements)
            yield append
            if not append.sealed:
                raise RecordRefused("a record was written without its link in the audit chain")
