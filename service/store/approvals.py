"""Editors who were asked by mail whether an edition may leave, and what they answered."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, exists, insert, select, update

from service.model.edition import Edition, EditionState
from service.store.editions import BY_HAND, read_edition
from service.store.tables import approvals, editions, editors


@dataclass(frozen=True, slots=True)
class Approval:
    """One editor asked about one edition as it was then; `answer` is "" until they answer."""

    approval_id: int
    edition_id: int
    editor_id: int
    revision: int
    answer: str


def list_unasked(connection: Connection, newsletter_ids: Collection[str]) -> list[Edition]:
    """Scheduled editions of these newsletters that wait, and of which nobody was asked yet."""
    asked = exists().where(approvals.c.edition_id == editions.c.edition_id)
    query = select(editions).where(
        editions.c.state.in_([EditionState.DRAFT, EditionState.WAITING]),
        editions.c.newsletter_id.in_(newsletter_ids),
        editions.c.cadence != BY_HAND,
        ~asked,
    )
    ordered = query.order_by(editions.c.edition_id)
    return [read_edition(row) for row in connection.execute(ordered).mappings()]


def is_asked(connection: Connection, edition_id: int) -> bool:
    """Whether anybody was asked about an edition."""
    query = select(approvals.c.approval_id).where(approvals.c.edition_id == edition_id)
    return connection.execute(query.limit(1)).first() is not None


def record_approval(
    connection: Connection, edition: Edition, editor_id: int, now: datetime
) -> Approval:
    """Write down that an editor is asked about an edition as it is now."""
    statement = insert(approvals).values(
        edition_id=edition.edition_id,
        editor_id=editor_id,
        revision=edition.revision,
        asked_at=now,
        answer="",
    )
    number = connection.execute(statement.returning(approvals.c.approval_id)).scalar_one()
    return Approval(number, edition.edition_id, editor_id, edition.revision, "")


def find_approval(connection: Connection, approval_id: int) -> Approval | None:
    """One by number."""
    columns = [approvals.c[name] for name in Approval.__slots__]
    query = select(*columns).where(approvals.c.approval_id == approval_id)
    row = connection.execute(query).mappings().first()
    return Approval(**row) if row else None


def answer_approval(connection: Connection, approval_id: int, answer: str, now: datetime) -> bool:
    """Use one up; False when it was already."""
    chosen = (approvals.c.approval_id == approval_id) & approvals.c.answered_at.is_(None)
    values = {"answer": answer, "answered_at": now}
    return connection.execute(update(approvals).where(chosen).values(values)).rowcount == 1


def forget_answer(connection: Connection, approval_id: int) -> None:
    """Let one count again: what was answered could not be done."""
    chosen = approvals.c.approval_id == approval_id
    connection.execute(update(approvals).where(chosen).values(answer="", answered_at=None))


def list_asked(connection: Connection) -> set[tuple[str, int]]:
    """Addresses, and the editions before their freeze about which they were asked."""
    query = (
        select(editors.c.address, approvals.c.edition_id)
        .join_from(approvals, editors, editors.c.editor_id == approvals.c.editor_id)
        .join(editions, editions.c.edition_id == approvals.c.edition_id)
        .where(editions.c.state.in_([EditionState.DRAFT, EditionState.WAITING]))
    )
    return {(row.address, row.edition_id) for row in connection.execute(query)}
