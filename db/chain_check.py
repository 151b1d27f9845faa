"""Walk the audit chain, digest every record again and compare: links and records belong to one another one to one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Select, Table, func, select, union

from db.audit_chain import GENESIS, ChainHead, link_digest, payload_sha256
from db.engine import Database
from db.findings import PAGE, Trouble, Watch
from db.mapping import Read, Row
from db.schema import (
    PROJECTIONS,
    RecordKind,
    camera_changes,
    certificates,
    chain_heads,
    chain_links,
    comparisons,
    control_changes,
    imported_files,
    incidents,
    inspections,
    line_messages,
    models,
    picture_records,
    pins,
    retractions,
    signatures,
    studies,
    study_answers,
    verdicts,
)

_TABLES = {
    RecordKind.INSPECTION: inspections,
    RecordKind.VERDICT: verdicts,
    RecordKind.RETRACTION: retractions,
    RecordKind.LINE_TOLD: line_messages,
    RecordKind.CONTROL: control_changes,
    RecordKind.PICTURE: picture_records,
    RecordKind.INCIDENT: incidents,
    RecordKind.STUDY: studies,
    RecordKind.STUDY_ANSWER: study_answers,
    RecordKind.COMPARISON: comparisons,
    RecordKind.PIN: pins,
    RecordKind.SIGNATURE: signatures,
    RecordKind.CERTIFICATE: certificates,
    RecordKind.CAMERA: camera_changes,
    RecordKind.IMPORT: imported_files,
}
_MODEL = ("name", "version", "sha256", "preprocessing_sha256")


def chain_ends(database: Database) -> tuple[ChainHead, ...]:
    """Return the newest link of every station that has left anything in the log."""
    stations = union(*(select(table.c.station_id) for table in (chain_heads, chain_links, *_TABLES.values())))
    with database.reading() as connection:
        heads = {row.station_id: (row.seq, row.digest) for row in connection.execute(select(chain_heads))}
        names = sorted(connection.execute(stations).scalars())
    return tuple(ChainHead(name, *heads.get(name, (0, GENESIS))) for name in names)


def verify_chain(database: Database, head: ChainHead, anchors: Sequence[ChainHead], watch: Watch) -> int:
    """Walk one station's chain up to its head; returns the number of links.

    Parameters
    ----------
    anchors : sequence of ChainHead
        Heads kept outside the database: each must still be a link of the chain.
    """
    streams = {kind: _Records(database, kind, head) for kind in _TABLES}
    expected = {anchor.seq: anchor.digest for anchor in anchors if anchor.station_id == head.station_id}
    previous, count = ChainHead(head.station_id, 0, GENESIS), 0
    for link in _paged(database, select(chain_links), chain_links.c.seq, _up_to(chain_links, head)):
        _check_link(link, previous, watch)
        _check_anchor(link, expected.pop(link["seq"], None), watch)
        _check_record(link, streams, watch)
        previous = ChainHead(head.station_id, link["seq"], link["digest"])
        count += 1
        watch.advance()
    _check_end(database, head, previous, streams, watch)
    for seq in expected:
        sentence = f"Link {seq} of {head.station_id}, known from outside, is no longer in the chain."
        watch.report(Trouble.CHAIN_BROKEN, head.station_id, seq, "anchor", sentence)
    return count


class _Records:
    """One kind's records of one station, in the order of the chain."""

    def __init__(self, database: Database, kind: RecordKind, head: ChainHead) -> None:
        table = _TABLES[kind]
        self._rows = _paged(database, _query(table), table.c.number, _up_to(table, head))
        self._ahead: Row | None = next(self._rows, None)

    def before(self, seq: int | None) -> Iterator[Row]:
        """Take the rows that come before a link but belong to none; all that are left for ``None``."""
        while self._ahead is not None and (seq is None or self._ahead["seq"] < seq):
            yield self._take()

    def at(self, seq: int) -> list[Row]:
        """Take the rows of a link."""
        rows = []
        while self._ahead is not None and self._ahead["seq"] == seq:
            rows.append(self._take())
        return rows

    def _take(self) -> Row:
        row, self._ahead = self._ahead, next(self._rows, None)
        return row or {}


def _query(table: Table) -> Select[Any]:
    """Return the query for a table's records: what was digested, and the model in place of its row number."""
    fixed = [column for column in table.c if column.name not in PROJECTIONS.get(table.name, ())]
    if table not in {inspections, comparisons}:
        return select(*fixed)
    named = (models.c[name].label(f"model_{name}") for name in _MODEL)
    joined = table.outerjoin(models, models.c.model_id == table.c.model_id)
    return select(*fixed, *named).select_from(joined)


def _up_to(table: Table, head: ChainHead) -> tuple[Any, ...]:
    return (table.c.station_id == head.station_id, table.c.seq <= head.seq)


def _paged(database: Database, query: Select[Any], key: Any, clauses: tuple[Any, ...]) -> Iterator[Row]:
    """Yield rows in the order of a unique key, a page at a time, each in a transaction of its own."""
    after = None
    while True:
        page = query.where(*clauses).order_by(key).limit(PAGE)
        if after is not None:
            page = page.where(key > after)
        with database.reading() as connection:
            rows = [dict(row) for row in connection.execute(page).mappings()]
        yield from rows
        if len(rows) < PAGE:
            return
        after = rows[-1][key.name]


def _payload(rows: dict[RecordKind, list[Row]]) -> list[Row]:
    """Return the rows of one link as they were digested: the record, its model, what the line was told."""
    payload: list[Row] = []
    for found in rows.values():
        for row in found:
            names = row.keys() - {"number"} - {f"model_{name}" for name in _MODEL}
            payload.append({name: row[name] for name in names})
            if row.get("model_name") is not None:
                payload.append({name: row[f"model_{name}"] for name in _MODEL})
    return payload


def _check_link(link: Read, previous: ChainHead, watch: Watch) -> None:
    seq, station, subject = link["seq"], link["station_id"], f"{link['kind']} {link['subject']}"
    if seq != previous.seq + 1:
        sentence = f"Links {previous.seq + 1} to {seq - 1} of {station} were removed from the audit chain."
        watch.report(Trouble.REMOVED, station, previous.seq + 1, "link", sentence)
    elif link["previous"] != previous.digest:
        sentence = f"Link {seq} of {station} ({subject}) does not follow the link before it."
        watch.report(Trouble.CHAIN_BROKEN, station, seq, subject, sentence)
    if link["digest"] != link_digest(link):
        sentence = f"Link {seq} of {station} ({subject}) was changed."
        watch.report(Trouble.CHAIN_BROKEN, station, seq, subject, sentence)


def _check_anchor(link: Read, digest: str | None, watch: Watch) -> None:
    if digest is not None and digest != link["digest"]:
        sentence = f"Link {link['seq']} of {link['station_id']} is not the one known from outside."
        watch.report(Trouble.CHAIN_BROKEN, link["station_id"], link["seq"], "anchor", sentence)


def _check_record(link: Read, streams: dict[RecordKind, _Records], watch: Watch) -> None:
    """Check that a link has exactly the record that it was made for."""
    seq, station = link["seq"], link["station_id"]
    if link["kind"] not in tuple(RecordKind):
        sentence = f"Link {seq} of {station} stands for {link['kind']!r}, a kind of record that there is not."
        watch.report(Trouble.CHAIN_BROKEN, station, seq, "link", sentence)
        return
    kind = RecordKind(link["kind"])
    told_with = {kind, RecordKind.LINE_TOLD} if kind is RecordKind.INSPECTION else {kind}
    rows: dict[RecordKind, list[Row]] = {}
    for other, stream in streams.items():
        _report_strays(other, stream.before(seq), watch)
        found = stream.at(seq)
        if other in told_with:
            rows[other] = found
        else:
            _report_strays(other, iter(found), watch)
    subject = f"{kind} {link['subject']}"
    if not rows[kind]:
        sentence = f"The {subject} of {station} (link {seq}) was removed from the log."
        watch.report(Trouble.REMOVED, station, seq, subject, sentence)
    elif _digest(rows) != link["payload_sha256"]:
        sentence = f"The {subject} of {station} (link {seq}) was changed after it was recorded."
        watch.report(Trouble.CHANGED, station, seq, subject, sentence)


def _digest(rows: dict[RecordKind, list[Row]]) -> str | None:
    try:
        return payload_sha256(tuple(_payload(rows)))
    except (TypeError, ValueError):  # bytes or a number that no JSON has: nothing that this program wrote
        return None


def _report_strays(kind: RecordKind, rows: Iterator[Row], watch: Watch) -> None:
    for row in rows:
        names = ("verdict_id", "inspection_id", "study_id", "pixels_sha256", "version", "sha256", "number")
        subject = f"{kind} {next(row[name] for name in names if name in row)}"
        sentence = f"The {subject} of {row['station_id']} was added past the audit chain (it claims link {row['seq']})."
        watch.report(Trouble.ADDED, row["station_id"], row["seq"], subject, sentence)


def _check_end(
    database: Database, head: ChainHead, last: ChainHead, streams: dict[RecordKind, _Records], watch: Watch
) -> None:
    """Check that the chain ends where its head says and that nothing lies beyond."""
    station = head.station_id
    if last != head:
        sentence = f"The audit chain of {station} ends at link {last.seq}, but was written up to link {head.seq}."
        watch.report(Trouble.REMOVED, station, head.seq, "head", sentence)
    for kind, stream in streams.items():
        _report_strays(kind, stream.before(None), watch)
    now = select(chain_heads.c.seq).where(chain_heads.c.station_id == station)
    with database.reading() as connection:
        end = connection.execute(now).scalar() or 0
        for table in (*_TABLES.values(), chain_links):
            beyond = select(func.count()).where(table.c.station_id == station, table.c.seq > end)
            if count := connection.execute(beyond.select_from(table)).scalar_one():
                sentence = f"{count} rows of {table.name} of {station} lie beyond the end of the audit chain."
                watch.report(Trouble.ADDED, station, None, table.name, sentence)
