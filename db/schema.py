"""The tables of the log.

Records (inspections, verdicts, retractions, line messages, control changes, picture records, incidents) are only
ever added; each carries the station that wrote it and its place in that station's audit chain. The columns named in
`PROJECTIONS` are the exception: they say what counts *now*, are brought up to date in the same transaction as the
record that changes them, and can be recomputed from the records.

Times are whole microseconds since 1970-01-01 UTC (``_us``): exact, sortable and the same on every database.
Facts by which parts are counted (level, model, judgements) are copied onto the verdict rows, so that a report over a
million decisions reads one narrow index and joins nothing. A column added by a later migration must be nullable:
columns that are null are left out of a record's digest, so old records keep theirs.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

from inspector_app.domain.control import AssistStyle, Level
from inspector_app.domain.decision import Disposition, Presentation, Route
from inspector_app.domain.frame import Judgement, PictureProblem, ReferenceSource
from inspector_app.domain.inspection import PictureState
from inspector_app.domain.prediction import PredictionStatus
from inspector_app.domain.verdict import Answer, VerdictKind

HEAD = "0001"
"""Newest revision of the migrations; a test keeps it in step with them."""

PROJECTIONS = {
    "inspections": ("disposition", "told", "untold", "waiting", "disagrees", "turns"),
    "verdicts": ("retracted",),
}
"""Per table, the columns that are brought up to date; all others never change."""

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)


class RecordKind(StrEnum):
    """What a link of the audit chain stands for."""

    INSPECTION = "inspection"
    VERDICT = "verdict"
    RETRACTION = "retraction"
    LINE_TOLD = "line_told"
    CONTROL = "control"
    PICTURE = "picture"
    INCIDENT = "incident"


def _number() -> Column[int]:
    """Return the row number; SQLite counts up only in a column typed INTEGER."""
    return Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True)


def _placed() -> tuple[Column[Any], Column[Any]]:
    """Return the columns that tie a record to its link in the audit chain."""
    return Column("station_id", Text, nullable=False), Column("seq", BigInteger, nullable=False)


def _text(name: str, optional: bool = False) -> Column[str]:
    return Column(name, Text, nullable=optional)


def _whole(name: str, optional: bool = False) -> Column[int]:
    return Column(name, BigInteger, nullable=optional)


def _real(name: str, optional: bool = False) -> Column[float]:
    return Column(name, Double, nullable=optional)


def _flag(name: str, optional: bool = False) -> Column[bool]:
    return Column(name, Boolean(create_constraint=False), nullable=optional)


def _one_of(name: str, values: Iterable[StrEnum]) -> CheckConstraint:
    """Return the CHECK that a text column holds one of an enum's values (or null where the column may be null)."""
    allowed = ", ".join(f"'{value.value}'" for value in values)
    return CheckConstraint(f"{name} IN ({allowed})", name=name)


models = Table(
    "models",
    metadata,
    Column("model_id", Integer, primary_key=True),
    _text("name"),
    _text("version"),
    _text("sha256"),
    _text("preprocessing_sha256"),
    UniqueConstraint("name", "version", "sha256", "preprocessing_sha256"),
)

control_changes = Table(
    "control_changes",
    metadata,
    _number(),
    *_placed(),
    _whole("version"),
    _text("by"),
    _text("because"),
    _whole("at_us"),
    _whole("before_version", optional=True),
    _text("level"),
    _text("style"),
    _real("accept_below"),
    _real("cut"),
    _real("reject_above"),
    _real("canary_share"),
    _real("audit_share"),
    _real("unaided_share"),
    _flag("hold_audits"),
    _text("salt_canary"),
    _text("salt_audit"),
    _text("salt_first_look"),
    UniqueConstraint("station_id", "version"),
    CheckConstraint("before_version < version", name="order"),
    _one_of("level", Level),
    _one_of("style", AssistStyle),
    CheckConstraint(
        "0 <= accept_below AND accept_below <= cut AND cut <= reject_above AND reject_above <= 1", name="thresholds"
    ),
    CheckConstraint("canary_share BETWEEN 0 AND 1", name="canary_share"),
    CheckConstraint("audit_share > 0 AND audit_share <= 1", name="audit_share"),
    CheckConstraint("unaided_share > 0 AND unaided_share <= 1", name="unaided_share"),
)


def _draw(name: str) -> tuple[Column[Any], ...]:
    """Return the three columns of a recorded sticky draw; all null when nothing was drawn."""
    return _flag(f"{name}_drawn", True), _real(f"{name}_probability", True), _real(f"{name}_u", True)


inspections = Table(
    "inspections",
    metadata,
    _number(),
    *_placed(),
    _text("inspection_id"),
    _text("part_id"),
    _whole("captured_us"),
    _text("source"),
    _whole("sequence"),
    _whole("skipped"),
    _text("path", optional=True),
    _text("pixels_sha256", optional=True),
    _whole("width", optional=True),
    _whole("height", optional=True),
    _whole("channels", optional=True),
    _text("picture_problem", optional=True),
    _text("picture_sentence", optional=True),
    _text("prediction_status", optional=True),
    _real("probability", optional=True),
    _text("regions", optional=True),
    _real("elapsed_ms", optional=True),
    _text("prediction_detail", optional=True),
    Column("model_id", Integer, ForeignKey("models.model_id")),
    _whole("control_version"),
    _text("level"),
    _text("route"),
    _text("reasons"),
    *_draw("canary"),
    *_draw("audit"),
    *_draw("first_look"),
    _text("presentation", optional=True),
    _text("first_disposition"),
    _text("model_judgement", optional=True),
    _text("reference", optional=True),
    _text("reference_source", optional=True),
    _text("disposition"),
    _text("told", optional=True),
    _flag("untold"),
    _flag("waiting"),
    _flag("disagrees"),
    _whole("turns"),
    UniqueConstraint("inspection_id"),
    ForeignKeyConstraint(["station_id", "control_version"], ["control_changes.station_id", "control_changes.version"]),
    CheckConstraint("(pixels_sha256 IS NULL) <> (picture_problem IS NULL)", name="picture"),
    CheckConstraint("(prediction_status = 'ok') = (probability IS NOT NULL)", name="prediction"),
    CheckConstraint("probability BETWEEN 0 AND 1", name="probability"),
    CheckConstraint("(reference IS NULL) = (reference_source IS NULL)", name="reference_given"),
    _one_of("picture_problem", PictureProblem),
    _one_of("prediction_status", PredictionStatus),
    _one_of("level", Level),
    _one_of("route", Route),
    _one_of("presentation", Presentation),
    _one_of("first_disposition", Disposition),
    _one_of("model_judgement", Judgement),
    _one_of("reference", Judgement),
    _one_of("reference_source", ReferenceSource),
    _one_of("disposition", Disposition),
    _one_of("told", Disposition),
)

verdicts = Table(
    "verdicts",
    metadata,
    _number(),
    *_placed(),
    _text("verdict_id"),
    Column("inspection_id", Text, ForeignKey("inspections.inspection_id"), nullable=False),
    _whole("turn"),
    _text("by"),
    _text("answer"),
    _text("kind"),
    _text("classes"),
    _whole("at_us"),
    _real("seconds"),
    _text("disposition"),
    _whole("captured_us"),
    _text("level"),
    Column("model_id", Integer, ForeignKey("models.model_id")),
    _text("route"),
    _text("model_judgement", optional=True),
    _text("reference", optional=True),
    _flag("retracted"),
    UniqueConstraint("verdict_id"),
    UniqueConstraint("inspection_id", "turn"),
    CheckConstraint("seconds >= 0", name="seconds"),
    _one_of("answer", Answer),
    _one_of("kind", VerdictKind),
    _one_of("disposition", Disposition),
    _one_of("level", Level),
    _one_of("route", Route),
    _one_of("model_judgement", Judgement),
    _one_of("reference", Judgement),
)

retractions = Table(
    "retractions",
    metadata,
    _number(),
    *_placed(),
    Column("verdict_id", Text, ForeignKey("verdicts.verdict_id"), nullable=False),
    Column("inspection_id", Text, ForeignKey("inspections.inspection_id"), nullable=False),
    _whole("turn"),
    _text("by"),
    _whole("at_us"),
    _text("disposition"),
    UniqueConstraint("verdict_id"),
    UniqueConstraint("inspection_id", "turn"),
    _one_of("disposition", Disposition),
)

line_messages = Table(
    "line_messages",
    metadata,
    _number(),
    *_placed(),
    Column("inspection_id", Text, ForeignKey("inspections.inspection_id"), nullable=False),
    _text("disposition"),
    _whole("at_us"),
    _one_of("disposition", Disposition),
    Index("ix_line_messages_inspection", "inspection_id"),
)

pictures = Table(
    "pictures",
    metadata,
    Column("station_id", Text, primary_key=True),
    Column("pixels_sha256", Text, primary_key=True),
    _text("state"),
    _text("path", optional=True),
    _text("file_sha256", optional=True),
    _text("detail", optional=True),
    CheckConstraint("(state = 'stored') = (path IS NOT NULL AND file_sha256 IS NOT NULL)", name="place"),
    _one_of("state", PictureState),
)

picture_records = Table(
    "picture_records",
    metadata,
    _number(),
    *_placed(),
    _text("pixels_sha256"),
    _text("state"),
    _text("path", optional=True),
    _text("file_sha256", optional=True),
    _text("detail", optional=True),
    _one_of("state", PictureState),
    Index("ix_picture_records_pixels", "pixels_sha256"),
)

incidents = Table(
    "incidents",
    metadata,
    _number(),
    *_placed(),
    _text("kind"),
    _text("sentence"),
    _whole("at_us"),
    Index("ix_incidents_at", "at_us"),
)

chain_links = Table(
    "chain_links",
    metadata,
    Column("station_id", Text, primary_key=True),
    Column("seq", BigInteger, primary_key=True),
    _whole("at_us"),
    _text("kind"),
    _text("subject"),
    _text("payload_sha256"),
    _text("previous"),
    _text("digest"),
    CheckConstraint("seq > 0", name="seq"),
    _one_of("kind", RecordKind),
)

chain_heads = Table(
    "chain_heads",
    metadata,
    Column("station_id", Text, primary_key=True),
    _whole("seq"),
    _text("digest"),
)

# Newest first, and the part's text beside it: a search by part reads this index alone until it has its page.
Index("ix_inspections_recency", inspections.c.captured_us, inspections.c.number, inspections.c.part_id)
Index("ix_inspections_part", inspections.c.part_id)
Index(
    "ix_inspections_counts",
    *(
        inspections.c[name]
        for name in ("level", "model_id", "route", "disposition", "model_judgement", "reference", "captured_us")
    ),
)
_SOME = {
    "ix_inspections_waiting": inspections.c.waiting,
    "ix_inspections_untold": inspections.c.untold,
    "ix_inspections_disagrees": inspections.c.disagrees,
}
for _name, _column in _SOME.items():
    Index(
        _name,
        inspections.c.captured_us,
        inspections.c.number,
        sqlite_where=_column.is_(True),
        postgresql_where=_column.is_(True),
    )
Index(
    "ix_pictures_pending",
    pictures.c.station_id,
    sqlite_where=pictures.c.state == "pending",
    postgresql_where=pictures.c.state == "pending",
)
COPIED = ("captured_us", "level", "model_id", "route", "model_judgement", "reference")
"""Columns of an inspection that its verdicts repeat."""

Index(
    "ix_verdicts_counts",
    *(
        verdicts.c[name]
        for name in (
            "level",
            "model_id",
            "by",
            "kind",
            "answer",
            "route",
            "model_judgement",
            "reference",
            "captured_us",
        )
    ),
    sqlite_where=verdicts.c.retracted.is_(False),
    postgresql_where=verdicts.c.retracted.is_(False),
)
Index("ix_verdicts_by", verdicts.c.by, verdicts.c.captured_us)
