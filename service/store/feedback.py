"""What providers told of mail they had taken, and how much of an edition came back."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict

from sqlalchemy import Connection, func, literal, select, text, update

from service.model.delivery import TAKEN, BatchKind, DeliveryState, Feedback
from service.store.rows import row_id_of, rows_of
from service.store.tables import CAME_BACK, deliveries, editions


def record_feedback(
    connection: Connection,
    row_ids: Collection[int],
    state: DeliveryState,
    *,
    kind: BatchKind = BatchKind.EDITION,
    reason: str = "",
) -> int:
    """Move rows the provider has on to what it told of them; how many moved.

    What came later by the order of TAKEN stays: word of a delivery may come after the complaint.
    """
    rows, earlier = rows_of(kind), TAKEN[: TAKEN.index(state)]
    return connection.execute(
        update(rows)
        .where(row_id_of(kind).in_(row_ids), rows.c.state.in_(earlier))
        .values(state=state, reason=reason)
    ).rowcount


def count_came_back(connection: Connection, edition_id: int) -> Feedback:
    """How many of an edition's readers bounced or complained; `taken` is left at 0."""
    query = (
        select(deliveries.c.state, func.count())
        .where(deliveries.c.edition_id == edition_id, text(CAME_BACK))
        .group_by(deliveries.c.state)
    )
    counts = {str(state): int(count) for state, count in connection.execute(query)}
    return Feedback(
        bounced=counts.get(DeliveryState.BOUNCED, 0),
        complained=counts.get(DeliveryState.COMPLAINED, 0),
    )


def count_taken(connection: Connection, edition_id: int, at_most: int) -> int:
    """How many of an edition's readers the provider has; stops counting at a number."""
    taken = (
        select(literal(1))
        .where(deliveries.c.edition_id == edition_id, deliveries.c.state.in_(TAKEN))
        .limit(at_most)
        .subquery()
    )
    return int(connection.execute(select(func.count()).select_from(taken)).scalar_one())


def find_excused(connection: Connection, edition_id: int) -> Feedback | None:
    """What had come back when the edition was paused for it; None when it never was."""
    query = select(editions.c.excused).where(editions.c.edition_id == edition_id)
    excused = connection.execute(query).scalar()
    return Feedback(**excused) if excused else None


def record_excused(connection: Connection, edition_id: int, feedback: Feedback) -> None:
    """Write down what an editor knows of when they let the edition go on."""
    chosen = editions.c.edition_id == edition_id
    connection.execute(update(editions).where(chosen).values(excused=asdict(feedback)))
