"""Certificates of thresholds, and the certificate that a command put in force."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("control_changes", sa.Column("certificate", sa.Text(), nullable=True))
    op.create_table(
        "certificates",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("station_id", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("certificate_id", sa.Text(), nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_certificates")),
        sa.UniqueConstraint("station_id", "certificate_id", name=op.f("uq_certificates_station_id_certificate_id")),
    )


def downgrade() -> None:
    op.drop_table("certificates")
    op.execute(sa.text("DELETE FROM chain_links WHERE kind = 'certificate'"))
    op.drop_column("control_changes", "certificate")
