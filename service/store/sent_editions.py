"""Editions that were sent: what everybody may read of them, newest first.

One was sent from the moment a batch of it is in a provider's hands, or may be. Deliveries are
folded into counts in time, so that is read from batches and their attempts.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    and_,
    exists,
    func,
    or_,
    select,
)

from service.model.newsletter import Cadence
from service.store.editions import BY_HAND
from service.store.tables import attempts, batches, deliveries, editions, variants

_LEFT_NOTHING = ("not sent", "refused", "nobody left")
"""How an attempt ends after which nobody has the mail; one under way may have left something."""


@dataclass(frozen=True, slots=True)
class SentEdition:
    """An edition that went to readers. `cadence` is None for one made by hand.

    `is_for_all`: nobody chose cadences or topics for it.
    """

    edition_id: int
    newsletter_id: str
    cadence: Cadence | None
    key: str
    slot_at: datetime
    sent_at: datetime
    is_for_all: bool


@dataclass(frozen=True, slots=True)
class Face:
    """A variant by what a list says of it: its words, and how many posts it shows."""

    variant_id: int
    edition_id: int
    language: str
    subject: str
    preheader: str
    post_count: int


def list_sent_editions(
    connection: Connection,
    newsletter_id: str,
    cadences: Collection[Cadence | None],
    *,
    limit: int,
    offset: int = 0,
) -> list[SentEdition]:
    """Editions that went to all readers of these cadences (None: by hand), newest first."""
    query = (
        _choose(newsletter_id)
        .where(*_is_listed(cadences))
        .order_by(editions.c.frozen_at.desc(), editions.c.edition_id.desc())
        .limit(limit)
        .offset(offset)
    )
    return _read(connection, query)


def find_beside(
    connection: Connection, edition: SentEdition, cadences: Collection[Cadence | None]
) -> tuple[SentEdition | None, SentEdition | None]:
    """The editions right before and after this one in that list, as far as there are any."""
    at, number = editions.c.frozen_at, editions.c.edition_id
    listed = _choose(edition.newsletter_id).where(*_is_listed(cadences)).limit(1)
    same = at == edition.sent_at
    is_before = or_(at < edition.sent_at, and_(same, number < edition.edition_id))
    is_after = or_(at > edition.sent_at, and_(same, number > edition.edition_id))
    before = listed.where(is_before).order_by(at.desc(), number.desc())
    after = listed.where(is_after).order_by(at, number)
    found = [_read(connection, query) for query in (before, after)]
    earlier, later = (rows[0] if rows else None for rows in found)
    return earlier, later


def find_sent_edition(
    connection: Connection, newsletter_id: str, cadence: Cadence, key: str
) -> SentEdition | None:
    """The edition with this key, if it was sent."""
    query = _choose(newsletter_id).where(editions.c.cadence == cadence, editions.c.key == key)
    rows = _read(connection, query)
    return rows[0] if rows else None


def was_sent(connection: Connection, edition_id: int) -> bool:
    """Whether something of an edition left, also when it was stopped half way."""
    query = select(editions.c.edition_id).where(editions.c.edition_id == edition_id, _was_sent())
    return connection.execute(query).first() is not None


def list_sent_between(
    connection: Connection,
    newsletter_id: str,
    cadence: Cadence | None,
    since: datetime,
    until: datetime,
) -> list[SentEdition]:
    """The editions of a cadence, or those made by hand, with a slot in [since, until)."""
    query = _choose(newsletter_id).where(
        editions.c.cadence == (cadence or BY_HAND),
        editions.c.slot_at >= since,
        editions.c.slot_at < until,
    )
    return _read(connection, query)


def list_faces(connection: Connection, edition_ids: Collection[int]) -> list[Face]:
    """The variants of editions without their mails, in the order they were rendered."""
    query = (
        select(
            variants.c.variant_id,
            variants.c.edition_id,
            variants.c.language,
            variants.c.subject,
            variants.c.preheader,
            variants.c.post_ids,
        )
        .where(variants.c.edition_id.in_(sorted(edition_ids)), _was_for_somebody())
        .order_by(variants.c.variant_id)
    )
    return [Face(*row[:5], len(row.post_ids)) for row in connection.execute(query)]


def count_readers(connection: Connection, variant_ids: Collection[int]) -> dict[int, int]:
    """How many readers each of these variants of one edition was made for."""
    chosen = sorted(variant_ids)
    edition_ids = select(variants.c.edition_id).where(variants.c.variant_id.in_(chosen))
    query = (
        select(deliveries.c.variant_id, func.count().label("readers"))
        .where(deliveries.c.edition_id.in_(edition_ids), deliveries.c.variant_id.in_(chosen))
        .group_by(deliveries.c.variant_id)
    )
    return {row.variant_id: row.readers for row in connection.execute(query)}


def _choose(newsletter_id: str) -> Select[Any]:
    return select(
        editions.c.edition_id,
        editions.c.newsletter_id,
        editions.c.cadence,
        editions.c.key,
        editions.c.slot_at,
        editions.c.frozen_at,
        _is_for_all().label("is_for_all"),
    ).where(editions.c.newsletter_id == newsletter_id, _was_sent())


def _was_sent() -> ColumnElement[bool]:
    left = exists().where(
        batches.c.edition_id == editions.c.edition_id,
        attempts.c.batch_id == batches.c.batch_id,
        attempts.c.outcome.not_in(_LEFT_NOTHING),
    )
    return and_(editions.c.frozen_at.is_not(None), left)


def _was_for_somebody() -> ColumnElement[bool]:
    """Whether a variant was planned for anybody: one may be rendered and needed no more."""
    return exists().where(
        batches.c.edition_id == variants.c.edition_id,
        batches.c.variant_id == variants.c.variant_id,
    )


def _is_for_all() -> ColumnElement[bool]:
    first = [editions.c.audience[(name, 0)].as_string() for name in ("cadences", "topics")]
    return and_(*(one.is_(None) for one in first))


def _is_listed(cadences: Collection[Cadence | None]) -> list[ColumnElement[bool]]:
    names = [cadence or BY_HAND for cadence in cadences]
    return [editions.c.cadence.in_(names), _is_for_all()]


def _read(connection: Connection, query: Select[Any]) -> list[SentEdition]:
    return [_to_sent(row) for row in connection.execute(query).mappings()]


def _to_sent(row: RowMapping) -> SentEdition:
    return SentEdition(
        edition_id=row["edition_id"],
        newsletter_id=row["newsletter_id"],
        cadence=None if row["cadence"] == BY_HAND else Cadence(row["cadence"]),
        key=row["key"],
        slot_at=row["slot_at"],
        sent_at=row["frozen_at"],
        is_for_all=bool(row["is_for_all"]),
    )
