"""An editor's word on an edition: approve, hold, pause, resume, cancel."""

from __future__ import annotations

from datetime import datetime

from service.audience.addresses import hide_addresses
from service.delivery.arranging import check_revision
from service.errors import NotAllowedError
from service.model.edition import Edition, EditionState
from service.model.editor import Actor
from service.store.arranging import raise_revision
from service.store.audit import record_action
from service.store.cancelling import cancel_rows, has_left, lock_planned_batches
from service.store.corrections import return_corrections
from service.store.database import Database
from service.store.editions import find_edition, lock_edition, move_edition
from service.store.refusals import forget_refusals
from service.store.wake import Wake

_WOKEN = 500
"""Batches given a job at once when an edition goes on; the others get theirs while these leave."""

_BY_MAIL = {"by": "mail"}


def approve_edition(
    database: Database,
    edition_id: int,
    now: datetime,
    *,
    by: Actor,
    revision: int | None = None,
    is_by_mail: bool = False,
) -> Edition:
    """Let an edition go at its time, or at once when that has passed.

    Who approves what they saw names its `revision`: ChangedError when it is another by now.
    `is_by_mail`: they answered a mail.
    """
    with database.writing() as connection:
        edition = lock_edition(connection, edition_id)
        if revision is not None:
            check_revision(edition, revision)
        if not edition.may_still_change:
            raise NotAllowedError(
                "edition {edition} is {state}: nothing to approve",
                edition=edition_id,
                state=edition.state,
            )
        is_approved = edition.state is EditionState.WAITING and edition.approved_at is not None
        # An answer to a mail is written down also where silence would have done.
        if is_approved and not is_by_mail:
            return edition
        if not is_approved:
            waiting = EditionState.WAITING
            move_edition(connection, edition, waiting, reason="approved", approved_at=now)
        detail = _BY_MAIL if is_by_mail else {}
        record_action(connection, by, "edition.approve", f"edition:{edition_id}", detail, now)
        return find_edition(connection, edition_id)


def hold_edition(
    database: Database,
    edition_id: int,
    reason: str,
    now: datetime,
    *,
    by: Actor,
    is_by_mail: bool = False,
) -> Edition:
    """Keep an edition from leaving until it is approved, by somebody who has seen the hold."""
    with database.writing() as connection:
        edition = lock_edition(connection, edition_id)
        raise_revision(connection, edition)
        move_edition(connection, edition, EditionState.HELD, reason=reason)
        detail = _BY_MAIL if is_by_mail else {"reason": hide_addresses(reason)}
        record_action(connection, by, "edition.hold", f"edition:{edition_id}", detail, now)
        return find_edition(connection, edition_id)


def pause_edition(
    database: Database, edition_id: int, reason: str, now: datetime, *, by: Actor
) -> Edition:
    """Let no further batch of an edition be claimed."""
    with database.writing() as connection:
        edition = lock_edition(connection, edition_id)
        move_edition(connection, edition, EditionState.PAUSED, reason=reason)
        detail = {"reason": hide_addresses(reason)}
        record_action(connection, by, "edition.pause", f"edition:{edition_id}", detail, now)
        return find_edition(connection, edition_id)


def resume_edition(
    database: Database, wake: Wake, edition_id: int, now: datetime, *, by: Actor
) -> Edition:
    """Let a paused edition go on at once; the time it was paused counts against no row of it."""
    with database.writing() as connection:
        planned = lock_planned_batches(connection, edition_id)
        edition = lock_edition(connection, edition_id)
        move_edition(connection, edition, EditionState.SENDING, reason="")
        forget_refusals(connection, edition_id=edition_id)
        wake(connection, planned[:_WOKEN])
        record_action(connection, by, "edition.resume", f"edition:{edition_id}", {}, now)
        return find_edition(connection, edition_id)


def cancel_edition(
    database: Database, edition_id: int, reason: str, now: datetime, *, by: Actor
) -> tuple[Edition, int]:
    """End an edition; readers not yet reached get its posts with the next one."""
    with database.writing() as connection:
        lock_planned_batches(connection, edition_id)
        edition = lock_edition(connection, edition_id)
        move_edition(connection, edition, EditionState.CANCELLED, reason=reason)
        cancelled = cancel_rows(connection, edition_id)
        if not has_left(connection, edition_id):
            return_corrections(connection, edition_id)
        detail = {"reason": hide_addresses(reason)}
        record_action(connection, by, "edition.cancel", f"edition:{edition_id}", detail, now)
        return find_edition(connection, edition_id), cancelled
