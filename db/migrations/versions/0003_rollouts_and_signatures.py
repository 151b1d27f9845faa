"""Rollouts of new models, latched guards, PINs and signatures."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_CONTROL = {"slots": sa.Text, "rollout": sa.Text, "latched": sa.Text, "signed": sa.Boolean}
_DRAW = {"challenger_drawn": sa.Boolean, "challenger_probability": sa.Double, "challenger_u": sa.Double}


def upgrade() -> None:
    for name, kind in _CONTROL.items():
        op.add_column("control_changes", sa.Column(name, kind(), nullable=True))
    for name, kind in _DRAW.items():
        op.add_column("inspections", sa.Column(name, kind(), nullable=True))
    op.create_table(
        "comparisons",
        *_place(),
        sa.Column("inspection_id", sa.Text(), nullable=False),
        sa.Column("slot", sa.Text(), nullable=False),
        sa.Column("prediction_status", sa.Text(), nullable=False),
        sa.Column("probability", sa.Double(), nullable=True),
        sa.Column("regions", sa.Text(), nullable=False),
        sa.Column("elapsed_ms", sa.Double(), nullable=False),
        sa.Column("prediction_detail", sa.Text(), nullable=True),
        sa.Column("model_id", sa.Integer(), nullable=True),
        sa.Column("judgement", sa.Text(), nullable=True),
        sa.Column("differs", sa.Boolean(), nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "(prediction_status = 'ok') = (probability IS NOT NULL)", name=op.f("ck_comparisons_prediction")
        ),
        sa.CheckConstraint("probability BETWEEN 0 AND 1", name=op.f("ck_comparisons_probability")),
        sa.CheckConstraint("slot IN ('blue', 'green')", name=op.f("ck_comparisons_slot")),
        sa.CheckConstraint(
            "prediction_status IN ('ok', 'failed', 'late', 'absent')", name=op.f("ck_comparisons_prediction_status")
        ),
        sa.CheckConstraint("judgement IN ('accept', 'reject')", name=op.f("ck_comparisons_judgement")),
        sa.ForeignKeyConstraint(
            ["inspection_id"], ["inspections.inspection_id"], name=op.f("fk_comparisons_inspection_id")
        ),
        sa.ForeignKeyConstraint(["model_id"], ["models.model_id"], name=op.f("fk_comparisons_model_id")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_comparisons")),
        sa.UniqueConstraint("inspection_id", name=op.f("uq_comparisons_inspection_id")),
    )
    op.create_index(
        "ix_comparisons_differs",
        "comparisons",
        ["inspection_id"],
        unique=False,
        sqlite_where=sa.text("differs IS 1"),
        postgresql_where=sa.text("differs IS true"),
    )
    op.create_table(
        "pins",
        *_place(),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("salt", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("cost", sa.BigInteger(), nullable=False),
        sa.Column("block_size", sa.BigInteger(), nullable=False),
        sa.Column("parallelism", sa.BigInteger(), nullable=False),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_pins")),
    )
    op.create_index("ix_pins_name", "pins", ["name"], unique=False)
    op.create_table(
        "signatures",
        *_place(),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("good", sa.Boolean(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_signatures")),
    )
    op.create_index("ix_signatures_name", "signatures", ["name"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_signatures_name", table_name="signatures")
    op.drop_table("signatures")
    op.drop_index("ix_pins_name", table_name="pins")
    op.drop_table("pins")
    op.drop_index("ix_comparisons_differs", table_name="comparisons")
    op.drop_table("comparisons")
    op.execute(sa.text("DELETE FROM chain_links WHERE kind IN ('comparison', 'pin', 'signature')"))
    for name in _DRAW:
        op.drop_column("inspections", name)
    for name in _CONTROL:
        op.drop_column("control_changes", name)


def _place() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("station_id", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
    )
