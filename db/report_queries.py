"""What a report asks of the log besides the counts: models at work, commands, chains, trend, seeded parts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import ColumnElement, bindparam, case, func, or_, select

from db import mapping
from db.engine import Database
from db.filters import part_clauses, verdict_clauses
from db.loading import ControlStates
from db.mapping import Read
from db.schema import chain_heads, control_changes, inspections, models, verdicts
from inspector_app.agreement.audit_sampling import AuditedCell
from inspector_app.agreement.reliance import SecondLook
from inspector_app.domain.control import ControlChange
from inspector_app.domain.decision import Route
from inspector_app.domain.frame import Judgement, ReferenceSource
from inspector_app.domain.logquery import ChainEnd, LogFilter, ModelUse, Span, StationChange, TrendCount
from inspector_app.domain.verdict import Answer, VerdictKind


def _of_kind(kind: VerdictKind) -> ColumnElement[bool]:
    """Return the condition that a verdict is of a kind, asked of an index first: few of a million rows are."""
    standing = verdicts.c.retracted.is_(False)
    return verdicts.c.number.in_(select(verdicts.c.number).where(standing, verdicts.c.kind == kind.value))


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

    def extent(self, which: LogFilter) -> tuple[Span, tuple[ModelUse, ...]]:
        """Return how many parts are meant and from when to when, and the models that judged them as they came."""
        rows = self._by_level_and_model(which)
        if not rows:
            return Span(0, None, None), ()
        first, last = min(row["a"] for row in rows), max(row["z"] for row in rows)
        span = Span(sum(row["n"] for row in rows), mapping.from_us(first), mapping.from_us(last))
        return span, self._model_uses(rows)

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

    def _by_level_and_model(self, which: LogFilter) -> Sequence[Read]:
        """Return count, first and last time in µs by level and model: in this order an index holds the parts."""
        at = inspections.c.captured_us
        columns = (inspections.c.level, inspections.c.model_id)
        query = select(*columns, func.count().label("n"), func.min(at).label("a"), func.max(at).label("z"))
        with self._database.reading() as connection:
            rows = connection.execute(query.where(*part_clauses(which)).group_by(*columns)).mappings().all()
        return cast("Sequence[Read]", rows)

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
        query = select(*_SQUARE).where(*verdict_clauses(which), at >= bindparam("from"), at < bindparam("to"))
        counts = []
        with self._database.reading() as connection:
            for number in range(mapping.to_us(first) // length, mapping.to_us(last) // length + 1):
                bounds = {"from": number * length, "to": (number + 1) * length}
                row = tuple(connection.execute(query, bounds).one())
                if any(row):
                    counts.append(TrendCount(mapping.from_us(number * length), *(int(n or 0) for n in row)))
        return tuple(counts)

    def audit_cells(self, which: LogFilter) -> tuple[AuditedCell, ...]:
        """Count the answered blind audits of the model's accepts by the probability that the part had to be audited.

        Where both streams of audits were open to a part, that is 1 - (1 - p) (1 - q).
        """
        audited = (
            _of_kind(VerdictKind.AUDIT),
            verdicts.c.route == Route.MODEL_ACCEPT.value,
            verdicts.c.answer != Answer.UNSURE.value,
            or_(inspections.c.audit_drawn.is_(True), inspections.c.targeted_drawn.is_(True)),
        )
        columns = (inspections.c.audit_probability, inspections.c.targeted_probability, verdicts.c.answer)
        joined = verdicts.join(inspections, inspections.c.inspection_id == verdicts.c.inspection_id)
        query = select(*columns, func.count()).select_from(joined).where(*verdict_clauses(which), *audited)
        tally: defaultdict[float, list[int]] = defaultdict(lambda: [0, 0])
        with self._database.reading() as connection:
            for uniform, targeted, answer, n in connection.execute(query.group_by(*columns)):
                cell = tally[1.0 - (1.0 - (uniform or 0.0)) * (1.0 - (targeted or 0.0))]
                cell[0] += n
                cell[1] += n if answer == Answer.REJECT.value else 0
        return tuple(AuditedCell(probability, *tally[probability]) for probability in sorted(tally))

    def second_looks(self, which: LogFilter) -> tuple[SecondLook, ...]:
        """Count second looks on parts with known truth where the first answer differed from the model's judgement."""
        first = verdicts.alias("first")
        # A subquery and no join: there are far fewer second looks than unaided verdicts, and no database knows that.
        before = (
            select(first.c.answer)
            .where(
                first.c.inspection_id == verdicts.c.inspection_id,
                first.c.kind == VerdictKind.UNAIDED.value,
                first.c.by == verdicts.c.by,
                first.c.retracted.is_(False),
            )
            .order_by(first.c.turn.desc())
            .limit(1)
            .scalar_subquery()
        )
        looks = (
            select(before.label("first"), verdicts.c.model_judgement, verdicts.c.answer, verdicts.c.reference)
            .where(
                *verdict_clauses(which),
                _of_kind(VerdictKind.SECOND_LOOK),
                verdicts.c.answer != Answer.UNSURE.value,
                verdicts.c.reference.is_not(None),
            )
            .subquery()
        )
        sure = looks.c.first.in_([Answer.ACCEPT.value, Answer.REJECT.value])
        query = select(*looks.c, func.count()).where(sure, looks.c.first != looks.c.model_judgement).group_by(*looks.c)
        with self._database.reading() as connection:
            rows = sorted(tuple(row) for row in connection.execute(query))
        return tuple(
            SecondLook(Judgement(before), Judgement(advice), Judgement(after), Judgement(truth), n)
            for before, advice, after, truth, n in rows
        )

    def seeded_answers(self, which: LogFilter) -> tuple[tuple[str, bool], ...]:
        """Return inspector and whether they rejected, for every blind verdict on a seeded defective part."""
        seeded = select(inspections.c.inspection_id).where(
            inspections.c.reference_source == ReferenceSource.SEEDED.value,
            inspections.c.reference == Judgement.REJECT.value,
        )
        blind = verdicts.c.kind.in_([VerdictKind.UNAIDED.value, VerdictKind.AUDIT.value])
        query = select(verdicts.c.by, verdicts.c.answer).where(*verdict_clauses(which), blind)
        with self._database.reading() as connection:
            rows = connection.execute(query.where(verdicts.c.inspection_id.in_(seeded))).all()
        return tuple((row[0], row[1] == Answer.REJECT.value) for row in rows)

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
