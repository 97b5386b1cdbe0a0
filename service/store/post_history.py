"""Where a post was before, and in which editions it went."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from service.model.delivery import TAKEN
from service.model.edition import EditionState
from service.model.newsletter import Cadence
from service.store.among import is_among
from service.store.editions import BY_HAND
from service.store.tables import (
    deliveries,
    edition_posts,
    editions,
    former_paths,
    posts,
    variants,
)


@dataclass(frozen=True, slots=True)
class Appearance:
    """An edition that names a post; `cadence` None: made by hand.

    `readers` are those whose mail shows it, `accepted` those whose mail was accepted. Both are
    0 when it was only counted, under "N more".
    """

    edition_id: int
    newsletter_id: str
    cadence: Cadence | None
    key: str
    subject: str
    state: EditionState
    frozen_at: datetime | None
    readers: int
    accepted: int


def list_appearances(connection: Connection, post_id: int) -> list[Appearance]:
    """Every edition that names the post, the newest first."""
    query = (
        select(
            editions.c.edition_id,
            editions.c.newsletter_id,
            editions.c.cadence,
            editions.c.key,
            editions.c.subject,
            editions.c.state,
            editions.c.frozen_at,
        )
        .join(edition_posts, edition_posts.c.edition_id == editions.c.edition_id)
        .where(edition_posts.c.post_id == post_id)
        .order_by(editions.c.edition_id.desc())
    )
    found = []
    for row in connection.execute(query).mappings():
        readers, accepted = _count_readers(connection, row["edition_id"], post_id)
        cadence = None if row["cadence"] == BY_HAND else Cadence(row["cadence"])
        state = EditionState(row["state"])
        found.append(
            Appearance(
                **{**row, "cadence": cadence, "state": state}, readers=readers, accepted=accepted
            )
        )
    return found


def find_gone_at(connection: Connection, post_id: int) -> datetime | None:
    """When the file of a post vanished; None while it is there."""
    return connection.execute(select(posts.c.gone_at).where(posts.c.post_id == post_id)).scalar()


def list_gone(connection: Connection, post_ids: Collection[int]) -> set[int]:
    """Those of these posts whose file is not there."""
    query = select(posts.c.post_id).where(
        is_among(connection, posts.c.post_id, post_ids), posts.c.gone_at.is_not(None)
    )
    return set(connection.execute(query).scalars())


def list_former_holders(connection: Connection, path: str) -> list[int]:
    """The posts that once lay at this path, the one that left it last first."""
    query = (
        select(former_paths.c.post_id)
        .where(former_paths.c.path == path)
        .order_by(former_paths.c.left_at.desc())
    )
    return list(connection.execute(query).scalars())


def _count_readers(connection: Connection, edition_id: int, post_id: int) -> tuple[int, int]:
    """How many readers' mail shows the post, and how many of those mails were accepted."""
    query = select(variants.c.variant_id, variants.c.post_ids).where(
        variants.c.edition_id == edition_id
    )
    shows = [row.variant_id for row in connection.execute(query) if post_id in row.post_ids]
    counted = (
        select(deliveries.c.state, func.count())
        .where(deliveries.c.edition_id == edition_id, deliveries.c.variant_id.in_(shows))
        .group_by(deliveries.c.state)
    )
    counts = {row.state: int(row[1]) for row in connection.execute(counted)}
    return sum(counts.values()), sum(counts.get(state, 0) for state in TAKEN)
