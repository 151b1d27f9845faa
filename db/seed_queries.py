"""Seeded parts: what was shown when, what is known to be defective, and what was said of the seeded parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Select, and_, func, select

from db import mapping
from db.engine import Database
from db.filters import part_clauses
from db.loading import verdicts_of
from db.schema import control_changes, inspections, models, pictures, verdicts
from inspector_app.domain.decision import Route
from inspector_app.domain.frame import Judgement
from inspector_app.domain.inspection import PictureState, StoredPicture
from inspector_app.domain.logquery import LogFilter, SeededPart
from inspector_app.domain.seed import KnownDefect, Seed, SeedSeen
from inspector_app.domain.verdict import Answer, VerdictKind

_KEY = inspections.c.number
_SEEDED = inspections.c.seeded.is_(True)
_PRODUCTION = inspections.c.seeded.is_(None)
_NO_CLASS = "other"


class SqlSeedHistory:
    """`inspector_app.station.seeding.SeedHistory` on a database.

    Parameters
    ----------
    database, station_id
        Whose records are read.
    """

    def __init__(self, database: Database, station_id: str) -> None:
        self._database = database
        self._mine = inspections.c.station_id == station_id

    def seeds_seen(self, parts: int, since: datetime) -> tuple[SeedSeen, ...]:
        """Return the defects shown both within so many parts of production and since a time (UTC), newest first."""
        with self._database.reading() as connection:
            numbers = self._newest_parts(parts)
            border = connection.execute(select(func.min(numbers.subquery().c.number))).scalar()
            if border is None:
                return ()
            recent = (self._mine, _SEEDED, border <= _KEY, inspections.c.captured_us >= mapping.to_us(since))
            query = select(_KEY, inspections.c.seed, inspections.c.captured_us).where(*recent).order_by(_KEY.desc())
            rows = connection.execute(query).all()
            of_production = [int(row[0]) for row in connection.execute(numbers)]
        return tuple(
            SeedSeen(
                _seed(row.seed).defect.name,
                sum(number > row.number for number in of_production),
                mapping.from_us(row.captured_us),
            )
            for row in rows
        )

    def part_known(self, part_id: str, since: datetime) -> bool:
        """Return True if a part of this number was captured since a time, UTC."""
        same = inspections.c.part_id == mapping.printable(part_id)
        query = select(_KEY).where(inspections.c.captured_us >= mapping.to_us(since), same).limit(1)
        with self._database.reading() as connection:
            return connection.execute(query).first() is not None

    def confirmed_rejects(self, before: datetime, most: int) -> tuple[tuple[KnownDefect, StoredPicture], ...]:
        """Return the newest parts that a third look found defective, with their pictures, if a model may judge these.

        Parameters
        ----------
        before : datetime
            UTC: parts captured later are too fresh in memory.
        most : int
            At most so many.
        """
        stored = and_(
            pictures.c.station_id == inspections.c.station_id,
            pictures.c.pixels_sha256 == inspections.c.pixels_sha256,
            pictures.c.state == PictureState.STORED.value,
        )
        third = verdicts.c.kind == VerdictKind.ADJUDICATION.value
        judged = select(verdicts.c.inspection_id).where(third, verdicts.c.retracted.is_(False))
        query = (
            select(inspections.c.inspection_id, *(pictures.c[n] for n in ("state", "path", "file_sha256", "detail")))
            .join(pictures, stored)
            .where(
                self._mine,
                _PRODUCTION,
                inspections.c.captured_us < mapping.to_us(before),
                inspections.c.unfit_flaw.is_(None),
                inspections.c.inspection_id.in_(judged),
            )
            .order_by(_KEY.desc())
            .limit(most)
        )
        with self._database.reading() as connection:
            rows = connection.execute(query).mappings().all()
            looks = verdicts_of(connection, [row["inspection_id"] for row in rows])
        found = []
        for row in rows:
            of = row["inspection_id"]
            sure = [v for v in looks[of] if not v.retracted and v.answer is not Answer.UNSURE]
            settled = [v for v in sure if v.kind is VerdictKind.ADJUDICATION]
            if settled and settled[-1].answer is Answer.REJECT:
                classes = [name for verdict in reversed(sure) for name in verdict.classes]
                truth = f"third look by {settled[-1].by} on {settled[-1].at:%Y-%m-%d}"
                defect = KnownDefect(f"log:{of}", classes[0] if classes else _NO_CLASS, truth)
                found.append((defect, mapping.stored_picture(row)))
        return tuple(found)

    def _newest_parts(self, parts: int) -> Select[Any]:
        return select(_KEY).where(self._mine, _PRODUCTION).order_by(_KEY.desc()).limit(parts)


def accepted_seeds(database: Database, station_id: str, before_version: int) -> frozenset[tuple[str, str]]:
    """Return the model files (SHA-256) and the archived defects that they accepted before a control state."""
    query = (
        select(models.c.sha256, inspections.c.seed)
        .select_from(
            inspections.join(models, models.c.model_id == inspections.c.model_id).join(
                control_changes,
                and_(
                    control_changes.c.station_id == inspections.c.station_id,
                    control_changes.c.version == inspections.c.control_version,
                ),
            )
        )
        .where(
            _SEEDED,
            inspections.c.station_id == station_id,
            inspections.c.control_version < before_version,
            inspections.c.probability < control_changes.c.accept_below,
        )
    )
    with database.reading() as connection:
        rows = connection.execute(query).all()
    return frozenset((row.sha256, _seed(row.seed).defect.name) for row in rows)


def seeded_parts(database: Database, which: LogFilter) -> tuple[SeededPart, ...]:
    """Return the seeded parts meant, oldest first."""
    columns = (
        *(inspections.c[name] for name in ("number", "captured_us", "seed", "route", "model_judgement", "waiting")),
        *(verdicts.c[name] for name in ("by", "kind", "answer")),
    )
    standing = and_(verdicts.c.inspection_id == inspections.c.inspection_id, verdicts.c.retracted.is_(False))
    query = (
        select(*columns)
        .select_from(inspections.outerjoin(verdicts, standing))
        .where(*part_clauses(replace(which, seeded=True)))
        .order_by(inspections.c.captured_us, _KEY, verdicts.c.turn)
    )
    with database.reading() as connection:
        rows = connection.execute(query).mappings().all()
    return tuple(_seeded_part(list(looks)) for _, looks in groupby(rows, key=lambda row: row["number"]))


def _seeded_part(looks: Sequence[Any]) -> SeededPart:
    row = looks[0]
    seed, judgement = _seed(row["seed"]), row["model_judgement"]
    return SeededPart(
        defect=seed.defect,
        captured_at=mapping.from_us(row["captured_us"]),
        route=Route(row["route"]),
        model_judgement=None if judgement is None else Judgement(judgement),
        misled=seed.probe is not None and seed.probe.draw.drawn,
        waits=bool(row["waiting"]),
        answers=tuple(
            (look["by"], VerdictKind(look["kind"]), Answer(look["answer"])) for look in looks if look["by"] is not None
        ),
    )


def _seed(text: str) -> Seed:
    seed = mapping.seed(text)
    if seed is None:
        raise ValueError("a seeded part names its defect")
    return seed
