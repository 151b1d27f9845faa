"""Audits, second looks and third looks found without reading all parts; parts counted by the chance of an audit."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_COUNTED = ["level", "model_id", "route", "disposition", "model_judgement", "reference"]
_CHANCES = ["audit_probability", "targeted_probability"]
_SOME = (
    ("ix_inspections_audited", "inspections", "captured_us", "audit_drawn IS {yes} OR targeted_drawn IS {yes}"),
    ("ix_verdicts_second_look", "verdicts", "inspection_id", "retracted IS {no} AND kind = 'second_look'"),
    ("ix_verdicts_adjudication", "verdicts", "inspection_id", "retracted IS {no} AND kind = 'adjudication'"),
)


def upgrade() -> None:
    _count_by(_CHANCES)
    for name, table, column, where in _SOME:
        op.create_index(
            name,
            table,
            [column],
            sqlite_where=sa.text(where.format(yes=1, no=0)),
            postgresql_where=sa.text(where.format(yes="true", no="false")),
        )


def downgrade() -> None:
    for name, table, _, _ in _SOME:
        op.drop_index(name, table_name=table)
    _count_by([])


def _count_by(chances: list[str]) -> None:
    op.drop_index("ix_inspections_counts", table_name="inspections")
    op.create_index("ix_inspections_counts", "inspections", [*_COUNTED, *chances, "captured_us"])
