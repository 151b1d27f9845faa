"""The index of judged parts tells stations apart: two of them may call different cameras alike."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_NAME = "ix_inspections_judged"
_WHERE = sa.text("truth IS NOT NULL AND probability IS NOT NULL AND seeded IS NULL")
_COUNTED = ["source", "audit_drawn", "route", "level", "truth", "captured_us", "number", "part_id", "probability"]


def upgrade() -> None:
    _remade(["model_id", "station_id", *_COUNTED])


def downgrade() -> None:
    _remade(["model_id", *_COUNTED])


def _remade(columns: list[str]) -> None:
    op.drop_index(_NAME, table_name="inspections")
    op.create_index(_NAME, "inspections", columns, sqlite_where=_WHERE, postgresql_where=_WHERE)
