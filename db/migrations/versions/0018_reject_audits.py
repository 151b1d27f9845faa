"""A share of their own for the audits of the model's rejects."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("control_changes", sa.Column("reject_audit_share", sa.Double(), nullable=True))


def downgrade() -> None:
    op.drop_column("control_changes", "reject_audit_share")
