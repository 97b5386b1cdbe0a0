"""Keep to the rates of provider accounts, and watch what of an edition comes back."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_CAME_BACK = "state IN ('bounced', 'complained')"


def upgrade() -> None:
    """Add an account's turns, an edition's readers as frozen, and what of them came back."""
    op.add_column("accounts", sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("accounts", sa.Column("free_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("editions", sa.Column("readers", sa.Integer(), nullable=True))
    op.add_column("editions", sa.Column("excused", sa.JSON(), nullable=True))
    op.create_index(
        "ix_deliveries_came_back",
        "deliveries",
        ["edition_id", "state"],
        sqlite_where=sa.text(_CAME_BACK),
        postgresql_where=sa.text(_CAME_BACK),
    )
