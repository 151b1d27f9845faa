"""Decisions from outside; seeded parts found at once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def _number() -> sa.Column[int]:
    return sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False)


def upgrade() -> None:
    op.create_table(
        "imported_files",
        _number(),
        sa.Column("station_id", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("rows_sha256", sa.Text(), nullable=False),
        sa.Column("mapping", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_imported_files")),
        sa.UniqueConstraint("sha256", name=op.f("uq_imported_files_sha256")),
    )
    op.create_table(
        "imported_decisions",
        _number(),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("line", sa.BigInteger(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("model_judgement", sa.Text(), nullable=True),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("inspector", sa.Text(), nullable=True),
        sa.Column("model_version", sa.Text(), nullable=True),
        sa.Column("at_us", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("answer IN ('accept', 'reject', 'unsure')", name=op.f("ck_imported_decisions_answer")),
        sa.CheckConstraint(
            "model_judgement IN ('accept', 'reject')", name=op.f("ck_imported_decisions_model_judgement")
        ),
        sa.CheckConstraint("reference IN ('accept', 'reject')", name=op.f("ck_imported_decisions_reference")),
        sa.ForeignKeyConstraint(["file"], ["imported_files.sha256"], name=op.f("fk_imported_decisions_file")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_imported_decisions")),
        sa.UniqueConstraint("file", "line", name=op.f("uq_imported_decisions_file_line")),
    )
    op.create_index(
        "ix_inspections_seeded",
        "inspections",
        ["inspection_id"],
        sqlite_where=sa.text("reference_source = 'seeded'"),
        postgresql_where=sa.text("reference_source = 'seeded'"),
    )


def downgrade() -> None:
    op.drop_index(
        "ix_inspections_seeded",
        table_name="inspections",
        sqlite_where=sa.text("reference_source = 'seeded'"),
        postgresql_where=sa.text("reference_source = 'seeded'"),
    )
    op.drop_table("imported_decisions")
    op.drop_table("imported_files")
