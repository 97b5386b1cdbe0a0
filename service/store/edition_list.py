"""Editions as the desk lists them: by newsletter and state, a page at a time."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from service.model.edition import Edition, EditionState
from service.store.editions import read_edition
from service.store.tables import batches, editions, variants


@dataclass(frozen=True, slots=True)
class ListedEdition:
    """An edition with the subject of one of its variants, and how many it was frozen for.

    The subject is "" before the freeze, unless an editor wrote one; `readers` is None then.
    """

    edition: Edition
    subject: str
    readers: int | None


def list_edition_page(
    connection: Connection,
    *,
    newsletter_id: str = "",
    states: Collection[EditionState] = (),
    language: str = "",
    before: int | None = None,
    limit: int = 50,
) -> list[ListedEdition]:
    """Editions below a number, the newest first; every newsletter and state unless some are named.

    Merged slots are left out unless asked for: nobody was to get them. Of several variants one
    in `language` says the subject, else the first.
    """
    first = (
        select(variants.c.subject)
        .where(variants.c.edition_id == editions.c.edition_id)
        .order_by((variants.c.language == language).desc(), variants.c.variant_id)
        .limit(1)
        .scalar_subquery()
    )
    query = select(editions, first.label("mailed_subject")).order_by(editions.c.edition_id.desc())
    query = query.where(
        editions.c.state.in_(list(states)) if states else editions.c.state != EditionState.MERGED
    )
    if newsletter_id:
        query = query.where(editions.c.newsletter_id == newsletter_id)
    if before is not None:
        query = query.where(editions.c.edition_id < before)
    return [
        ListedEdition(read_edition(row), row["mailed_subject"] or row["subject"], row["readers"])
        for row in connection.execute(query.limit(limit)).mappings()
    ]


def find_subjects(
    connection: Connection, edition_ids: Collection[int], language: str
) -> dict[int, str]:
    """The subject each of these editions went under: in `language` if there is one, else any."""
    query = (
        select(variants.c.edition_id, variants.c.subject)
        .where(variants.c.edition_id.in_(list(edition_ids)))
        # The last one of an edition stays.
        .order_by(variants.c.language == language, variants.c.variant_id.desc())
    )
    return {row.edition_id: row.subject for row in connection.execute(query)}


def find_begun_at(connection: Connection, edition_id: int) -> datetime | None:
    """When the first mail of an edition was handed over; None before."""
    query = select(func.min(batches.c.first_claimed_at)).where(batches.c.edition_id == edition_id)
    begun: datetime | None = connection.execute(query).scalar()
    return begun
