"""Remember what feeds called each post when it was first seen, and in which form they show it."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Name posts by their present address; what their site calls them is known when next read."""
    op.add_column("posts", sa.Column("site_id", sa.Text(), server_default="", nullable=False))
    op.add_column("posts", sa.Column("url_id", sa.Text(), server_default="", nullable=False))
    op.add_column(
        "posts", sa.Column("is_full", sa.Boolean(), server_default=sa.true(), nullable=False)
    )
    op.execute("UPDATE posts SET is_full = (html_size <= 262144)")
    op.execute("UPDATE posts SET site_id = uid, url_id = uid WHERE explicit_id = uid")
    # Of several posts at one address the one that feeds show has it for its name.
    op.execute(
        "UPDATE posts SET url_id = url || '#' || post_id WHERE post_id IN (SELECT post_id FROM ("
        "SELECT post_id, row_number() OVER (PARTITION BY url ORDER BY"
        " CASE WHEN gone_at IS NULL THEN 0 ELSE 1 END, published_at DESC, post_id DESC) AS nth"
        " FROM posts WHERE url_id = '') AS ranked WHERE nth > 1)"
    )
    op.execute("UPDATE posts SET url_id = url WHERE url_id = ''")
