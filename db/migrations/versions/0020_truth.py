"""What counts as truth of a part, so that gates and certificates need not read all verdicts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_AT_ONCE = 20_000
"""Parts filled in by one statement."""
# Adjudication counts before a single look: the newest that decided something, else the first look that did.
_LOOKS = "SELECT answer FROM verdicts WHERE verdicts.inspection_id = inspections.inspection_id AND retracted IS {no}"
_FILL = f"""
UPDATE inspections SET truth = COALESCE(
    ({_LOOKS} AND kind = 'adjudication' AND answer <> 'unsure' ORDER BY turn DESC LIMIT 1),
    ({_LOOKS} AND kind IN ('unaided', 'audit') AND answer <> 'unsure' ORDER BY turn LIMIT 1),
    ({_LOOKS} AND kind IN ('unaided', 'audit', 'adjudication') LIMIT 1)
) WHERE turns > 0 AND number > :after AND number <= :upto
"""  # noqa: S608
_WHERE = "truth IS NOT NULL AND probability IS NOT NULL AND seeded IS NULL"
_JUDGED = ["model_id", "source", "audit_drawn", "route", "level", "truth"]
_INDEXES = {
    "ix_inspections_judged": [*_JUDGED, "captured_us", "number", "part_id", "probability"],
    "ix_inspections_judged_part": ["part_id", "captured_us", "number"],
}


def upgrade() -> None:
    op.add_column("inspections", sa.Column("truth", sa.Text(), nullable=True))
    connection = op.get_bind()
    fill = sa.text(_FILL.format(no="0" if connection.dialect.name == "sqlite" else "false"))
    last = connection.execute(sa.text("SELECT MAX(number) FROM inspections")).scalar() or 0
    for after in range(0, last, _AT_ONCE):
        connection.execute(fill, {"after": after, "upto": after + _AT_ONCE})
    for name, columns in _INDEXES.items():
        op.create_index(name, "inspections", columns, sqlite_where=sa.text(_WHERE), postgresql_where=sa.text(_WHERE))


def downgrade() -> None:
    for name in _INDEXES:
        op.drop_index(name, table_name="inspections")
    op.drop_column("inspections", "truth")
