"""The read side of the log: search, export in bounded memory, and counts made in the database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from sqlalchemy import func, select, tuple_

from db import mapping
from db.calibration_query import calibration
from db.engine import Database
from db.filters import Clauses, part_clauses, verdict_clauses
from db.judged_counts import judged_counts
from db.judged_queries import judged_parts
from db.loading import ControlStates, load_entries, model_labels, parts
from db.schema import incidents, inspections, verdicts
from inspector_app.automation.calibration import Calibration
from inspector_app.domain.control import Level
from inspector_app.domain.decision import Route
from inspector_app.domain.frame import Judgement
from inspector_app.domain.inspection import LogEntry
from inspector_app.domain.judged import JudgedCounts, JudgedPart, JudgedQuestion
from inspector_app.domain.logquery import GivenVerdict, Incident, LogFilter, VerdictCount
from inspector_app.domain.verdict import Answer, VerdictKind

_PAGE = 500
"""Parts held in memory at once by `SqlLogReader.entries`."""

_KEY = (inspections.c.captured_us, inspections.c.number)

_VERDICT_GROUP = ("level", "model_id", "by", "kind", "answer", "route", "model_judgement", "reference")


class SqlLogReader:
    """`inspector_app.domain.ports.LogReader` on a database; sees the parts of all stations.

    Parameters
    ----------
    database : Database
        Where the log is.
    states : ControlStates
        The control states known so far, shared with the other parts of the log.
    """

    def __init__(self, database: Database, states: ControlStates) -> None:
        self._database = database
        self._states = states

    def entry(self, inspection_id: str) -> LogEntry | None:
        """Return one part, ``None`` if unknown."""
        with self._database.reading() as connection:
            found = load_entries(connection, parts(inspections.c.inspection_id == inspection_id), self._states)
        return found[0] if found else None

    def search(self, which: LogFilter, limit: int, offset: int = 0) -> tuple[LogEntry, ...]:
        """Return parts, newest first."""
        # The page's keys first, from the narrow index; whole rows then for this page only.
        keys = select(inspections.c.number).where(*part_clauses(which))
        keys = keys.order_by(*(column.desc() for column in _KEY)).limit(limit).offset(offset)
        with self._database.reading() as connection:
            numbers = connection.execute(keys).scalars().all()
            query = parts(inspections.c.number.in_(numbers)).order_by(*(column.desc() for column in _KEY))
            return load_entries(connection, query, self._states)

    def count(self, which: LogFilter) -> int:
        """Return how many parts match."""
        query = select(func.count()).select_from(inspections).where(*part_clauses(which))
        with self._database.reading() as connection:
            return int(connection.execute(query).scalar_one())

    def entries(self, which: LogFilter) -> Iterator[LogEntry]:
        """Yield all matching parts, oldest first, in bounded memory.

        Each page is a transaction of its own, so that a slow consumer holds nothing up; parts captured after the
        call's first page are left out.
        """
        clauses = part_clauses(which)
        last = self._newest_key()
        after: tuple[int, int] | None = None
        while last is not None:
            page, after = self._page(clauses, after, last)
            yield from page
            if after is None:
                return

    def verdict_counts(self, which: LogFilter) -> tuple[VerdictCount, ...]:
        """Count standing verdicts by combination, in the database."""
        columns = [verdicts.c[name] for name in _VERDICT_GROUP]
        query = select(*columns, func.count()).where(*verdict_clauses(which)).group_by(*columns)
        with self._database.reading() as connection:
            labels = model_labels(connection)
            rows = connection.execute(query).all()
        counts: Counter[tuple[Any, ...]] = Counter()
        for level, model, *values, n in rows:
            counts[level, labels.get(model), *values] += n
        ordered = sorted(counts.items(), key=lambda item: [str(value) for value in item[0]])
        return tuple(_verdict_count(*group, n=n) for group, n in ordered)

    def search_verdicts(self, which: LogFilter, limit: int, offset: int = 0) -> tuple[GivenVerdict, ...]:
        """Return the verdicts that `verdict_counts` counts, those on the newest parts first."""
        # In the order of the index that holds what is counted; whole parts then for this page only.
        order = (verdicts.c.captured_us.desc(), verdicts.c.number.desc())
        keys = select(verdicts.c.inspection_id, verdicts.c.verdict_id).where(*verdict_clauses(which)).order_by(*order)
        with self._database.reading() as connection:
            found: list[tuple[str, str]] = [
                (row[0], row[1]) for row in connection.execute(keys.limit(limit).offset(offset))
            ]
            query = parts(inspections.c.inspection_id.in_({part for part, _ in found}))
            entries = {entry.inspection.inspection_id: entry for entry in load_entries(connection, query, self._states)}
        return tuple(_given(entries[part], verdict_id) for part, verdict_id in found)

    def judged_parts(self, which: LogFilter) -> tuple[JudgedPart, ...]:
        """Return the parts with a verdict that counts as truth and a usable prediction, oldest first."""
        with self._database.reading() as connection:
            return judged_parts(connection, which, self._states)

    def calibration(self, which: LogFilter) -> Calibration:
        """Return the judged parts that may certify thresholds, chosen in the database."""
        with self._database.reading() as connection:
            return calibration(connection, which, self._states)

    def judged_counts(self, question: JudgedQuestion) -> JudgedCounts:
        """Count the parts with a verdict that counts as truth and a usable prediction, in the database."""
        with self._database.reading() as connection:
            return judged_counts(connection, question, self._states)

    def incidents(self, limit: int) -> tuple[Incident, ...]:
        """Return the newest incidents, newest first."""
        query = select(incidents).order_by(incidents.c.at_us.desc(), incidents.c.number.desc()).limit(limit)
        with self._database.reading() as connection:
            rows = connection.execute(query).mappings().all()
        return tuple(Incident(row["kind"], row["sentence"], mapping.from_us(row["at_us"])) for row in rows)

    def _newest_key(self) -> tuple[int, int] | None:
        query = select(*_KEY).order_by(*(column.desc() for column in _KEY)).limit(1)
        with self._database.reading() as connection:
            row = connection.execute(query).first()
        return None if row is None else (row[0], row[1])

    def _page(
        self, clauses: Clauses, after: tuple[int, int] | None, last: tuple[int, int]
    ) -> tuple[tuple[LogEntry, ...], tuple[int, int] | None]:
        """Return the next parts and the key of the last of them, ``None`` when there can be no more."""
        keys = select(*_KEY).where(*clauses, tuple_(*_KEY) <= last).order_by(*_KEY).limit(_PAGE)
        if after is not None:
            keys = keys.where(tuple_(*_KEY) > after)
        with self._database.reading() as connection:
            found: list[tuple[int, int]] = [(row[0], row[1]) for row in connection.execute(keys)]
            query = parts(inspections.c.number.in_([row[1] for row in found])).order_by(*_KEY)
            page = load_entries(connection, query, self._states)
        return page, (found[-1] if len(found) == _PAGE else None)


def _given(entry: LogEntry, verdict_id: str) -> GivenVerdict:
    return GivenVerdict(entry, next(each for each in entry.verdicts if each.verdict_id == verdict_id))


def _judgement(value: str | None) -> Judgement | None:
    return None if value is None else Judgement(value)


def _verdict_count(
    level: str,
    model: str | None,
    by: str,
    kind: str,
    answer: str,
    route: str,
    judgement: str | None,
    reference: str | None,
    *,
    n: int,
) -> VerdictCount:
    return VerdictCount(
        level=Level(level),
        model_version=model,
        inspector=by,
        kind=VerdictKind(kind),
        answer=Answer(answer),
        model_judgement=_judgement(judgement),
        reference=_judgement(reference),
        n=n,
        route=Route(route),
    )
