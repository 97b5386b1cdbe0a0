"""An editor's word on an edition: approve, hold, pause, resume, cancel."""

from __future__ import annotations

from datetime import datetime

from service.delivery.arranging import check_revision
from service.errors import NotAllowedError
from service.model.edition import Edition, EditionState
from service.store.arranging import raise_revision
from service.store.cancelling import cancel_rows, has_left, lock_planned_batches
from service.store.corrections import return_corrections
from service.store.database import Database
from service.store.editions import find_edition, lock_edition, move_edition
from service.store.refusals import forget_refusals


def approve_edition(
    database: Database, edition_id: int, now: datetime, *, revision: int | None = None
) -> Edition:
    """Let an edition go at its time, or at once when that has passed.

    Who approves what they saw names its `revision`: ChangedError when it is another by now.
    """
    with database.writing() as connection:
        edition = lock_edition(connection, edition_id)
        if revision is not None:
            check_revision(edition, revision)
        if not edition.may_still_change:
            raise NotAllowedError(f"edition {edition_id} is {edition.state}: nothing to approve")
        if edition.state is EditionState.WAITING and edition.approved_at is not None:
            return edition
        move_edition(connection, edition, EditionState.WAITING, reason="approved", approved_at=now)
        return find_edition(connection, edition_id)


def hold_edition(database: Database, edition_id: int, reason: str) -> Edition:
    """Keep an edition from leaving until it is approved, by somebody who has seen the hold."""
    with database.writing() as connection:
        edition = lock_edition(connection, edition_id)
        raise_revision(connection, edition)
        move_edition(connection, edition, EditionState.HELD, reason=reason)
        return find_edition(connection, edition_id)


def pause_edition(database: Database, edition_id: int, reason: str) -> Edition:
    """Let no further batch of an edition be claimed."""
    return _move(database, edition_id, EditionState.PAUSED, reason)


def resume_edition(database: Database, edition_id: int) -> Edition:
    """Let a paused edition go on; the time it was paused counts against none of its rows."""
    with database.writing() as connection:
        lock_planned_batches(connection, edition_id)
        edition = lock_edition(connection, edition_id)
        move_edition(connection, edition, EditionState.SENDING, reason="")
        forget_refusals(connection, edition_id=edition_id)
        return find_edition(connection, edition_id)


def cancel_edition(database: Database, edition_id: int, reason: str) -> tuple[Edition, int]:
    """End an edition; readers not yet reached get its posts with the next one."""
    with database.writing() as connection:
        lock_planned_batches(connection, edition_id)
        edition = lock_edition(connection, edition_id)
        move_edition(connection, edition, EditionState.CANCELLED, reason=reason)
        cancelled = cancel_rows(connection, edition_id)
        if not has_left(connection, edition_id):
            return_corrections(connection, edition_id)
        return find_edition(connection, edition_id), cancelled


def _move(database: Database, edition_id: int, state: EditionState, reason: str) -> Edition:
    with database.writing() as connection:
        edition = lock_edition(connection, edition_id)
        move_edition(connection, edition, state, reason=reason)
        return find_edition(connection, edition_id)
