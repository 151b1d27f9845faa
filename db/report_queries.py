"""What a report asks of the log besides the counts: models at work, commands, chains, trend, seeded parts."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, bindparam, case, func, select

from db import mapping
from db.contents import log_contents
from db.engine import Database
from db.filters import counted_clauses, verdict_clauses
from db.loading import ControlStates, model_labels
from db.look_queries import audited_stretches, look_counts, second_look_counts
from db.mapping import Read
from db.schema import PART_GROUP, chain_heads, control_changes, inspections, models, verdicts
from db.seed_queries import seeded_parts
from inspector_app.automation.draws import any_of
from inspector_app.domain.control import Level
from inspector_app.domain.decision import Disposition, Route
from inspector_app.domain.frame import Judgement, PictureFlaw, PictureProblem
from inspector_app.domain.logquery import (
    AuditedStretch,
    ChainEnd,
    CountedParts,
    LogContents,
    LogFilter,
    LookCounts,
    ModelUse,
    PartCount,
    PictureCount,
    SecondLookCount,
    SeededPart,
    Span,
    StationChange,
    TrendCount,
)
from inspector_app.domain.verdict import Answer


def _cell(answer: Answer, judgement: Judgement) -> ColumnElement[int]:
    in_it = (verdicts.c.answer == answer.value) & (verdicts.c.model_judgement == judgement.value)
    return func.sum(case((in_it, 1), else_=0))


_SQUARE = (
    _cell(Answer.REJECT, Judgement.REJECT),
    _cell(Answer.REJECT, Judgement.ACCEPT),
    _cell(Answer.ACCEPT, Judgement.REJECT),
    _cell(Answer.ACCEPT, Judgement.ACCEPT),
)


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

    def contents(self) -> LogContents:
        """Return what there is to choose from."""
        with self._database.reading() as connection:
            return log_contents(connection)

    def counted_parts(self, which: LogFilter) -> CountedParts:
        """Count inspections by combination, in the database; models as they judged the parts when these came."""
        at = inspections.c.captured_us
        columns = [inspections.c[name] for name in PART_GROUP]
        query = select(*columns, func.count().label("n"), func.min(at).label("a"), func.max(at).label("z"))
        with self._database.reading() as connection:
            labels = model_labels(connection)
            rows = connection.execute(query.where(*counted_clauses(which)).group_by(*columns)).mappings().all()
        if not rows:
            return CountedParts()
        counts: Counter[PartCount] = Counter()
        for row in rows:
            counts[_part_count(row, labels)] += row["n"]
        first, last = min(row["a"] for row in rows), max(row["z"] for row in rows)
        return CountedParts(
            tuple(sorted((replace(count, n=n) for count, n in counts.items()), key=str)),
            Span(counts.total(), mapping.from_us(first), mapping.from_us(last)),
            self._model_uses(rows),
        )

    def _model_uses(self, rows: Sequence[Read]) -> tuple[ModelUse, ...]:
        by_model: defaultdict[int, list[Read]] = defaultdict(list)
        for row in rows:
            if row["model_id"] is not None:
                by_model[row["model_id"]].append(row)
        query = select(models).where(models.c.model_id.in_(by_model))
        with self._database.reading() as connection:
            found = connection.execute(query).mappings().all()
        uses = [
            ModelUse(
                mapping.model_identity(model),
                sum(row["n"] for row in by_model[model["model_id"]]),
                mapping.from_us(min(row["a"] for row in by_model[model["model_id"]])),
                mapping.from_us(max(row["z"] for row in by_model[model["model_id"]])),
            )
            for model in found
        ]
        return tuple(sorted(uses, key=lambda use: (use.first, use.model.name, use.model.version, use.model.sha256)))

    def control_changes(self, station: str | None = None) -> tuple[StationChange, ...]:
        """Return the supervisor commands of all stations or of one, oldest first."""
        query = select(control_changes)
        if station is not None:
            query = query.where(control_changes.c.station_id == station)
        query = query.order_by(control_changes.c.at_us, control_changes.c.station_id, control_changes.c.version)
        changes = []
        with self._database.reading() as connection:
            for row in connection.execute(query).mappings().all():
                of, before = row["station_id"], row["before_version"]
                earlier = None if before is None else self._states.get(connection, of, before)
                after = self._states.get(connection, of, row["version"])
                change = mapping.control_change(row, earlier, after)
                changes.append(StationChange(of, change))
        return tuple(changes)

    def chain_ends(self) -> tuple[ChainEnd, ...]:
        """Return the newest link of every station's audit chain."""
        query = select(chain_heads).order_by(chain_heads.c.station_id)
        with self._database.reading() as connection:
            rows = connection.execute(query).mappings().all()
        return tuple(ChainEnd(row["station_id"], row["seq"], row["digest"]) for row in rows)

    def trend(self, which: LogFilter, first: datetime, last: datetime, stretch: timedelta) -> tuple[TrendCount, ...]:
        """Count standing verdicts by stretch of time, in the database; stretches without any are left out.

        Each stretch is one look into an index that holds the verdicts in the order of their parts' times: to group
        a million of them by a stretch that they do not carry would mean to sort them.

        Parameters
        ----------
        which : LogFilter
            Whose verdicts; ``kinds`` chooses under which conditions.
        first, last : datetime
            UTC, between which there are parts.
        stretch : timedelta
            Length; stretches begin at whole multiples of it since 1970-01-01 UTC.
        """
        length = stretch // timedelta(microseconds=1)
        at = verdicts.c.captured_us
        clauses = verdict_clauses(replace(which, inspector=None))
        if which.inspector is not None:
            # Not the bare column: SQLite would read all verdicts of the inspector anew for each stretch.
            clauses += (verdicts.c.by.concat("") == which.inspector,)
        query = select(*_SQUARE).where(*clauses, at >= bindparam("from"), at < bindparam("to"))
        counts = []
        with self._database.reading() as connection:
            for number in range(mapping.to_us(first) // length, mapping.to_us(last) // length + 1):
                bounds = {"from": number * length, "to": (number + 1) * length}
                row = tuple(connection.execute(query, bounds).one())
                if any(row):
                    counts.append(TrendCount(mapping.from_us(number * length), *(int(n or 0) for n in row)))
        return tuple(counts)

    def unusable_pictures(self, which: LogFilter) -> tuple[PictureCount, ...]:
        """Count the parts whose picture no model may judge by the reason, commonest first."""
        problem, flaw = inspections.c.picture_problem, inspections.c.unfit_flaw
        query = select(problem, flaw, func.count()).where(
            *counted_clauses(which), problem.is_not(None) | flaw.is_not(None)
        )
        with self._database.reading() as connection:
            rows = connection.execute(query.group_by(problem, flaw)).all()
        counts = [
            PictureCount(PictureFlaw(row[1]) if row[0] is None else PictureProblem(row[0]), row[2]) for row in rows
        ]
        return tuple(sorted(counts, key=lambda count: (-count.n, count.reason)))

    def look_counts(self, which: LogFilter) -> LookCounts:
        """Count audits, second looks and third looks by combination, in the database."""
        return look_counts(self._database, which)

    def audited_stretches(self, which: LogFilter, stretch: timedelta) -> tuple[AuditedStretch, ...]:
        """Count the answered uniform audits of the model's accepts by stretch of time, in the database."""
        return audited_stretches(self._database, which, stretch)

    def second_looks(self, which: LogFilter) -> tuple[SecondLookCount, ...]:
        """Count second looks alone."""
        return second_look_counts(self._database, which)

    def seeded_parts(self, which: LogFilter) -> tuple[SeededPart, ...]:
        """Return the seeded parts meant and what was said of them, oldest first."""
        return seeded_parts(self._database, which)


def _part_count(row: Read, labels: dict[int | None, str]) -> PartCount:
    """Return the combination of a row, none counted yet."""
    judgement, reference = row["model_judgement"], row["reference"]
    shares = (row["audit_probability"], row["targeted_probability"])
    return PartCount(
        level=Level(row["level"]),
        model_version=labels.get(row["model_id"]),
        route=Route(row["route"]),
        disposition=Disposition(row["disposition"]),
        model_judgement=None if judgement is None else Judgement(judgement),
        reference=None if reference is None else Judgement(reference),
        n=0,
        audit_probability=any_of(share for share in shares if share is not None),
    )
