"""What the line made, on parts and their verdicts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_TABLES = ("inspections", "verdicts")


def upgrade() -> None:
    for table in _TABLES:
        op.add_column(table, sa.Column("product", sa.Text(), nullable=True))


def downgrade() -> None:
    for table in _TABLES:
        op.drop_column(table, "product")
