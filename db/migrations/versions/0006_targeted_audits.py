"""A second stream of audits, close to the model's threshold."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_CONTROL = ("targeted_share", "targeted_above")
_DRAW = {"targeted_drawn": sa.Boolean, "targeted_probability": sa.Double, "targeted_u": sa.Double}


def upgrade() -> None:
    for name in _CONTROL:
        op.add_column("control_changes", sa.Column(name, sa.Double(), nullable=True))
    for name, kind in _DRAW.items():
        op.add_column("inspections", sa.Column(name, kind(), nullable=True))


def downgrade() -> None:
    for name in reversed(_DRAW):
        op.drop_column("inspections", name)
    for name in reversed(_CONTROL):
        op.drop_column("control_changes", name)
