"""Check that what counts now follows from the records: projections are computed again and compared."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from sqlalchemy import Connection, Table, and_, func, select, tuple_

from db.engine import Database
from db.findings import Trouble, Watch
from db.mapping import Read, Row
from db.projections import current_part
from db.schema import PROJECTIONS, inspections, line_messages, picture_records, pictures, retractions, verdicts
from inspector_app.domain.inspection import PictureState

_AT_ONCE = 500
"""Parts or pictures compared at once: also the length of the IN lists."""


def verify_parts(database: Database, watch: Watch) -> int:
    """Check the projections of all parts and their verdicts; returns the number of parts."""
    count, after = 0, 0
    while True:
        with database.reading() as connection:
            query = select(inspections).where(inspections.c.number > after).order_by(inspections.c.number)
            parts = connection.execute(query.limit(_AT_ONCE)).mappings().all()
            ids = [part["inspection_id"] for part in parts]
            spoken = _by_part(connection, verdicts, ids, (verdicts.c.turn,))
            undone = _by_part(connection, retractions, ids, (retractions.c.turn,))
            heard = _by_part(connection, line_messages, ids, (line_messages.c.seq, line_messages.c.number))
        for part in parts:
            of = part["inspection_id"]
            _check_part(part, spoken[of], undone[of], heard[of], watch)
        count += len(parts)
        watch.advance(len(parts))
        if len(parts) < _AT_ONCE:
            return count
        after = parts[-1]["number"]


def _by_part(connection: Connection, table: Table, ids: list[str], order: Iterable[object]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    query = select(table).where(table.c.inspection_id.in_(ids)).order_by(*order)  # type: ignore[arg-type]
    for row in connection.execute(query).mappings():
        found[row["inspection_id"]].append(dict(row))
    return found


def _check_part(part: Read, spoken: list[Row], undone: list[Row], heard: list[Row], watch: Watch) -> None:
    station, of = part["station_id"], f"inspection {part['inspection_id']}"
    expected = current_part(part, spoken, undone, heard)
    wrong = [name for name in PROJECTIONS["inspections"] if part[name] != expected[name]]
    if wrong:
        sentence = f"{', '.join(wrong)} of {of} of {station} do not follow from its records."
        watch.report(Trouble.NOT_UP_TO_DATE, station, part["seq"], of, sentence)
    retracted = {row["verdict_id"] for row in undone}
    for row in spoken:
        if row["retracted"] != (row["verdict_id"] in retracted):
            sentence = f"Verdict {row['verdict_id']} of {station} is marked as undone wrongly."
            watch.report(Trouble.NOT_UP_TO_DATE, station, row["seq"], f"verdict {row['verdict_id']}", sentence)


def verify_picture_states(database: Database, watch: Watch) -> None:
    """Check that every picture is where its newest record says, and that none is missing."""
    key = (pictures.c.station_id, pictures.c.pixels_sha256)
    query = select(pictures).order_by(*key).limit(_AT_ONCE)
    page = query
    while True:
        with database.reading() as connection:
            rows = connection.execute(page).mappings().all()
            newest = _newest_records(connection, [row["pixels_sha256"] for row in rows])
        for row in rows:
            _check_picture(row, newest.get((row["station_id"], row["pixels_sha256"])), watch)
        if len(rows) < _AT_ONCE:
            break
        page = query.where(tuple_(*key) > (rows[-1]["station_id"], rows[-1]["pixels_sha256"]))
    _check_none_missing(database, watch)


def _newest_records(connection: Connection, digests: list[str]) -> dict[tuple[str, str], Row]:
    query = select(picture_records).where(picture_records.c.pixels_sha256.in_(digests))
    rows = connection.execute(query.order_by(picture_records.c.number)).mappings()
    return {(row["station_id"], row["pixels_sha256"]): dict(row) for row in rows}


def _check_picture(row: Read, newest: Row | None, watch: Watch) -> None:
    names = ("state", "path", "file_sha256", "detail")
    pending = row["state"] == PictureState.PENDING
    if pending and (newest is None or newest["state"] == PictureState.LOST):
        return
    if newest is None or any(row[name] != newest[name] for name in names):
        station, subject = row["station_id"], f"picture {row['pixels_sha256']}"
        sentence = f"The place of {subject} of {station} does not follow from its records."
        watch.report(Trouble.NOT_UP_TO_DATE, station, None, subject, sentence)


def _check_none_missing(database: Database, watch: Watch) -> None:
    same = and_(
        pictures.c.station_id == inspections.c.station_id, pictures.c.pixels_sha256 == inspections.c.pixels_sha256
    )
    query = (
        select(inspections.c.station_id, func.count())
        .select_from(inspections.outerjoin(pictures, same))
        .where(inspections.c.pixels_sha256.is_not(None), pictures.c.state.is_(None))
        .group_by(inspections.c.station_id)
    )
    with database.reading() as connection:
        for station, count in connection.execute(query):
            sentence = f"{count} parts of {station} have a picture that the log has no place for."
            watch.report(Trouble.REMOVED, station, None, "pictures", sentence)
