"""The write side of the log: one durable transaction per record.

Every call may be repeated after `LogUnavailable`: should the first attempt have been committed after all, as a server
may do while its connection is lost, the repetition finds the identical record and leaves it at that.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Dialect, Table, bindparam, insert, select, update

from db import mapping
from db.audit_chain import Append, AuditChain
from db.faults import RecordRefused
from db.loading import ControlStates, load_entries, parts
from db.mapping import Read, Row
from db.prepared import Prepared
from db.projections import opinion
from db.repeats import has_comparison, has_inspection, has_retraction, has_verdict, not_yet_told
from db.schema import (
    COPIED,
    RecordKind,
    comparisons,
    incidents,
    inspections,
    line_messages,
    models,
    picture_records,
    pictures,
    retractions,
    verdicts,
)
from inspector_app.domain.decision import Disposition
from inspector_app.domain.inspection import Inspection, LogEntry, PictureState, StoredPicture
from inspector_app.domain.ports import LineTold
from inspector_app.domain.prediction import ModelIdentity
from inspector_app.domain.rollout import Comparison
from inspector_app.domain.verdict import Verdict

_TELL = (
    update(inspections)
    .where(inspections.c.inspection_id == bindparam("of"))
    .values(told=bindparam("heard"), untold=inspections.c.disposition != bindparam("heard"))
)
_PART = (
    select(
        *(inspections.c[name] for name in COPIED),
        inspections.c.station_id,
        inspections.c.presentation,
        inspections.c.turns,
        inspections.c.told,
    )
    .where(inspections.c.inspection_id == bindparam("of"))
    .with_for_update()
)
_STANDING = (
    select(verdicts.c.kind, verdicts.c.answer)
    .where(verdicts.c.inspection_id == bindparam("of"), verdicts.c.retracted.is_(False))
    .order_by(verdicts.c.turn)
)


_PENDING: Row = {"state": PictureState.PENDING.value, "path": None, "file_sha256": None, "detail": None}


def _upsert(dialect: Dialect) -> Callable[[Table], Any]:
    """Return the INSERT that knows what to do with a row that is there; only the database at hand is loaded."""
    if dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert as into_postgresql

        return into_postgresql
    from sqlalchemy.dialects.sqlite import insert as into_sqlite

    return into_sqlite


class _Statements:
    """What runs for every part, compiled for one database."""

    def __init__(self, dialect: Dialect) -> None:
        every = [column.name for column in inspections.c if not column.primary_key]
        told = [column.name for column in line_messages.c if not column.primary_key]
        # A picture that was lost before and has come again gets another chance.
        expect = _upsert(dialect)(pictures).on_conflict_do_update(
            index_elements=["station_id", "pixels_sha256"],
            set_=_PENDING,
            where=pictures.c.state == PictureState.LOST.value,
        )
        self.add_inspection = Prepared(insert(inspections).inline(), dialect, every)
        self.expect_picture = Prepared(expect, dialect, ["station_id", "pixels_sha256", "state"])
        self.add_told = Prepared(insert(line_messages).inline(), dialect, told)
        self.tell = Prepared(_TELL, dialect)


class SqlInspectionLog:
    """`inspector_app.domain.ports.InspectionLog` on a database.

    Parameters
    ----------
    chain : AuditChain
        Gives the transactions; every record becomes a link of it.
    states : ControlStates
        The control states known so far, shared with the other parts of the log.
    """

    def __init__(self, chain: AuditChain, states: ControlStates) -> None:
        self._chain = chain
        self._states = states
        self._models: dict[ModelIdentity, int] = {}
        self._statements = _Statements(chain.database.engine.dialect)

    def record_inspection(self, inspection: Inspection, told: Sequence[LineTold] = ()) -> None:
        """Commit one part, and with it what the line has meanwhile taken.

        Raises
        ------
        LogUnavailable
            If the log cannot take it; nothing was written.
        RecordRefused
            If another part of that identity is in the log, or another control state of that version: bugs.
        """
        try:
            self._add_inspection(inspection, told)
        except RecordRefused:
            with self._chain.database.reading() as connection:
                if not has_inspection(connection, inspection):
                    raise
                rest = not_yet_told(connection, told)
            self.record_told(rest)

    def _add_inspection(self, inspection: Inspection, told: Sequence[LineTold]) -> None:
        model = None if inspection.prediction is None else inspection.prediction.model
        row = mapping.inspection_row(inspection)
        with self._chain.appending() as append:
            connection = append.connection
            known = self._states.get(connection, self._chain.station_id, inspection.control.version)
            if known != inspection.control:
                raise RecordRefused(f"control state {known.version} differs from the one in the log")
            model_id = None if model is None else self._model_id(connection, model)
            row |= append.place | {"model_id": model_id}
            self._statements.add_inspection.run(connection, row | _fresh(inspection))
            if row["pixels_sha256"] is not None:
                self._statements.expect_picture.run(connection, row | _PENDING)
            heard = self._tell(append, told)
            named = () if model is None else (mapping.model_row(model),)
            append.seal(RecordKind.INSPECTION, inspection.inspection_id, row, *named, *heard)
        if model is not None and model_id is not None:
            self._models[model] = model_id

    def record_verdict(self, verdict: Verdict, disposition: Disposition) -> None:
        """Commit a verdict and the part's disposition after it; `RecordRefused` for an unknown part."""
        said = mapping.verdict_row(verdict, disposition)
        try:
            self._add_verdict(said, disposition)
        except RecordRefused:
            with self._chain.database.reading() as connection:
                if not has_verdict(connection, said):
                    raise

    def _add_verdict(self, said: Row, disposition: Disposition) -> None:
        with self._chain.appending() as append:
            part = _part(append.connection, said["inspection_id"])
            row = append.place | said
            row |= {"turn": part["turns"] + 1} | {name: part[name] for name in COPIED}
            append.connection.execute(insert(verdicts), row | {"retracted": False})
            _bring_up_to_date(append.connection, said["inspection_id"], part, disposition)
            append.seal(RecordKind.VERDICT, said["verdict_id"], row)

    def record_retraction(self, verdict_id: str, by: str, at: datetime, disposition: Disposition) -> None:
        """Commit that a verdict was undone; `RecordRefused` if it is unknown or undone already."""
        undone = {
            "verdict_id": verdict_id,
            "by": mapping.printable(by),
            "at_us": mapping.to_us(at),
            "disposition": disposition.value,
        }
        try:
            self._add_retraction(undone, disposition)
        except RecordRefused:
            with self._chain.database.reading() as connection:
                if not has_retraction(connection, undone):
                    raise

    def _add_retraction(self, undone: Row, disposition: Disposition) -> None:
        with self._chain.appending() as append:
            connection, verdict_id = append.connection, undone["verdict_id"]
            known = select(verdicts.c.inspection_id).where(verdicts.c.verdict_id == verdict_id)
            inspection_id = connection.execute(known).scalar()
            if inspection_id is None:
                raise RecordRefused(f"there is no verdict {verdict_id} in the log")
            part = _part(connection, inspection_id)
            row = append.place | undone | {"inspection_id": inspection_id, "turn": part["turns"] + 1}
            connection.execute(insert(retractions), row)
            connection.execute(update(verdicts).where(verdicts.c.verdict_id == verdict_id).values(retracted=True))
            _bring_up_to_date(connection, inspection_id, part, disposition)
            append.seal(RecordKind.RETRACTION, verdict_id, row)

    def record_comparison(self, comparison: Comparison) -> None:
        """Commit what the model that was not in charge of a part said; `RecordRefused` for a second one on a part."""
        try:
            self._add_comparison(comparison)
        except RecordRefused:
            with self._chain.database.reading() as connection:
                if not has_comparison(connection, comparison):
                    raise

    def _add_comparison(self, comparison: Comparison) -> None:
        model = comparison.prediction.model
        with self._chain.appending() as append:
            model_id = None if model is None else self._model_id(append.connection, model)
            row = append.place | mapping.comparison_row(comparison) | {"model_id": model_id}
            append.connection.execute(insert(comparisons), row)
            named = () if model is None else (mapping.model_row(model),)
            append.seal(RecordKind.COMPARISON, comparison.inspection_id, row, *named)
        if model is not None and model_id is not None:
            self._models[model] = model_id

    def record_told(self, told: Sequence[LineTold]) -> None:
        """Commit what the line has taken; writes nothing for an empty sequence."""
        if not told:
            return
        with self._chain.appending() as append:
            heard = self._tell(append, told)
            append.seal(RecordKind.LINE_TOLD, told[0].inspection_id, *heard)

    def record_picture(self, pixels_sha256: str, picture: StoredPicture) -> None:
        """Commit where a picture is, or that it is lost."""
        if picture.state is PictureState.PENDING:
            raise RecordRefused("a picture is pending by itself until it is stored or lost")
        place = {"station_id": self._chain.station_id, "pixels_sha256": pixels_sha256}
        with self._chain.appending() as append:
            row = append.place | mapping.picture_row(pixels_sha256, picture)
            append.connection.execute(insert(picture_records), row)
            values = {name: row[name] for name in ("state", "path", "file_sha256", "detail")}
            where = [pictures.c[name] == value for name, value in place.items()]
            changed = append.connection.execute(update(pictures).where(*where).values(values))
            if changed.rowcount != 1:
                raise RecordRefused(f"no part in the log has the picture {pixels_sha256}")
            append.seal(RecordKind.PICTURE, pixels_sha256, row)

    def record_incident(self, kind: str, sentence: str, at: datetime) -> None:
        """Commit something an operator or auditor must be able to find later (fault, recovery, start, stop)."""
        with self._chain.appending() as append:
            facts: Row = {
                "kind": mapping.printable(kind),
                "sentence": mapping.printable(sentence),
                "at_us": mapping.to_us(at),
            }
            row = append.place | facts
            append.connection.execute(insert(incidents), row)
            append.seal(RecordKind.INCIDENT, facts["kind"], row)

    def pending_pictures(self) -> tuple[str, ...]:
        """Return the pixels_sha256 of this station's pictures that are neither stored nor lost."""
        query = select(pictures.c.pixels_sha256).where(
            pictures.c.station_id == self._chain.station_id, pictures.c.state == PictureState.PENDING.value
        )
        with self._chain.database.reading() as connection:
            return tuple(connection.execute(query).scalars())

    def waiting(self) -> tuple[LogEntry, ...]:
        """Return this station's parts that still wait for a human, oldest first."""
        return self._where_flag("waiting")

    def untold(self) -> tuple[LogEntry, ...]:
        """Return this station's parts of which the line is not known to have heard what counts, oldest first."""
        return self._where_flag("untold")

    def to_adjudicate(self, since_version: int) -> tuple[LogEntry, ...]:
        """Return the parts since a control state on which two models differ and nobody was asked, oldest first."""
        answered = select(verdicts.c.number).where(
            verdicts.c.inspection_id == inspections.c.inspection_id, verdicts.c.retracted.is_(False)
        )
        differing = select(comparisons.c.inspection_id).where(comparisons.c.differs.is_(True))
        query = parts(
            inspections.c.inspection_id.in_(differing),
            inspections.c.station_id == self._chain.station_id,
            inspections.c.control_version >= since_version,
            inspections.c.presentation.is_(None),
            ~answered.exists(),
        ).order_by(inspections.c.captured_us, inspections.c.number)
        with self._chain.database.reading() as connection:
            return load_entries(connection, query, self._states)

    def _tell(self, append: Append, told: Sequence[LineTold]) -> list[Row]:
        """Write line messages and bring their parts up to date; returns the rows."""
        rows = [append.place | mapping.told_row(message) for message in told]
        if rows:
            self._statements.add_told.run(append.connection, *rows)
            heard = [{"of": row["inspection_id"], "heard": row["disposition"]} for row in rows]
            self._statements.tell.run(append.connection, *heard)
        return rows

    def _where_flag(self, flag: str) -> tuple[LogEntry, ...]:
        query = parts(inspections.c[flag].is_(True), inspections.c.station_id == self._chain.station_id)
        query = query.order_by(inspections.c.captured_us, inspections.c.number)
        with self._chain.database.reading() as connection:
            return load_entries(connection, query, self._states)

    def _model_id(self, connection: Connection, model: ModelIdentity) -> int:
        """Return the model's row, made if it is new; the caller remembers it once it is committed."""
        known = self._models.get(model)
        if known is not None:
            return known
        row = mapping.model_row(model)
        query = select(models.c.model_id).where(*(models.c[name] == value for name, value in row.items()))
        found: int | None = connection.execute(query).scalar()
        if found is None:
            found = connection.execute(insert(models).returning(models.c.model_id), row).scalar_one()
        return found


def _fresh(inspection: Inspection) -> Row:
    """Return the projections of a part that nobody has spoken about yet."""
    decision = inspection.decision
    return {
        "disposition": decision.disposition.value,
        "told": None,
        "untold": inspection.seed is None,
        "waiting": decision.asks_human,
        "disagrees": False,
        "turns": 0,
        "truth": None,
    }


def _part(connection: Connection, inspection_id: str) -> Read:
    """Return what a verdict needs of its part and keep others from changing it meanwhile."""
    part = connection.execute(_PART, {"of": inspection_id}).mappings().first()
    if part is None:
        raise RecordRefused(f"there is no inspection {inspection_id} in the log")
    return part


def _bring_up_to_date(connection: Connection, inspection_id: str, part: Read, disposition: Disposition) -> None:
    """Recompute what counts for a part after one more verdict or retraction."""
    standing = [(row.kind, row.answer) for row in connection.execute(_STANDING, {"of": inspection_id})]
    values = {
        "disposition": disposition.value,
        "untold": part["told"] != disposition.value and not part["seeded"],
        "turns": part["turns"] + 1,
        **opinion(part, standing),
    }
    connection.execute(update(inspections).where(inspections.c.inspection_id == inspection_id).values(values))
