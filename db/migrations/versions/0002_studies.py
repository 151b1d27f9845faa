"""Guided attribute studies; the audit chain takes any kind of record."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_KINDS = ("inspection", "verdict", "retraction", "line_told", "control", "picture", "incident")


def upgrade() -> None:
    _remake_chain(kinds=None)
    op.create_table(
        "studies",
        *_place(),
        sa.Column("study_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.Column("parts", sa.Text(), nullable=False),
        sa.Column("appraisers", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=True),
        sa.Column("cut", sa.Double(), nullable=False),
        sa.Column("trials", sa.BigInteger(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_studies")),
        sa.UniqueConstraint("study_id", name=op.f("uq_studies_study_id")),
    )
    op.create_table(
        "study_answers",
        *_place(),
        sa.Column("study_id", sa.Text(), nullable=False),
        sa.Column("appraiser", sa.Text(), nullable=False),
        sa.Column("trial", sa.BigInteger(), nullable=False),
        sa.Column("inspection_id", sa.Text(), nullable=False),
        sa.Column("turn", sa.BigInteger(), nullable=False),
        sa.Column("judgement", sa.Text(), nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.CheckConstraint("seconds >= 0", name=op.f("ck_study_answers_seconds")),
        sa.CheckConstraint("judgement IN ('accept', 'reject')", name=op.f("ck_study_answers_judgement")),
        sa.ForeignKeyConstraint(["study_id"], ["studies.study_id"], name=op.f("fk_study_answers_study_id")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_study_answers")),
        sa.UniqueConstraint(
            "study_id",
            "appraiser",
            "trial",
            "inspection_id",
            "turn",
            name=op.f("uq_study_answers_study_id_appraiser_trial_inspection_id_turn"),
        ),
    )


def downgrade() -> None:
    op.drop_table("study_answers")
    op.drop_table("studies")
    allowed = ", ".join(f"'{kind}'" for kind in _KINDS)
    op.execute(sa.text(f"DELETE FROM chain_links WHERE kind NOT IN ({allowed})"))  # noqa: S608  constants
    _remake_chain(kinds=_KINDS)


def _place() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("station_id", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
    )


def _remake_chain(kinds: tuple[str, ...] | None) -> None:
    """Let the audit chain hold these kinds of record, or any; SQLite drops a CHECK only by making the table anew."""
    check = None if kinds is None else f"kind IN ({', '.join(repr(kind) for kind in kinds)})"
    if op.get_context().dialect.name != "sqlite":
        if check is None:
            op.drop_constraint(op.f("ck_chain_links_kind"), "chain_links", type_="check")
        else:
            op.create_check_constraint(op.f("ck_chain_links_kind"), "chain_links", check)
        return
    op.create_table(
        "chain_links_new",
        sa.Column("station_id", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("payload_sha256", sa.Text(), nullable=False),
        sa.Column("previous", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.CheckConstraint("seq > 0", name=op.f("ck_chain_links_seq")),
        *([] if check is None else [sa.CheckConstraint(check, name=op.f("ck_chain_links_kind"))]),
        sa.PrimaryKeyConstraint("station_id", "seq", name=op.f("pk_chain_links")),
        sqlite_with_rowid=False,
    )
    op.execute(sa.text("INSERT INTO chain_links_new SELECT * FROM chain_links ORDER BY station_id, seq"))
    op.drop_table("chain_links")
    op.rename_table("chain_links_new", "chain_links")
