"""What a report asks of the log besides the counts: models at work, commands, chains, trend, seeded parts."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, func, select

from db import mapping
from db.engine import Database
from db.filters import part_clauses, verdict_clauses
from db.loading import ControlStates
from db.schema import chain_heads, control_changes, inspections, models, verdicts
from inspector_app.domain.control import ControlChange, Level
from inspector_app.domain.frame import Judgement, ReferenceSource
from inspector_app.domain.logquery import ChainEnd, LogFilter, ModelUse, Span, StationChange, TrendCount
from inspector_app.domain.verdict import Answer


class SqlReportReader:
    """The questions of a report, on a database; sees the parts of all stations.

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

    def span(self, which: LogFilter) -> Span:
        """Return how many parts are meant, and between which times they were captured."""
        at = inspections.c.captured_us
        query = select(func.count(), func.min(at), func.max(at)).select_from(inspections).where(*part_clauses(which))
        with self._database.reading() as connection:
            parts, first, last = connection.execute(query).one()
        if not parts:
            return Span(0, None, None)
        return Span(parts, mapping.from_us(first), mapping.from_us(last))

    def model_uses(self, which: LogFilter) -> tuple[ModelUse, ...]:
        """Return the model files that judged the parts meant, in the order in which they came."""
        at = inspections.c.captured_us
        counted = (
            select(inspections.c.model_id, func.count().label("n"), func.min(at).label("a"), func.max(at).label("z"))
            .where(*part_clauses(which), inspections.c.model_id.is_not(None))
            .group_by(inspections.c.model_id)
            .subquery()
        )
        query = select(models, counted.c.n, counted.c.a, counted.c.z).join(
            counted, counted.c.model_id == models.c.model_id
        )
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(counted.c.a, models.c.model_id)).mappings().all()
        return tuple(
            ModelUse(mapping.model_identity(row), row["n"], mapping.from_us(row["a"]), mapping.from_us(row["z"]))
            for row in rows
        )

    def control_changes(self, station: str | None = None) -> tuple[StationChange, ...]:
        """Return the supervisor commands of all stations or of one, oldest first."""
        query = select(control_changes)
        if station is not None:
            query = query.where(control_changes.c.station_id == station)
        query = query.order_by(control_changes.c.at_us, control_changes.c.station_id, control_changes.c.version)
        changes = []
        with self._database.reading() as connection:
            for row in connection.execute(query).mappings().all():
                before = row["before_version"]
                of, known = row["station_id"], self._states
                change = ControlChange(
                    row["by"],
                    row["because"],
                    mapping.from_us(row["at_us"]),
                    None if before is None else known.get(connection, of, before),
                    known.get(connection, of, row["version"]),
                )
                changes.append(StationChange(of, change))
        return tuple(changes)

    def chain_ends(self) -> tuple[ChainEnd, ...]:
        """Return the newest link of every station's audit chain."""
        query = select(chain_heads).order_by(chain_heads.c.station_id)
        with self._database.reading() as connection:
            rows = connection.execute(query).mappings().all()
        return tuple(ChainEnd(row["station_id"], row["seq"], row["digest"]) for row in rows)

    def trend(self, which: LogFilter, stretch_us: int) -> tuple[TrendCount, ...]:
        """Count standing verdicts by stretch of time and combination, in the database.

        Parameters
        ----------
        which : LogFilter
            Whose verdicts; ``kinds`` chooses under which conditions.
        stretch_us : int
            Length of a stretch in µs; stretches begin at whole multiples of it since 1970-01-01 UTC.
        """
        start: ColumnElement[int] = verdicts.c.captured_us.op("/")(stretch_us).label("start")
        columns: list[ColumnElement[Any]] = [start]
        columns += (verdicts.c[name] for name in ("level", "model_id", "answer", "model_judgement"))
        query = select(*columns, func.count()).where(*verdict_clauses(which)).group_by(*columns)
        label = select(models.c.model_id, (models.c.name + " " + models.c.version).label("label"))
        with self._database.reading() as connection:
            labels: dict[int | None, str] = {row[0]: row[1] for row in connection.execute(label)}
            rows = connection.execute(query).all()
        counts = [
            TrendCount(
                start=mapping.from_us(at * stretch_us),
                level=Level(level),
                model_version=labels.get(model_id),
                answer=Answer(answer),
                model_judgement=None if judgement is None else Judgement(judgement),
                n=n,
            )
            for at, level, model_id, answer, judgement, n in map(tuple, rows)
        ]
        return tuple(sorted(counts, key=lambda c: (c.start, str(c.level), str(c.model_version), str(c))))

    def seeded_verdicts(self, which: LogFilter) -> dict[Answer, int]:
        """Return the standing verdicts on parts that were seeded with a known defect, by answer."""
        seeded = select(inspections.c.inspection_id).where(
            inspections.c.reference_source == ReferenceSource.SEEDED.value
        )
        query = (
            select(verdicts.c.answer, func.count())
            .where(*verdict_clauses(which), verdicts.c.inspection_id.in_(seeded))
            .group_by(verdicts.c.answer)
        )
        with self._database.reading() as connection:
            found: dict[str, int] = {row[0]: row[1] for row in connection.execute(query)}
        return {answer: found.get(answer.value, 0) for answer in Answer}
