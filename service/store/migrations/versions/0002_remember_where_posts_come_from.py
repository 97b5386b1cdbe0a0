"""Remember former paths and addresses, pulls of a repository, and what people were told."""

import sqlalchemy as sa
from alembic import op

Key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add what posts were called before, where they come from, and who was told of what."""
    op.add_column("posts", sa.Column("former_urls", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column(
        "posts", sa.Column("date_source", sa.Text(), nullable=False, server_default="front matter")
    )
    op.add_column("files", sa.Column("missing_since_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "former_paths",
        sa.Column("post_id", Key, autoincrement=False, nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["post_id"], ["posts.post_id"], name=op.f("fk_former_paths_post_id_posts")
        ),
        sa.PrimaryKeyConstraint("post_id", "path", name=op.f("pk_former_paths")),
    )
    op.create_table(
        "pulls",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("revision", sa.Text(), nullable=False),
        sa.Column("pulled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failing_since_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failure", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_pulls")),
    )
    op.create_table(
        "told",
        sa.Column("condition", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("since_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("condition", "item", "address", name=op.f("pk_told")),
    )
