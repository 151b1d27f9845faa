"""The tables of the log.

Records (inspections, verdicts, retractions, line messages, control changes, picture records, incidents, studies,
comparisons, PINs …) are only ever added; each carries the station that wrote it and its place in that station's audit
chain. The columns named in `PROJECTIONS` are the exception: they say what counts *now*, are brought up to date in the
same transaction as the record that changes them, and can be recomputed from the records.

Times are whole microseconds since 1970-01-01 UTC (``_us``): exact, sortable and the same on every database.
Facts by which parts are counted (level, model, judgements) are copied onto the verdict rows, so that a report over a
million decisions reads one narrow index and joins nothing. A column added by a later migration must be nullable:
columns that are null are left out of a record's digest, so old records keep theirs.
"""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

from db.columns import draw, flag, number, one_of, placed, real, text, whole
from inspector_app.domain.control import AssistStyle, Level
from inspector_app.domain.decision import Disposition, Presentation, Route
from inspector_app.domain.frame import Judgement, ReferenceSource
from inspector_app.domain.inspection import PictureState
from inspector_app.domain.prediction import PredictionStatus
from inspector_app.domain.rollout import Slot
from inspector_app.domain.verdict import Answer, VerdictKind

HEAD = "0021"
"""Newest revision of the migrations; a test keeps it in step with them."""

PROJECTIONS = {
    "inspections": ("disposition", "told", "untold", "waiting", "disagrees", "turns", "truth"),
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
    STUDY = "study"
    STUDY_ANSWER = "study_answer"
    COMPARISON = "comparison"
    PIN = "pin"
    SIGNATURE = "signature"
    CERTIFICATE = "certificate"
    CAMERA = "camera"
    IMPORT = "import"


models = Table(
    "models",
    metadata,
    Column("model_id", Integer, primary_key=True),
    text("name"),
    text("version"),
    text("sha256"),
    text("preprocessing_sha256"),
    UniqueConstraint("name", "version", "sha256", "preprocessing_sha256"),
)

control_changes = Table(
    "control_changes",
    metadata,
    number(),
    *placed(),
    whole("version"),
    text("by"),
    text("because"),
    whole("at_us"),
    whole("before_version", optional=True),
    text("level"),
    text("style"),
    real("accept_below"),
    real("cut"),
    real("reject_above"),
    real("canary_share"),
    real("audit_share"),
    real("unaided_share"),
    flag("hold_audits"),
    text("salt_canary"),
    text("salt_audit"),
    text("salt_first_look"),
    text("slots", optional=True),
    text("rollout", optional=True),
    text("latched", optional=True),
    flag("signed", optional=True),
    text("against", optional=True),
    real("targeted_share", optional=True),
    real("targeted_above", optional=True),
    text("certificate", optional=True),
    real("reject_audit_share", optional=True),
    UniqueConstraint("station_id", "version"),
    CheckConstraint("before_version < version", name="order"),
    one_of("level", Level),
    one_of("style", AssistStyle),
    CheckConstraint(
        "0 <= accept_below AND accept_below <= cut AND cut <= reject_above AND reject_above <= 1", name="thresholds"
    ),
    CheckConstraint("canary_share BETWEEN 0 AND 1", name="canary_share"),
    CheckConstraint("audit_share > 0 AND audit_share <= 1", name="audit_share"),
    CheckConstraint("unaided_share > 0 AND unaided_share <= 1", name="unaided_share"),
)


inspections = Table(
    "inspections",
    metadata,
    number(),
    *placed(),
    text("inspection_id"),
    text("part_id"),
    whole("captured_us"),
    text("source"),
    whole("sequence"),
    whole("skipped"),
    text("path", optional=True),
    text("pixels_sha256", optional=True),
    whole("width", optional=True),
    whole("height", optional=True),
    whole("channels", optional=True),
    text("picture_problem", optional=True),
    text("picture_sentence", optional=True),
    text("prediction_status", optional=True),
    real("probability", optional=True),
    text("regions", optional=True),
    real("elapsed_ms", optional=True),
    text("prediction_detail", optional=True),
    Column("model_id", Integer, ForeignKey("models.model_id")),
    whole("control_version"),
    text("level"),
    text("route"),
    text("reasons"),
    *draw("canary"),
    *draw("audit"),
    *draw("first_look"),
    text("presentation", optional=True),
    text("first_disposition"),
    text("model_judgement", optional=True),
    text("reference", optional=True),
    text("reference_source", optional=True),
    text("disposition"),
    text("told", optional=True),
    flag("untold"),
    flag("waiting"),
    flag("disagrees"),
    whole("turns"),
    *draw("challenger"),
    *draw("targeted"),
    # No CHECK on the flaw, nor on the problem: each new one would have to copy this table.
    text("unfit_flaw", optional=True),
    text("unfit_sentence", optional=True),
    text("asked", optional=True),
    text("product", optional=True),
    flag("seeded", optional=True),
    text("seed", optional=True),
    text("views", optional=True),
    # What counts as truth, so that gates and certificates need not read all verdicts; null where nobody looked alone.
    text("truth", optional=True),
    UniqueConstraint("inspection_id"),
    ForeignKeyConstraint(["station_id", "control_version"], ["control_changes.station_id", "control_changes.version"]),
    CheckConstraint("(pixels_sha256 IS NULL) <> (picture_problem IS NULL)", name="picture"),
    CheckConstraint("(prediction_status = 'ok') = (probability IS NOT NULL)", name="prediction"),
    CheckConstraint("probability BETWEEN 0 AND 1", name="probability"),
    CheckConstraint("(reference IS NULL) = (reference_source IS NULL)", name="reference_given"),
    one_of("prediction_status", PredictionStatus),
    one_of("level", Level),
    one_of("route", Route),
    one_of("presentation", Presentation),
    one_of("first_disposition", Disposition),
    one_of("model_judgement", Judgement),
    one_of("reference", Judgement),
    one_of("reference_source", ReferenceSource),
    one_of("disposition", Disposition),
    one_of("told", Disposition),
)

verdicts = Table(
    "verdicts",
    metadata,
    number(),
    *placed(),
    text("verdict_id"),
    Column("inspection_id", Text, ForeignKey("inspections.inspection_id"), nullable=False),
    whole("turn"),
    text("by"),
    text("answer"),
    text("kind"),
    text("classes"),
    whole("at_us"),
    real("seconds"),
    text("disposition"),
    whole("captured_us"),
    text("level"),
    Column("model_id", Integer, ForeignKey("models.model_id")),
    text("route"),
    text("model_judgement", optional=True),
    text("reference", optional=True),
    flag("retracted"),
    text("product", optional=True),
    flag("seeded", optional=True),
    UniqueConstraint("verdict_id"),
    UniqueConstraint("inspection_id", "turn"),
    CheckConstraint("seconds >= 0", name="seconds"),
    one_of("answer", Answer),
    one_of("kind", VerdictKind),
    one_of("disposition", Disposition),
    one_of("level", Level),
    one_of("route", Route),
    one_of("model_judgement", Judgement),
    one_of("reference", Judgement),
)

retractions = Table(
    "retractions",
    metadata,
    number(),
    *placed(),
    Column("verdict_id", Text, ForeignKey("verdicts.verdict_id"), nullable=False),
    Column("inspection_id", Text, ForeignKey("inspections.inspection_id"), nullable=False),
    whole("turn"),
    text("by"),
    whole("at_us"),
    text("disposition"),
    UniqueConstraint("verdict_id"),
    UniqueConstraint("inspection_id", "turn"),
    one_of("disposition", Disposition),
)

line_messages = Table(
    "line_messages",
    metadata,
    number(),
    *placed(),
    Column("inspection_id", Text, ForeignKey("inspections.inspection_id"), nullable=False),
    text("disposition"),
    whole("at_us"),
    one_of("disposition", Disposition),
    Index("ix_line_messages_inspection", "inspection_id"),
)

pictures = Table(
    "pictures",
    metadata,
    Column("station_id", Text, primary_key=True),
    Column("pixels_sha256", Text, primary_key=True),
    text("state"),
    text("path", optional=True),
    text("file_sha256", optional=True),
    text("detail", optional=True),
    CheckConstraint("(state = 'stored') = (path IS NOT NULL AND file_sha256 IS NOT NULL)", name="place"),
    one_of("state", PictureState),
    sqlite_with_rowid=False,
)

picture_records = Table(
    "picture_records",
    metadata,
    number(),
    *placed(),
    text("pixels_sha256"),
    text("state"),
    text("path", optional=True),
    text("file_sha256", optional=True),
    text("detail", optional=True),
    one_of("state", PictureState),
    Index("ix_picture_records_pixels", "pixels_sha256"),
)

incidents = Table(
    "incidents",
    metadata,
    number(),
    *placed(),
    text("kind"),
    text("sentence"),
    whole("at_us"),
    Index("ix_incidents_at", "at_us"),
)

studies = Table(
    "studies",
    metadata,
    number(),
    *placed(),
    text("study_id"),
    text("name"),
    text("by"),
    whole("at_us"),
    text("parts"),
    text("appraisers"),
    text("model", optional=True),
    real("cut"),
    whole("trials"),
    whole("seed"),
    UniqueConstraint("study_id"),
)

study_answers = Table(
    "study_answers",
    metadata,
    number(),
    *placed(),
    Column("study_id", Text, ForeignKey("studies.study_id"), nullable=False),
    text("appraiser"),
    whole("trial"),
    text("inspection_id"),
    whole("turn"),
    text("judgement"),
    whole("at_us"),
    real("seconds"),
    UniqueConstraint("study_id", "appraiser", "trial", "inspection_id", "turn"),
    CheckConstraint("seconds >= 0", name="seconds"),
    one_of("judgement", Judgement),
)

comparisons = Table(
    "comparisons",
    metadata,
    number(),
    *placed(),
    Column("inspection_id", Text, ForeignKey("inspections.inspection_id"), nullable=False),
    text("slot"),
    text("prediction_status"),
    real("probability", optional=True),
    text("regions"),
    real("elapsed_ms"),
    text("prediction_detail", optional=True),
    Column("model_id", Integer, ForeignKey("models.model_id")),
    text("judgement", optional=True),
    flag("differs"),
    whole("at_us"),
    text("asked", optional=True),
    UniqueConstraint("inspection_id"),
    CheckConstraint("(prediction_status = 'ok') = (probability IS NOT NULL)", name="prediction"),
    CheckConstraint("probability BETWEEN 0 AND 1", name="probability"),
    one_of("slot", Slot),
    one_of("prediction_status", PredictionStatus),
    one_of("judgement", Judgement),
)

pins = Table(
    "pins",
    metadata,
    number(),
    *placed(),
    text("name"),
    text("salt"),
    text("hash"),
    whole("cost"),
    whole("block_size"),
    whole("parallelism"),
    text("set_by"),
    whole("at_us"),
    Index("ix_pins_name", "name"),
)

signatures = Table(
    "signatures",
    metadata,
    number(),
    *placed(),
    text("name"),
    flag("good"),
    text("purpose"),
    whole("at_us"),
    Index("ix_signatures_name", "name"),
)

imported_files = Table(
    "imported_files",
    metadata,
    number(),
    *placed(),
    text("name"),
    text("sha256"),
    whole("rows"),
    text("rows_sha256"),
    text("mapping"),
    text("by"),
    whole("at_us"),
    UniqueConstraint("sha256"),
)

# Covered by the chain through the file's ``rows_sha256``: millions of lines need no link each.
imported_decisions = Table(
    "imported_decisions",
    metadata,
    number(),
    Column("file", Text, ForeignKey("imported_files.sha256"), nullable=False),
    whole("line"),
    text("part"),
    text("answer"),
    text("model_judgement", optional=True),
    text("reference", optional=True),
    text("inspector", optional=True),
    text("model_version", optional=True),
    whole("at_us", optional=True),
    UniqueConstraint("file", "line"),
    one_of("answer", Answer),
    one_of("model_judgement", Judgement),
    one_of("reference", Judgement),
)

certificates = Table(
    "certificates",
    metadata,
    number(),
    *placed(),
    text("certificate_id"),
    whole("at_us"),
    text("record"),
    UniqueConstraint("station_id", "certificate_id"),
)

camera_changes = Table(
    "camera_changes",
    metadata,
    number(),
    *placed(),
    whole("version"),
    text("source"),
    text("by"),
    text("because"),
    whole("at_us"),
    text("sha256"),
    text("before_sha256", optional=True),
    text("record"),
    flag("signed", optional=True),
    UniqueConstraint("station_id", "source", "version"),
)

chain_links = Table(
    "chain_links",
    metadata,
    Column("station_id", Text, primary_key=True),
    Column("seq", BigInteger, primary_key=True),
    whole("at_us"),
    text("kind"),
    text("subject"),
    text("payload_sha256"),
    text("previous"),
    text("digest"),
    # No CHECK on the kind: the digest covers it, and each new kind of record would have to copy this table.
    CheckConstraint("seq > 0", name="seq"),
    sqlite_with_rowid=False,
)

chain_heads = Table(
    "chain_heads",
    metadata,
    Column("station_id", Text, primary_key=True),
    whole("seq"),
    text("digest"),
)

# Newest first, and the part's text beside it: a search by part reads this index alone until it has its page.
Index("ix_inspections_recency", inspections.c.captured_us, inspections.c.number, inspections.c.part_id)
PART_GROUP = (
    "level",
    "model_id",
    "route",
    "disposition",
    "model_judgement",
    "reference",
    "audit_probability",
    "targeted_probability",
)
"""By what a report counts parts; the index of these columns answers it without the table."""
# Figures of production leave seeded parts out, and their indexes hold no others.
_PRODUCTION = inspections.c.seeded.is_(None)
Index(
    "ix_inspections_counts",
    *(inspections.c[name] for name in (*PART_GROUP, "captured_us")),
    sqlite_where=_PRODUCTION,
    postgresql_where=_PRODUCTION,
)
# Which products there are, one look each, and the parts of one.
_NAMED = inspections.c.product.is_not(None)
Index(
    "ix_inspections_product",
    inspections.c.product,
    inspections.c.captured_us,
    sqlite_where=_NAMED,
    postgresql_where=_NAMED,
)
# Audits are few among many, and the estimates of a report weigh each of them.
_AUDITED = inspections.c.audit_drawn.is_(True) | inspections.c.targeted_drawn.is_(True)
Index("ix_inspections_audited", inspections.c.captured_us, sqlite_where=_AUDITED, postgresql_where=_AUDITED)
# Pictures that no model may judge are few among many: status and report count them by what is wrong.
_COMPLAINED = inspections.c.picture_problem.is_not(None) | inspections.c.unfit_flaw.is_not(None)
Index(
    "ix_inspections_complained",
    inspections.c.captured_us,
    inspections.c.picture_problem,
    inspections.c.unfit_flaw,
    sqlite_where=_COMPLAINED,
    postgresql_where=_COMPLAINED,
)
# Seeded parts are few among many: reports count them apart.
Index(
    "ix_inspections_seeded",
    inspections.c.captured_us,
    inspections.c.number,
    sqlite_where=inspections.c.seeded.is_(True),
    postgresql_where=inspections.c.seeded.is_(True),
)
# Gates count the judged parts of a model and a station's camera, each at its first look, which the second index finds.
_JUDGED = inspections.c.truth.is_not(None) & inspections.c.probability.is_not(None) & _PRODUCTION
for _name, _columns in {
    "ix_inspections_judged": (
        *("model_id", "station_id", "source", "audit_drawn", "route", "level", "truth"),
        *("captured_us", "number", "part_id", "probability"),
    ),
    "ix_inspections_judged_part": ("part_id", "captured_us", "number"),
}.items():
    Index(_name, *(inspections.c[name] for name in _columns), sqlite_where=_JUDGED, postgresql_where=_JUDGED)
_SOME = {
    "ix_inspections_waiting": inspections.c.waiting,
    "ix_inspections_untold": inspections.c.untold,
    "ix_inspections_disagrees": inspections.c.disagrees,
}
Index(
    "ix_comparisons_differs",
    comparisons.c.inspection_id,
    sqlite_where=comparisons.c.differs.is_(True),
    postgresql_where=comparisons.c.differs.is_(True),
)
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
COPIED = ("captured_us", "level", "model_id", "route", "model_judgement", "reference", "product", "seeded")
"""Columns of an inspection that its verdicts repeat."""
_COUNTED = verdicts.c.retracted.is_(False) & verdicts.c.seeded.is_(None)

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
    sqlite_where=_COUNTED,
    postgresql_where=_COUNTED,
)
# Verdicts in the order of their parts' times, for trends.
Index(
    "ix_verdicts_times",
    *(verdicts.c[name] for name in ("captured_us", "kind", "answer", "model_judgement", "level", "model_id", "by")),
    sqlite_where=_COUNTED,
    postgresql_where=_COUNTED,
)
# Looks that follow a first one: few, and counted by themselves.
for _kind in (VerdictKind.SECOND_LOOK, VerdictKind.ADJUDICATION):
    _standing = verdicts.c.retracted.is_(False) & (verdicts.c.kind == _kind.value)
    Index(
        f"ix_verdicts_{_kind.value}",
        verdicts.c.inspection_id,
        sqlite_where=_standing,
        postgresql_where=_standing,
    )
# Verdicts that decided nothing: few, and their parts may wait for a third look.
_UNSURE = verdicts.c.retracted.is_(False) & (verdicts.c.answer == Answer.UNSURE.value)
Index("ix_verdicts_unsure", verdicts.c.inspection_id, sqlite_where=_UNSURE, postgresql_where=_UNSURE)
# Whether one person has spoken about one part: looked up for each part that a search passes.
Index(
    "ix_verdicts_by",
    verdicts.c.by,
    verdicts.c.inspection_id,
    sqlite_where=verdicts.c.retracted.is_(False),
    postgresql_where=verdicts.c.retracted.is_(False),
)
