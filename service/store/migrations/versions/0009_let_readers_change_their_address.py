"""Remember which readers asked to be written to at another address, and which have changed."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Add changes of address, waiting and done."""
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "address_changes",
        sa.Column("address_change_id", key, autoincrement=True, nullable=False),
        sa.Column("subscriber_id", key, nullable=False),
        sa.Column("old_address", sa.Text(), nullable=False),
        sa.Column("new_address", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["subscriber_id"],
            ["subscribers.subscriber_id"],
            name=op.f("fk_address_changes_subscriber_id"),
        ),
        sa.PrimaryKeyConstraint("address_change_id", name=op.f("pk_address_changes")),
    )
    op.create_index(op.f("ix_address_changes_subscriber_id"), "address_changes", ["subscriber_id"])
