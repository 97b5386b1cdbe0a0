"""Mark the database, so that an older copy is known; note since when a batch is refused for now."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the installation's mark with its number, and when a batch was first refused for now."""
    op.add_column("installation", sa.Column("mark", sa.Text(), nullable=False, server_default=""))
    op.add_column(
        "installation", sa.Column("mark_no", sa.BigInteger(), nullable=False, server_default="0")
    )
    op.add_column(
        "batches", sa.Column("refused_since_at", sa.DateTime(timezone=True), nullable=True)
    )
