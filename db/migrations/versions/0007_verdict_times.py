"""Verdicts in the order of their parts' times."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_verdicts_times",
        "verdicts",
        ["captured_us", "kind", "answer", "model_judgement", "level", "model_id", "by"],
        sqlite_where=sa.text("retracted IS 0"),
        postgresql_where=sa.text("retracted IS false"),
    )


def downgrade() -> None:
    op.drop_index(
        "ix_verdicts_times",
        table_name="verdicts",
        sqlite_where=sa.text("retracted IS 0"),
        postgresql_where=sa.text("retracted IS false"),
    )
