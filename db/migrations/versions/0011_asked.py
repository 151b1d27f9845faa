"""Predictions say who answered: the prediction server, or the local model in its place."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("inspections", "comparisons"):
        op.add_column(table, sa.Column("asked", sa.Text(), nullable=True))


def downgrade() -> None:
    for table in ("comparisons", "inspections"):
        op.drop_column(table, "asked")
