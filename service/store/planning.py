"""The freeze: stretch by stretch, rows and batches for groups of readers, all by set."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    Column,
    Connection,
    Integer,
    MetaData,
    Subquery,
    Table,
    and_,
    case,
    func,
    insert,
    literal,
    select,
    update,
)

from service.model.delivery import BatchKind, BatchState, DeliveryState
from service.model.edition import Edition, EditionState
from service.model.subscriber import SubscriptionState
from service.store.audience import AudienceQuery, Span, Stretch, number_groups
from service.store.batches import find_next_ordinal
from service.store.tables import Key, batches, deliveries, editions, subscriptions

_SHARES = Table(
    "shares_of_groups",
    MetaData(),
    Column("group_no", Integer, primary_key=True, autoincrement=False),
    Column("mailing_no", Integer, nullable=False),
    Column("variant_id", Key, nullable=False),
    Column("batch_size", Integer, nullable=False),
    Column("filled", Integer, nullable=False),
    Column("first_ordinal", Integer, nullable=False),
    Column("next_ordinal", Integer, nullable=False),
    prefixes=["TEMPORARY"],
)
"""Which mailing each group gets, and in which batches that one goes on; while rows are written."""


@dataclass(frozen=True, slots=True)
class Mailing:
    """What goes out in common: one variant, at one time, in batches of `batch_size`."""

    variant_id: int
    not_before: datetime | None
    batch_size: int


@dataclass(frozen=True, slots=True)
class LastBatch:
    """The last batch of a mailing so far, and how many rows it has."""

    ordinal: int
    filled: int


@dataclass(frozen=True, slots=True)
class Franking:
    """What all batches of a freeze carry."""

    account: str
    key_prefix: str
    planned_at: datetime


def find_next_span(
    connection: Connection, edition: Edition, audience: AudienceQuery, size: int
) -> Span | None:
    """The next stretch of at most `size` readers; None when everybody was planned."""
    above = connection.execute(
        select(editions.c.frozen_through).where(editions.c.edition_id == edition.edition_id)
    ).scalar_one()
    return find_span(connection, audience, above, size)


def find_span(
    connection: Connection, audience: AudienceQuery, above: int, size: int
) -> Span | None:
    """The stretch of at most `size` readers after a subscription id; None when none is left."""
    ids = (
        select(subscriptions.c.subscription_id)
        .where(
            subscriptions.c.newsletter_id == audience.newsletter_id,
            subscriptions.c.state == SubscriptionState.ACTIVE,
            subscriptions.c.cadence.in_(audience.cadences),
            subscriptions.c.subscription_id > above,
        )
        .order_by(subscriptions.c.subscription_id)
        .limit(size)
        .subquery()
    )
    through = connection.execute(select(func.max(ids.c.subscription_id))).scalar()
    return None if through is None else Span(above, through)


def claim_span(connection: Connection, edition: Edition, span: Span) -> bool:
    """Take a stretch for planning; False when another process is already past it."""
    taken = connection.execute(
        update(editions)
        .where(
            editions.c.edition_id == edition.edition_id,
            editions.c.state == EditionState.FREEZING,
            editions.c.frozen_through == span.above,
        )
        .values(frozen_through=span.through)
    )
    return taken.rowcount == 1


def insert_deliveries(
    connection: Connection,
    edition: Edition,
    stretch: Stretch,
    mailings: Mapping[int, Mailing],
    last: dict[Mailing, LastBatch],
    franking: Franking,
) -> list[int]:
    """Write the rows of a stretch and the batches they need; the ids of those batches.

    `mailings` says by a group's number what it gets. `last` is where earlier stretches of the
    same freeze left off: what has room is filled up first, and it is brought up to date.
    """
    ordinal = find_next_ordinal(connection, edition.edition_id)
    sizes: Counter[Mailing] = Counter()
    for group_no, mailing in mailings.items():
        sizes[mailing] += stretch.groups[group_no].count
    shares: dict[Mailing, dict[str, int]] = {}
    rows: list[dict[str, object]] = []
    for number, (mailing, size) in enumerate(sizes.items()):
        share, new = _share_out(mailing, size, last, ordinal)
        shares[mailing] = {"mailing_no": number, **share}
        rows += [_describe_batch(edition, mailing, franking, one) for one in new]
        ordinal += len(new)
    batch_ids = _insert_batches(connection, rows)
    _SHARES.create(connection, checkfirst=False)
    connection.execute(
        insert(_SHARES), [{"group_no": no, **shares[one]} for no, one in mailings.items()]
    )
    _insert_rows(connection, edition, stretch)
    _SHARES.drop(connection, checkfirst=False)
    return batch_ids


def record_served(
    connection: Connection, edition: Edition, audience: AudienceQuery, span: Span
) -> None:
    """Move everybody in the stretch to the edition's mark, also those who get nothing."""
    connection.execute(
        update(subscriptions)
        .where(
            subscriptions.c.newsletter_id == audience.newsletter_id,
            subscriptions.c.state == SubscriptionState.ACTIVE,
            subscriptions.c.cadence.in_(audience.cadences),
            subscriptions.c.subscription_id > span.above,
            subscriptions.c.subscription_id <= span.through,
            subscriptions.c.served_through < edition.mark,
        )
        .values(served_through=edition.mark)
    )


def _share_out(
    mailing: Mailing, size: int, last: dict[Mailing, LastBatch], ordinal: int
) -> tuple[dict[str, int], range]:
    """Where so many more rows of a mailing go, and the numbers of new batches from `ordinal` on."""
    going_on = last.get(mailing)
    if going_on is None or going_on.filled == mailing.batch_size:
        going_on = LastBatch(ordinal, 0)
    # An empty one is the first of those to be made.
    is_new = going_on.filled == 0
    total = going_on.filled + size
    count = -(-total // mailing.batch_size) - (not is_new)
    new = range(ordinal, ordinal + count)
    last[mailing] = LastBatch(
        new[-1] if new else going_on.ordinal, (total - 1) % mailing.batch_size + 1
    )
    share = {
        "variant_id": mailing.variant_id,
        "batch_size": mailing.batch_size,
        "filled": going_on.filled,
        "first_ordinal": going_on.ordinal,
        "next_ordinal": ordinal + is_new,
    }
    return share, new


def _describe_batch(
    edition: Edition, mailing: Mailing, franking: Franking, ordinal: int
) -> dict[str, object]:
    return {
        "kind": BatchKind.EDITION,
        "edition_id": edition.edition_id,
        "variant_id": mailing.variant_id,
        "ordinal": ordinal,
        "key": f"{franking.key_prefix}-e{edition.edition_id}-{ordinal}",
        "account": franking.account,
        "state": BatchState.PLANNED,
        "attempt": 0,
        "not_before": mailing.not_before,
        "created_at": franking.planned_at,
        "body_digest": "",
        "detail": "",
    }


def _insert_batches(connection: Connection, rows: list[dict[str, object]]) -> list[int]:
    if not rows:
        return []
    returned = connection.execute(insert(batches).returning(batches.c.batch_id), rows)
    return list(returned.scalars())


def _insert_rows(connection: Connection, edition: Edition, stretch: Stretch) -> None:
    placed = _place_readers(stretch)
    ordinal = case(
        (placed.c.place == 0, placed.c.first_ordinal),
        else_=placed.c.next_ordinal + placed.c.place - 1,
    )
    is_scheduled = edition.cadence is not None
    rows = select(
        literal(edition.edition_id),
        placed.c.subscriber_id,
        placed.c.subscription_id,
        placed.c.variant_id,
        batches.c.batch_id,
        literal(DeliveryState.PLANNED.value),
        placed.c.served_through if is_scheduled else literal(None),
        literal(""),
        literal(""),
    ).join(
        batches,
        and_(batches.c.edition_id == edition.edition_id, batches.c.ordinal == ordinal),
    )
    # Rows that are sent together lie together, so that a batch changes few pages of the database.
    rows = rows.order_by(batches.c.batch_id, placed.c.subscription_id)
    names = [
        "edition_id",
        "subscriber_id",
        "subscription_id",
        "variant_id",
        "batch_id",
        "state",
        "served_from",
        "reason",
        "provider_message_id",
    ]
    connection.execute(insert(deliveries).from_select(names, rows))


def _place_readers(stretch: Stretch) -> Subquery:
    """The readers of a stretch, each in which batch of their mailing, counted from 0."""
    readers = number_groups(stretch).subquery()
    of_its_mailing = func.row_number().over(
        partition_by=_SHARES.c.mailing_no, order_by=readers.c.subscription_id
    )
    position = of_its_mailing - 1 + _SHARES.c.filled
    return (
        select(
            readers,
            _SHARES.c.variant_id,
            _SHARES.c.first_ordinal,
            _SHARES.c.next_ordinal,
            (position // _SHARES.c.batch_size).label("place"),
        )
        .join(_SHARES, _SHARES.c.group_no == readers.c.group_no)
        .subquery()
    )
