"""The products of a log found without reading all of its parts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    named = sa.text("product IS NOT NULL")
    op.create_index(
        "ix_inspections_product",
        "inspections",
        ["product", "captured_us"],
        sqlite_where=named,
        postgresql_where=named,
    )


def downgrade() -> None:
    op.drop_index("ix_inspections_product", table_name="inspections")
