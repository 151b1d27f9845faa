"""First tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "chain_heads",
        sa.Column("station_id", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("station_id", name=op.f("pk_chain_heads")),
    )
    op.create_table(
        "chain_links",
        sa.Column("station_id", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("payload_sha256", sa.Text(), nullable=False),
        sa.Column("previous", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('inspection', 'verdict', 'retraction', 'line_told', 'control', 'picture', 'incident')",
            name=op.f("ck_chain_links_kind"),
        ),
        sa.CheckConstraint("seq > 0", name=op.f("ck_chain_links_seq")),
        sa.PrimaryKeyConstraint("station_id", "seq", name=op.f("pk_chain_links")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "control_changes",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("station_id", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.Column("before_version", sa.BigInteger(), nullable=True),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("style", sa.Text(), nullable=False),
        sa.Column("accept_below", sa.Double(), nullable=False),
        sa.Column("cut", sa.Double(), nullable=False),
        sa.Column("reject_above", sa.Double(), nullable=False),
        sa.Column("canary_share", sa.Double(), nullable=False),
        sa.Column("audit_share", sa.Double(), nullable=False),
        sa.Column("unaided_share", sa.Double(), nullable=False),
        sa.Column("hold_audits", sa.Boolean(), nullable=False),
        sa.Column("salt_canary", sa.Text(), nullable=False),
        sa.Column("salt_audit", sa.Text(), nullable=False),
        sa.Column("salt_first_look", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "level IN ('human_only', 'shadow', 'assist', 'partial', 'full')", name=op.f("ck_control_changes_level")
        ),
        sa.CheckConstraint("style IN ('highlight', 'second_look')", name=op.f("ck_control_changes_style")),
        sa.CheckConstraint(
            "0 <= accept_below AND accept_below <= cut AND cut <= reject_above AND reject_above <= 1",
            name=op.f("ck_control_changes_thresholds"),
        ),
        sa.CheckConstraint("audit_share > 0 AND audit_share <= 1", name=op.f("ck_control_changes_audit_share")),
        sa.CheckConstraint("before_version < version", name=op.f("ck_control_changes_order")),
        sa.CheckConstraint("canary_share BETWEEN 0 AND 1", name=op.f("ck_control_changes_canary_share")),
        sa.CheckConstraint("unaided_share > 0 AND unaided_share <= 1", name=op.f("ck_control_changes_unaided_share")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_control_changes")),
        sa.UniqueConstraint("station_id", "version", name=op.f("uq_control_changes_station_id_version")),
    )
    op.create_table(
        "incidents",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("station_id", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_incidents")),
    )
    op.create_index("ix_incidents_at", "incidents", ["at_us"], unique=False)
    op.create_table(
        "models",
        sa.Column("model_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("preprocessing_sha256", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("model_id", name=op.f("pk_models")),
        sa.UniqueConstraint(
            "name",
            "version",
            "sha256",
            "preprocessing_sha256",
            name=op.f("uq_models_name_version_sha256_preprocessing_sha256"),
        ),
    )
    op.create_table(
        "picture_records",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("station_id", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("pixels_sha256", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=True),
        sa.Column("file_sha256", sa.Text(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.CheckConstraint("state IN ('pending', 'stored', 'lost')", name=op.f("ck_picture_records_state")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_picture_records")),
    )
    op.create_index("ix_picture_records_pixels", "picture_records", ["pixels_sha256"], unique=False)
    op.create_table(
        "pictures",
        sa.Column("station_id", sa.Text(), nullable=False),
        sa.Column("pixels_sha256", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=True),
        sa.Column("file_sha256", sa.Text(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(state = 'stored') = (path IS NOT NULL AND file_sha256 IS NOT NULL)", name=op.f("ck_pictures_place")
        ),
        sa.CheckConstraint("state IN ('pending', 'stored', 'lost')", name=op.f("ck_pictures_state")),
        sa.PrimaryKeyConstraint("station_id", "pixels_sha256", name=op.f("pk_pictures")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_pictures_pending",
        "pictures",
        ["station_id"],
        unique=False,
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_table(
        "inspections",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("station_id", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("inspection_id", sa.Text(), nullable=False),
        sa.Column("part_id", sa.Text(), nullable=False),
        sa.Column("captured_us", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("skipped", sa.BigInteger(), nullable=False),
        sa.Column("path", sa.Text(), nullable=True),
        sa.Column("pixels_sha256", sa.Text(), nullable=True),
        sa.Column("width", sa.BigInteger(), nullable=True),
        sa.Column("height", sa.BigInteger(), nullable=True),
        sa.Column("channels", sa.BigInteger(), nullable=True),
        sa.Column("picture_problem", sa.Text(), nullable=True),
        sa.Column("picture_sentence", sa.Text(), nullable=True),
        sa.Column("prediction_status", sa.Text(), nullable=True),
        sa.Column("probability", sa.Double(), nullable=True),
        sa.Column("regions", sa.Text(), nullable=True),
        sa.Column("elapsed_ms", sa.Double(), nullable=True),
        sa.Column("prediction_detail", sa.Text(), nullable=True),
        sa.Column("model_id", sa.Integer(), nullable=True),
        sa.Column("control_version", sa.BigInteger(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("route", sa.Text(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("canary_drawn", sa.Boolean(), nullable=True),
        sa.Column("canary_probability", sa.Double(), nullable=True),
        sa.Column("canary_u", sa.Double(), nullable=True),
        sa.Column("audit_drawn", sa.Boolean(), nullable=True),
        sa.Column("audit_probability", sa.Double(), nullable=True),
        sa.Column("audit_u", sa.Double(), nullable=True),
        sa.Column("first_look_drawn", sa.Boolean(), nullable=True),
        sa.Column("first_look_probability", sa.Double(), nullable=True),
        sa.Column("first_look_u", sa.Double(), nullable=True),
        sa.Column("presentation", sa.Text(), nullable=True),
        sa.Column("first_disposition", sa.Text(), nullable=False),
        sa.Column("model_judgement", sa.Text(), nullable=True),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("reference_source", sa.Text(), nullable=True),
        sa.Column("disposition", sa.Text(), nullable=False),
        sa.Column("told", sa.Text(), nullable=True),
        sa.Column("untold", sa.Boolean(), nullable=False),
        sa.Column("waiting", sa.Boolean(), nullable=False),
        sa.Column("disagrees", sa.Boolean(), nullable=False),
        sa.Column("turns", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "(prediction_status = 'ok') = (probability IS NOT NULL)", name=op.f("ck_inspections_prediction")
        ),
        sa.CheckConstraint("disposition IN ('accept', 'reject', 'hold')", name=op.f("ck_inspections_disposition")),
        sa.CheckConstraint(
            "first_disposition IN ('accept', 'reject', 'hold')", name=op.f("ck_inspections_first_disposition")
        ),
        sa.CheckConstraint(
            "level IN ('human_only', 'shadow', 'assist', 'partial', 'full')", name=op.f("ck_inspections_level")
        ),
        sa.CheckConstraint("model_judgement IN ('accept', 'reject')", name=op.f("ck_inspections_model_judgement")),
        sa.CheckConstraint(
            "picture_problem IN ('empty_file', 'not_a_picture', 'truncated', 'too_small', 'too_large', "
            "'unsupported_format', 'unreadable', 'damaged_transfer', 'overflow')",
            name=op.f("ck_inspections_picture_problem"),
        ),
        sa.CheckConstraint(
            "prediction_status IN ('ok', 'failed', 'late', 'absent')", name=op.f("ck_inspections_prediction_status")
        ),
        sa.CheckConstraint(
            "presentation IN ('blind', 'highlight', 'second_look')", name=op.f("ck_inspections_presentation")
        ),
        sa.CheckConstraint("reference IN ('accept', 'reject')", name=op.f("ck_inspections_reference")),
        sa.CheckConstraint(
            "reference_source IN ('annotation', 'generator', 'seeded')", name=op.f("ck_inspections_reference_source")
        ),
        sa.CheckConstraint("route IN ('human', 'model_accept', 'model_reject')", name=op.f("ck_inspections_route")),
        sa.CheckConstraint("told IN ('accept', 'reject', 'hold')", name=op.f("ck_inspections_told")),
        sa.CheckConstraint("(pixels_sha256 IS NULL) <> (picture_problem IS NULL)", name=op.f("ck_inspections_picture")),
        sa.CheckConstraint(
            "(reference IS NULL) = (reference_source IS NULL)", name=op.f("ck_inspections_reference_given")
        ),
        sa.CheckConstraint("probability BETWEEN 0 AND 1", name=op.f("ck_inspections_probability")),
        sa.ForeignKeyConstraint(["model_id"], ["models.model_id"], name=op.f("fk_inspections_model_id")),
        sa.ForeignKeyConstraint(
            ["station_id", "control_version"],
            ["control_changes.station_id", "control_changes.version"],
            name=op.f("fk_inspections_station_id_control_version"),
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_inspections")),
        sa.UniqueConstraint("inspection_id", name=op.f("uq_inspections_inspection_id")),
    )
    op.create_index(
        "ix_inspections_counts",
        "inspections",
        ["level", "model_id", "route", "disposition", "model_judgement", "reference", "captured_us"],
        unique=False,
    )
    op.create_index(
        "ix_inspections_disagrees",
        "inspections",
        ["captured_us", "number"],
        unique=False,
        sqlite_where=sa.text("disagrees IS 1"),
        postgresql_where=sa.text("disagrees IS true"),
    )
    op.create_index("ix_inspections_recency", "inspections", ["captured_us", "number", "part_id"], unique=False)
    op.create_index(
        "ix_inspections_untold",
        "inspections",
        ["captured_us", "number"],
        unique=False,
        sqlite_where=sa.text("untold IS 1"),
        postgresql_where=sa.text("untold IS true"),
    )
    op.create_index(
        "ix_inspections_waiting",
        "inspections",
        ["captured_us", "number"],
        unique=False,
        sqlite_where=sa.text("waiting IS 1"),
        postgresql_where=sa.text("waiting IS true"),
    )
    op.create_table(
        "line_messages",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("station_id", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("inspection_id", sa.Text(), nullable=False),
        sa.Column("disposition", sa.Text(), nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("disposition IN ('accept', 'reject', 'hold')", name=op.f("ck_line_messages_disposition")),
        sa.ForeignKeyConstraint(
            ["inspection_id"], ["inspections.inspection_id"], name=op.f("fk_line_messages_inspection_id")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_line_messages")),
    )
    op.create_index("ix_line_messages_inspection", "line_messages", ["inspection_id"], unique=False)
    op.create_table(
        "verdicts",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("station_id", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("verdict_id", sa.Text(), nullable=False),
        sa.Column("inspection_id", sa.Text(), nullable=False),
        sa.Column("turn", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("classes", sa.Text(), nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("disposition", sa.Text(), nullable=False),
        sa.Column("captured_us", sa.BigInteger(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("model_id", sa.Integer(), nullable=True),
        sa.Column("route", sa.Text(), nullable=False),
        sa.Column("model_judgement", sa.Text(), nullable=True),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("retracted", sa.Boolean(), nullable=False),
        sa.CheckConstraint("answer IN ('accept', 'reject', 'unsure')", name=op.f("ck_verdicts_answer")),
        sa.CheckConstraint("disposition IN ('accept', 'reject', 'hold')", name=op.f("ck_verdicts_disposition")),
        sa.CheckConstraint(
            "kind IN ('unaided', 'aided', 'second_look', 'audit', 'adjudication')", name=op.f("ck_verdicts_kind")
        ),
        sa.CheckConstraint(
            "level IN ('human_only', 'shadow', 'assist', 'partial', 'full')", name=op.f("ck_verdicts_level")
        ),
        sa.CheckConstraint("model_judgement IN ('accept', 'reject')", name=op.f("ck_verdicts_model_judgement")),
        sa.CheckConstraint("reference IN ('accept', 'reject')", name=op.f("ck_verdicts_reference")),
        sa.CheckConstraint("route IN ('human', 'model_accept', 'model_reject')", name=op.f("ck_verdicts_route")),
        sa.CheckConstraint("seconds >= 0", name=op.f("ck_verdicts_seconds")),
        sa.ForeignKeyConstraint(
            ["inspection_id"], ["inspections.inspection_id"], name=op.f("fk_verdicts_inspection_id")
        ),
        sa.ForeignKeyConstraint(["model_id"], ["models.model_id"], name=op.f("fk_verdicts_model_id")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_verdicts")),
        sa.UniqueConstraint("inspection_id", "turn", name=op.f("uq_verdicts_inspection_id_turn")),
        sa.UniqueConstraint("verdict_id", name=op.f("uq_verdicts_verdict_id")),
    )
    op.create_index(
        "ix_verdicts_by",
        "verdicts",
        ["by", "inspection_id"],
        unique=False,
        sqlite_where=sa.text("retracted IS 0"),
        postgresql_where=sa.text("retracted IS false"),
    )
    op.create_index(
        "ix_verdicts_counts",
        "verdicts",
        ["level", "model_id", "by", "kind", "answer", "route", "model_judgement", "reference", "captured_us"],
        unique=False,
        sqlite_where=sa.text("retracted IS 0"),
        postgresql_where=sa.text("retracted IS false"),
    )
    op.create_table(
        "retractions",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("station_id", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("verdict_id", sa.Text(), nullable=False),
        sa.Column("inspection_id", sa.Text(), nullable=False),
        sa.Column("turn", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.Column("disposition", sa.Text(), nullable=False),
        sa.CheckConstraint("disposition IN ('accept', 'reject', 'hold')", name=op.f("ck_retractions_disposition")),
        sa.ForeignKeyConstraint(
            ["inspection_id"], ["inspections.inspection_id"], name=op.f("fk_retractions_inspection_id")
        ),
        sa.ForeignKeyConstraint(["verdict_id"], ["verdicts.verdict_id"], name=op.f("fk_retractions_verdict_id")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_retractions")),
        sa.UniqueConstraint("inspection_id", "turn", name=op.f("uq_retractions_inspection_id_turn")),
        sa.UniqueConstraint("verdict_id", name=op.f("uq_retractions_verdict_id")),
    )


def downgrade() -> None:
    op.drop_table("retractions")
    op.drop_index(
        "ix_verdicts_counts",
        table_name="verdicts",
        sqlite_where=sa.text("retracted IS 0"),
        postgresql_where=sa.text("retracted IS false"),
    )
    op.drop_index(
        "ix_verdicts_by",
        table_name="verdicts",
        sqlite_where=sa.text("retracted IS 0"),
        postgresql_where=sa.text("retracted IS false"),
    )
    op.drop_table("verdicts")
    op.drop_index("ix_line_messages_inspection", table_name="line_messages")
    op.drop_table("line_messages")
    op.drop_index(
        "ix_inspections_waiting",
        table_name="inspections",
        sqlite_where=sa.text("waiting IS 1"),
        postgresql_where=sa.text("waiting IS true"),
    )
    op.drop_index(
        "ix_inspections_untold",
        table_name="inspections",
        sqlite_where=sa.text("untold IS 1"),
        postgresql_where=sa.text("untold IS true"),
    )
    op.drop_index("ix_inspections_recency", table_name="inspections")
    op.drop_index(
        "ix_inspections_disagrees",
        table_name="inspections",
        sqlite_where=sa.text("disagrees IS 1"),
        postgresql_where=sa.text("disagrees IS true"),
    )
    op.drop_index("ix_inspections_counts", table_name="inspections")
    op.drop_table("inspections")
    op.drop_index(
        "ix_pictures_pending",
        table_name="pictures",
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.drop_table("pictures")
    op.drop_index("ix_picture_records_pixels", table_name="picture_records")
    op.drop_table("picture_records")
    op.drop_table("models")
    op.drop_index("ix_incidents_at", table_name="incidents")
    op.drop_table("incidents")
    op.drop_table("control_changes")
    op.drop_table("chain_links")
    op.drop_table("chain_heads")
