"""Editions: written, found, listed, moved from state to state."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, func, insert, or_, select, update

from service.errors import NotAllowedError
from service.model.edition import EDITION_MOVES, Audience, Candidate, Edition, EditionState, Trigger
from service.model.newsletter import Cadence
from service.store.edition_posts import insert_edition_posts
from service.store.happenings import tell_of_drafted
from service.store.tables import editions

BY_HAND = "manual"
"""What stands in the cadence column of an edition made by hand."""


def insert_edition(
    connection: Connection, edition: Edition, candidates: Sequence[Candidate]
) -> Edition | None:
    """Write an edition with its posts; None when its key was already used."""
    taken = select(editions.c.edition_id).where(
        editions.c.newsletter_id == edition.newsletter_id,
        editions.c.cadence == (edition.cadence or BY_HAND),
        editions.c.key == edition.key,
    )
    if connection.execute(taken).first() is not None:
        return None
    statement = insert(editions).values(_to_row(edition)).returning(editions.c.edition_id)
    edition_id = connection.execute(statement).scalar_one()
    insert_edition_posts(connection, edition_id, candidates)
    written = find_edition(connection, edition_id)
    tell_of_drafted(connection, written, candidates)
    return written


def find_edition(connection: Connection, edition_id: int) -> Edition:
    """One edition; raises NotAllowedError when there is none of that number."""
    query = select(editions).where(editions.c.edition_id == edition_id)
    row = connection.execute(query).mappings().first()
    if row is None:
        raise NotAllowedError("there is no edition {edition}", edition=edition_id)
    return read_edition(row)


def lock_edition(connection: Connection, edition_id: int) -> Edition:
    """One edition that nobody else moves until the transaction ends; raises as `find_edition`.

    Whoever wants its planned batches as well takes those first, as workers do.
    """
    chosen = editions.c.edition_id == edition_id
    connection.execute(
        select(editions.c.edition_id).where(chosen).with_for_update(key_share=True)
    ).all()
    return find_edition(connection, edition_id)


def find_edition_by_key(
    connection: Connection, newsletter_id: str, cadence: Cadence | None, key: str
) -> Edition | None:
    """The edition with this key, if it was ever opened."""
    query = select(editions).where(
        editions.c.newsletter_id == newsletter_id,
        editions.c.cadence == (cadence or BY_HAND),
        editions.c.key == key,
    )
    row = connection.execute(query).mappings().first()
    return read_edition(row) if row else None


def list_editions(
    connection: Connection,
    *,
    states: Collection[EditionState] = (),
    newsletter_id: str | None = None,
    cadence: Cadence | None = None,
) -> list[Edition]:
    """Editions, oldest first; all states when none is named."""
    query = select(editions).order_by(editions.c.edition_id)
    if states:
        query = query.where(editions.c.state.in_(list(states)))
    if newsletter_id is not None:
        query = query.where(editions.c.newsletter_id == newsletter_id)
    if cadence is not None:
        query = query.where(editions.c.cadence == cadence)
    return [read_edition(row) for row in connection.execute(query).mappings()]


def list_latest_sent(connection: Connection, limit: int) -> list[Edition]:
    """The editions that were frozen last for anybody, the newest first."""
    query = (
        select(editions)
        .where(editions.c.frozen_at.is_not(None), editions.c.state != EditionState.EMPTY)
        .order_by(editions.c.frozen_at.desc(), editions.c.edition_id.desc())
        .limit(limit)
    )
    return [read_edition(row) for row in connection.execute(query).mappings()]


def find_last_slot(
    connection: Connection,
    newsletter_id: str,
    cadence: Cadence,
    until: datetime | None = None,
) -> datetime | None:
    """The latest slot up to a time that was ever opened, whatever became of it.

    A later one was opened by a clock that ran ahead, and must not silence those before it.
    """
    query = (
        select(editions.c.slot_at)
        .where(
            editions.c.newsletter_id == newsletter_id,
            editions.c.cadence == cadence,
        )
        .order_by(editions.c.slot_at.desc())
        .limit(1)
    )
    if until is not None:
        query = query.where(editions.c.slot_at <= until)
    return connection.execute(query).scalar()


def find_frozen_mark(connection: Connection, newsletter_id: str) -> int:
    """The highest news number that readers of any scheduled edition were moved to."""
    query = select(func.max(editions.c.mark)).where(
        editions.c.newsletter_id == newsletter_id,
        editions.c.cadence != BY_HAND,
        or_(editions.c.frozen_at.is_not(None), editions.c.state == EditionState.FREEZING),
    )
    return int(connection.execute(query).scalar() or 0)


def find_latest_edition(
    connection: Connection, newsletter_id: str, cadence: Cadence
) -> Edition | None:
    """The newest edition that went to readers: of this cadence, or else of any."""
    query = (
        select(editions)
        .where(
            editions.c.newsletter_id == newsletter_id,
            editions.c.frozen_at.is_not(None),
            editions.c.state != EditionState.CANCELLED,
        )
        .order_by((editions.c.cadence == cadence).desc(), editions.c.frozen_at.desc())
        .limit(1)
    )
    row = connection.execute(query).mappings().first()
    return read_edition(row) if row else None


def move_edition(
    connection: Connection,
    edition: Edition,
    state: EditionState,
    *,
    reason: str | None = None,
    frozen_at: datetime | None = None,
    finished_at: datetime | None = None,
    approved_at: datetime | None = None,
    readers: int | None = None,
) -> bool:
    """Move an edition on; False when somebody else moved it first.

    `readers` is for how many it was frozen: its accounting adds up to them ever after.
    Raises NotAllowedError when no arrow leads from its state to the other.
    """
    if state not in EDITION_MOVES[edition.state]:
        raise NotAllowedError(
            "edition {edition} is {state} and cannot become {wanted}",
            edition=edition.edition_id,
            state=edition.state,
            wanted=state,
        )
    noted = {
        "reason": reason,
        "frozen_at": frozen_at,
        "finished_at": finished_at,
        "approved_at": approved_at,
        "readers": readers,
    }
    values = {name: value for name, value in noted.items() if value is not None}
    moved = connection.execute(
        update(editions)
        .where(editions.c.edition_id == edition.edition_id, editions.c.state == edition.state)
        .values(state=state, **values)
    )
    return moved.rowcount == 1


def _to_row(edition: Edition) -> dict[str, Any]:
    return {
        "newsletter_id": edition.newsletter_id,
        "cadence": edition.cadence or BY_HAND,
        "key": edition.key,
        "trigger": edition.trigger,
        "state": edition.state,
        "slot_at": edition.slot_at,
        "freeze_at": edition.freeze_at,
        "mark": edition.mark,
        "subject": edition.subject,
        "preheader": edition.preheader,
        "intro": edition.intro,
        "audience": {
            "cadences": list(edition.audience.cadences),
            "topics": list(edition.audience.topics),
            "names_posts": edition.audience.names_posts,
        },
        "reason": edition.reason,
        "frozen_through": 0,
        "created_at": edition.created_at,
        "approved_at": edition.approved_at,
    }


def read_edition(row: RowMapping) -> Edition:
    """An edition from a row that has its columns."""
    audience = row["audience"]
    return Edition(
        edition_id=row["edition_id"],
        newsletter_id=row["newsletter_id"],
        cadence=None if row["cadence"] == BY_HAND else Cadence(row["cadence"]),
        key=row["key"],
        trigger=Trigger(row["trigger"]),
        state=EditionState(row["state"]),
        slot_at=row["slot_at"],
        freeze_at=row["freeze_at"],
        mark=row["mark"],
        subject=row["subject"],
        intro=row["intro"],
        audience=Audience(
            tuple(Cadence(cadence) for cadence in audience["cadences"]),
            tuple(audience["topics"]),
            names_posts=audience["names_posts"],
        ),
        reason=row["reason"],
        created_at=row["created_at"],
        frozen_at=row["frozen_at"],
        finished_at=row["finished_at"],
        approved_at=row["approved_at"],
        preheader=row["preheader"],
        revision=row["revision"],
    )
