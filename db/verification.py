"""Proof that the log is what was written.

Found are rows that were changed, removed or added past this program, links and heads that were, projections that do
not follow from the records, and picture files that are gone or changed. The log may be written to meanwhile: what is
added after the start is left for the next time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy import ColumnElement, func, select

from db.audit_chain import ChainHead
from db.chain_check import chain_ends, verify_chain
from db.engine import Database
from db.findings import Cancelled, Trouble, VerifyReport, Watch
from db.import_log import changed_files
from db.mapping import stored_picture
from db.projection_check import verify_parts, verify_picture_states
from db.schema import inspections, pictures
from inspector_app.domain.inspection import PictureState, StoredPicture

_FILES_AT_ONCE = 500


def verify(
    database: Database,
    station_id: str,
    check_file: Callable[[StoredPicture], str | None],
    *,
    anchors: Sequence[ChainHead] = (),
    on_progress: Callable[[int, int], None] = lambda _done, _total: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> VerifyReport:
    """Check the audit chains of all stations, what follows from the records, and one station's picture files.

    Parameters
    ----------
    database : Database
        The log.
    station_id : str
        Whose pictures are in reach.
    check_file : callable
        Returns one sentence if the file of a stored picture is gone or changed.
    anchors : sequence of ChainHead
        Heads kept outside the database (from reports): the chains must still hold them.
    on_progress : callable
        Told how much of how much is done, every thousand records or so.
    cancelled : callable
        Asked as often; True ends the verification early.
    """
    ends = chain_ends(database)
    total = sum(end.seq for end in ends) + _count(database, station_id)
    watch = Watch(total, on_progress, cancelled)
    links = parts = files = 0
    complete = True
    try:
        _check_stations(ends, anchors, watch)
        for end in ends:
            links += verify_chain(database, end, anchors, watch)
        parts = verify_parts(database, watch)
        verify_picture_states(database, watch)
        _check_imports(database, watch)
        files = _verify_files(database, station_id, check_file, watch)
    except Cancelled:
        complete = False
    return VerifyReport(ends, links, parts, files, tuple(watch.findings), watch.found, complete)


def _count(database: Database, station_id: str) -> int:
    """Return how many parts and picture files there are to check."""
    parts = select(func.count()).select_from(inspections)
    files = select(func.count()).select_from(pictures).where(*_stored_by(station_id))
    with database.reading() as connection:
        return int(connection.execute(parts).scalar_one() + connection.execute(files).scalar_one())


def _stored_by(station_id: str) -> tuple[ColumnElement[bool], ...]:
    return (pictures.c.station_id == station_id, pictures.c.state == PictureState.STORED.value)


def _check_stations(ends: Sequence[ChainHead], anchors: Sequence[ChainHead], watch: Watch) -> None:
    """Check that no station is gone whole."""
    there = {end.station_id for end in ends}
    for station in sorted({anchor.station_id for anchor in anchors} - there):
        sentence = f"Everything that {station} has recorded was removed from the log."
        watch.report(Trouble.REMOVED, station, None, "station", sentence)


def _check_imports(database: Database, watch: Watch) -> None:
    """Check that the decisions brought in from files are those that were brought in."""
    for station, seq, name in changed_files(database):
        sentence = f"Decisions of {name} were changed, removed or added after they were brought in (link {seq})."
        watch.report(Trouble.CHANGED, station, seq, f"import {name}", sentence)


def _verify_files(
    database: Database, station_id: str, check_file: Callable[[StoredPicture], str | None], watch: Watch
) -> int:
    """Check the picture files of a station; returns how many."""
    count, after = 0, ""
    query = select(pictures).where(*_stored_by(station_id)).order_by(pictures.c.pixels_sha256).limit(_FILES_AT_ONCE)
    while True:
        with database.reading() as connection:
            rows = connection.execute(query.where(pictures.c.pixels_sha256 > after)).mappings().all()
        for row in rows:
            sentence = check_file(stored_picture(row))
            if sentence is not None:
                watch.report(Trouble.PICTURE, station_id, None, f"picture {row['pixels_sha256']}", sentence)
            watch.advance()
        count += len(rows)
        if len(rows) < _FILES_AT_ONCE:
            return count
        after = rows[-1]["pixels_sha256"]
