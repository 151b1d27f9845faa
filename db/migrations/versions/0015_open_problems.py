"""The list of picture problems is the program's, not the table's: new ones need no new table."""

from __future__ import annotations

import re
from collections.abc import Callable

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_NAME = "ck_inspections_picture_problem"
_BEFORE = (
    "empty_file", "not_a_picture", "truncated", "too_small", "too_large", "unsupported_format", "unreadable",
    "damaged_transfer", "overflow",
)  # fmt: skip
_CHECK = f"picture_problem IN ({', '.join(repr(problem) for problem in _BEFORE)})"


def upgrade() -> None:
    if op.get_bind().dialect.name != "sqlite":
        op.drop_constraint(op.f(_NAME), "inspections", type_="check")
        return
    _respell(lambda sql: re.sub(rf",\s*CONSTRAINT {_NAME} CHECK \(picture_problem IN \([^)]*\)\)", "", sql))


def downgrade() -> None:
    bind = op.get_bind()
    inspections = sa.table("inspections", sa.column("picture_problem"))
    other = sa.select(sa.func.count()).select_from(inspections).where(inspections.c.picture_problem.not_in(_BEFORE))
    unknown = bind.execute(other).scalar_one()
    if unknown:
        raise RuntimeError(f"{unknown} parts have picture problems that the version before does not know")
    if bind.dialect.name != "sqlite":
        op.create_check_constraint(op.f(_NAME), "inspections", _CHECK)
        return
    _respell(lambda sql: f"{sql.rstrip()[:-1].rstrip()}, \n\tCONSTRAINT {_NAME} CHECK ({_CHECK})\n)")


def _respell(change: Callable[[str], str]) -> None:
    """Change how SQLite spells the table, as its manual describes it for CHECKs that change no content.

    https://www.sqlite.org/lang_altertable.html, section 7; copying the table instead would lose its triggers.
    """
    bind = op.get_bind()
    query = "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = 'inspections'"
    before = bind.exec_driver_sql(query).scalar_one()
    after = change(before)
    if after == before:
        raise RuntimeError("the table of inspections is not spelled as expected")
    bind.exec_driver_sql("PRAGMA writable_schema = ON")
    bind.exec_driver_sql("UPDATE sqlite_master SET sql = ? WHERE type = 'table' AND name = 'inspections'", (after,))
    bind.exec_driver_sql("PRAGMA writable_schema = RESET")
