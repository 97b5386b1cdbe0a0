"""Corrections: what was wrong in an edition, and which later one says so."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    and_,
    insert,
    or_,
    select,
    update,
)

from service.model.edition import Correction, Edition
from service.model.newsletter import Cadence
from service.store.editions import BY_HAND
from service.store.tables import corrections, editions


def insert_correction(
    connection: Connection, about: Edition, text: str, created_by: str, now: datetime
) -> Correction:
    """Write down what was wrong in an edition; it waits for the next one."""
    statement = insert(corrections).values(
        newsletter_id=about.newsletter_id,
        about_edition_id=about.edition_id,
        text=text,
        created_at=now,
        created_by=created_by,
    )
    number = connection.execute(statement.returning(corrections.c.correction_id)).scalar_one()
    return Correction(
        correction_id=number,
        newsletter_id=about.newsletter_id,
        about_edition_id=about.edition_id,
        about_at=about.slot_at,
        text=text,
        created_at=now,
        created_by=created_by,
    )


def find_correction(connection: Connection, correction_id: int) -> Correction | None:
    """One correction, None when there is none of that number."""
    query = _select().where(corrections.c.correction_id == correction_id)
    row = connection.execute(query).mappings().first()
    return _to_correction(row) if row else None


def list_corrections(connection: Connection, newsletter_id: str) -> list[Correction]:
    """All corrections of a newsletter, the newest first, also withdrawn ones."""
    query = _select().where(corrections.c.newsletter_id == newsletter_id)
    rows = connection.execute(query.order_by(corrections.c.correction_id.desc())).mappings()
    return [_to_correction(row) for row in rows]


def list_corrections_for(connection: Connection, edition: Edition) -> list[Correction]:
    """What an edition says or would say was wrong, the oldest first.

    Those it took, and before its freeze those that wait for the next mail to the same readers.
    """
    taken = corrections.c.edition_id == edition.edition_id
    if edition.frozen_at is None:
        taken = or_(taken, _is_waiting(edition))
    query = _select().where(taken).order_by(corrections.c.correction_id)
    return [_to_correction(row) for row in connection.execute(query).mappings()]


def take_corrections(connection: Connection, edition: Edition) -> None:
    """Let an edition that is being frozen carry all that wait for it, and no other one."""
    connection.execute(
        update(corrections).where(_is_waiting(edition)).values(edition_id=edition.edition_id)
    )


def return_corrections(connection: Connection, edition_id: int) -> None:
    """Let those that an edition took wait for the next one: nobody has read them."""
    connection.execute(
        update(corrections).where(corrections.c.edition_id == edition_id).values(edition_id=None)
    )


def withdraw_correction(connection: Connection, correction_id: int, now: datetime) -> bool:
    """Take a waiting correction back; False when an edition has it, or it was withdrawn."""
    done = connection.execute(
        update(corrections)
        .where(
            corrections.c.correction_id == correction_id,
            corrections.c.edition_id.is_(None),
            corrections.c.withdrawn_at.is_(None),
        )
        .values(withdrawn_at=now)
    )
    return done.rowcount == 1


def _is_waiting(edition: Edition) -> ColumnElement[bool]:
    """Waits, and is for readers of this edition: those who had the one that was wrong."""
    about = select(editions.c.edition_id).where(
        editions.c.newsletter_id == edition.newsletter_id,
        editions.c.cadence.in_([BY_HAND, *_list_reached(edition)]),
    )
    return and_(
        corrections.c.newsletter_id == edition.newsletter_id,
        corrections.c.edition_id.is_(None),
        corrections.c.withdrawn_at.is_(None),
        corrections.c.about_edition_id.in_(about),
    )


def _list_reached(edition: Edition) -> tuple[Cadence, ...]:
    if edition.cadence is not None:
        return (edition.cadence,)
    return edition.audience.cadences or tuple(Cadence)


def _select() -> Select[Any]:
    return select(corrections, editions.c.slot_at.label("about_at")).join(
        editions, editions.c.edition_id == corrections.c.about_edition_id
    )


def _to_correction(row: RowMapping) -> Correction:
    return Correction(**row)
