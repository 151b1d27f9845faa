"""Verdicts that decided nothing found without reading all verdicts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_verdicts_unsure",
        "verdicts",
        ["inspection_id"],
        sqlite_where=sa.text("retracted IS 0 AND answer = 'unsure'"),
        postgresql_where=sa.text("retracted IS false AND answer = 'unsure'"),
    )


def downgrade() -> None:
    op.drop_index("ix_verdicts_unsure", table_name="verdicts")
