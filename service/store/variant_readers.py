"""The mails of an edition without their bytes: what they show, and for how many."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from service.store.tables import deliveries, variants


def count_variant_readers(connection: Connection, edition_id: int) -> dict[int, int]:
    """Deliveries of an edition by the variant that they carry, whatever became of them."""
    query = (
        select(deliveries.c.variant_id, func.count())
        .where(deliveries.c.edition_id == edition_id)
        .group_by(deliveries.c.variant_id)
    )
    return {row.variant_id: int(row[1]) for row in connection.execute(query)}


def has_variants(connection: Connection, edition_id: int) -> bool:
    """Whether any mail of the edition was made already."""
    query = select(variants.c.variant_id).where(variants.c.edition_id == edition_id)
    return connection.execute(query.limit(1)).first() is not None


def list_shown_post_ids(connection: Connection, edition_id: int) -> set[int]:
    """Every post that some mail of the edition shows."""
    query = select(variants.c.post_ids).where(variants.c.edition_id == edition_id)
    return {post_id for shown in connection.execute(query).scalars() for post_id in shown}
