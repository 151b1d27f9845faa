"""Pictures that are there and must not be judged by a model; complaints about pictures counted by index."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_UNFIT = ("unfit_flaw", "unfit_sentence")
_COMPLAINED = sa.text("picture_problem IS NOT NULL OR unfit_flaw IS NOT NULL")


def upgrade() -> None:
    for name in _UNFIT:
        op.add_column("inspections", sa.Column(name, sa.Text(), nullable=True))
    op.create_index(
        "ix_inspections_complained",
        "inspections",
        ["captured_us", "picture_problem", "unfit_flaw"],
        sqlite_where=_COMPLAINED,
        postgresql_where=_COMPLAINED,
    )


def downgrade() -> None:
    op.drop_index("ix_inspections_complained", table_name="inspections")
    for name in reversed(_UNFIT):
        op.drop_column("inspections", name)
