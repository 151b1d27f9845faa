"""Guided attribute studies: plans and answers, append-only."""

from __future__ import annotations

import json

from sqlalchemy import and_, insert, or_, select

from db.audit_chain import AuditChain
from db.mapping import Read, Row, canonical_json, from_us, printable, to_us
from db.schema import RecordKind, inspections, pictures, studies, study_answers, verdicts
from inspector_app.domain.frame import Judgement
from inspector_app.domain.inspection import PictureState
from inspector_app.domain.study import StudyAnswer, StudyPart, StudyPlan
from inspector_app.domain.verdict import Answer, VerdictKind


class SqlStudyLog:
    """`inspector_app.domain.study.StudyLog` on a database; each station sees its own studies.

    Parameters
    ----------
    chain : AuditChain
        Gives the transactions; every plan and every answer becomes a link of it.
    """

    def __init__(self, chain: AuditChain) -> None:
        self._chain = chain

    def plans(self) -> tuple[StudyPlan, ...]:
        """Return all studies of this station, newest first."""
        query = select(studies).where(studies.c.station_id == self._chain.station_id).order_by(studies.c.number.desc())
        with self._chain.database.reading() as connection:
            return tuple(_plan(row) for row in connection.execute(query).mappings())

    def begin(self, plan: StudyPlan) -> None:
        """Commit a plan."""
        with self._chain.appending() as append:
            row = append.place | _plan_row(plan)
            append.connection.execute(insert(studies), row)
            append.seal(RecordKind.STUDY, plan.study_id, row)

    def record(self, answer: StudyAnswer) -> None:
        """Commit one answer."""
        with self._chain.appending() as append:
            row = append.place | _answer_row(answer)
            append.connection.execute(insert(study_answers), row)
            append.seal(RecordKind.STUDY_ANSWER, f"{answer.study_id} {answer.inspection_id}", row)

    def answers(self, study_id: str) -> tuple[StudyAnswer, ...]:
        """Return the answers of a study in the order in which they were given."""
        query = select(study_answers).where(study_answers.c.study_id == study_id).order_by(study_answers.c.number)
        with self._chain.database.reading() as connection:
            return tuple(_answer(row) for row in connection.execute(query).mappings())

    def known_parts(self, limit: int) -> tuple[StudyPart, ...]:
        """Return this station's parts with a stored picture whose truth is known, newest first.

        Known is the reference of the source, else the last standing adjudication that accepts or rejects.
        """
        here = and_(inspections.c.station_id == self._chain.station_id, inspections.c.seeded.is_(None))
        stored = and_(
            pictures.c.station_id == inspections.c.station_id,
            pictures.c.pixels_sha256 == inspections.c.pixels_sha256,
            pictures.c.state == PictureState.STORED.value,
        )
        adjudicated = and_(
            verdicts.c.inspection_id == inspections.c.inspection_id,
            verdicts.c.kind == VerdictKind.ADJUDICATION.value,
            verdicts.c.retracted.is_(False),
            verdicts.c.answer != Answer.UNSURE.value,
        )
        query = (
            select(inspections.c.inspection_id, inspections.c.reference, verdicts.c.answer)
            .join(pictures, stored)
            .outerjoin(verdicts, adjudicated)
            .where(here, or_(inspections.c.reference.is_not(None), verdicts.c.answer.is_not(None)))
            .order_by(inspections.c.number.desc(), verdicts.c.turn)
            .limit(limit)
        )
        with self._chain.database.reading() as connection:
            rows = connection.execute(query).all()
        # Several adjudications of a part come one after the other; the last of them stays.
        return tuple(StudyPart(part, Judgement(truth)) for part, truth in {r[0]: r[1] or r[2] for r in rows}.items())


def _plan_row(plan: StudyPlan) -> Row:
    return {
        "study_id": plan.study_id,
        "name": printable(plan.name),
        "by": printable(plan.by),
        "at_us": to_us(plan.at),
        "parts": canonical_json([[part.inspection_id, part.reference.value] for part in plan.parts]),
        "appraisers": canonical_json([printable(name) for name in plan.appraisers]),
        "model": plan.model,
        "cut": float(plan.cut),
        "trials": int(plan.trials),
        "seed": int(plan.seed),
    }


def _plan(row: Read) -> StudyPlan:
    return StudyPlan(
        study_id=row["study_id"],
        name=row["name"],
        by=row["by"],
        at=from_us(row["at_us"]),
        parts=tuple(StudyPart(part, Judgement(reference)) for part, reference in json.loads(row["parts"])),
        appraisers=tuple(json.loads(row["appraisers"])),
        model=row["model"],
        cut=row["cut"],
        trials=row["trials"],
        seed=row["seed"],
    )


def _answer_row(answer: StudyAnswer) -> Row:
    return {
        "study_id": answer.study_id,
        "appraiser": printable(answer.appraiser),
        "trial": int(answer.trial),
        "inspection_id": answer.inspection_id,
        "turn": int(answer.turn),
        "judgement": answer.judgement.value,
        "at_us": to_us(answer.at),
        "seconds": float(answer.seconds),
    }


def _answer(row: Read) -> StudyAnswer:
    return StudyAnswer(
        study_id=row["study_id"],
        appraiser=row["appraiser"],
        inspection_id=row["inspection_id"],
        trial=row["trial"],
        turn=row["turn"],
        judgement=Judgement(row["judgement"]),
        at=from_us(row["at_us"]),
        seconds=row["seconds"],
    )
