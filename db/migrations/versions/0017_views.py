"""Where the views of a part lie in its picture."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("inspections", sa.Column("views", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("inspections", "views")
