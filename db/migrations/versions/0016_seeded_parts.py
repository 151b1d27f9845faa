"""Seeded parts: which archived defect came back, and figures of production without them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_COUNTS = {
    "ix_inspections_counts": (
        "inspections",
        [
            "level",
            "model_id",
            "route",
            "disposition",
            "model_judgement",
            "reference",
            "audit_probability",
            "targeted_probability",
            "captured_us",
        ],
    ),
    "ix_verdicts_counts": (
        "verdicts",
        ["level", "model_id", "by", "kind", "answer", "route", "model_judgement", "reference", "captured_us"],
    ),
    "ix_verdicts_times": (
        "verdicts",
        ["captured_us", "kind", "answer", "model_judgement", "level", "model_id", "by"],
    ),
}
_STANDING = "retracted IS {no}"
_PRODUCTION = "seeded IS NULL"


def upgrade() -> None:
    op.add_column("inspections", sa.Column("seeded", sa.Boolean(), nullable=True))
    op.add_column("inspections", sa.Column("seed", sa.Text(), nullable=True))
    op.add_column("verdicts", sa.Column("seeded", sa.Boolean(), nullable=True))
    _counts(seeded_apart=True)
    op.drop_index("ix_inspections_seeded", table_name="inspections")
    _index("ix_inspections_seeded", "inspections", ["captured_us", "number"], "seeded IS {yes}")


def downgrade() -> None:
    op.drop_index("ix_inspections_seeded", table_name="inspections")
    _index("ix_inspections_seeded", "inspections", ["inspection_id"], "reference_source = 'seeded'")
    _counts(seeded_apart=False)
    op.drop_column("verdicts", "seeded")
    op.drop_column("inspections", "seed")
    op.drop_column("inspections", "seeded")


def _counts(*, seeded_apart: bool) -> None:
    for name, (table, columns) in _COUNTS.items():
        op.drop_index(name, table_name=table)
        clauses = [_STANDING] if table == "verdicts" else []
        _index(name, table, columns, " AND ".join([*clauses, *([_PRODUCTION] if seeded_apart else [])]))


def _index(name: str, table: str, columns: list[str], where: str) -> None:
    if not where:
        op.create_index(name, table, columns)
        return
    op.create_index(
        name,
        table,
        columns,
        sqlite_where=sa.text(where.format(yes=1, no=0)),
        postgresql_where=sa.text(where.format(yes="true", no="false")),
    )
