"""What was wrong in an edition, to be said in the next one."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from service.errors import NotAllowedError, UsageError
from service.model.edition import Correction, Edition, EditionState
from service.model.editor import Actor
from service.store.audit import record_action
from service.store.cancelling import has_left
from service.store.corrections import (
    find_correction,
    insert_correction,
)
from service.store.corrections import withdraw_correction as end_correction
from service.store.database import Database
from service.store.editions import find_edition

_LONGEST = 5_000
_UNSENT = (EditionState.EMPTY, EditionState.MERGED)


def add_correction(
    database: Database,
    newsletter_id: str,
    about_edition_id: int,
    text: str,
    now: datetime,
    *,
    by: Actor,
) -> Correction:
    """Have the next edition to the same readers say what was wrong in this one (Markdown).

    Raises UsageError for no text or one too long, NotAllowedError for an edition of another
    newsletter or one that nobody got.
    """
    words = text.strip()
    if not words or len(words) > _LONGEST:
        raise UsageError("a correction has between 1 and {most} characters", most=f"{_LONGEST:,}")
    with database.writing() as connection:
        about = find_edition(connection, about_edition_id)
        if about.newsletter_id != newsletter_id:
            raise NotAllowedError(
                "edition {edition} is one of {newsletter}, not {other}",
                edition=about_edition_id,
                newsletter=about.newsletter_id,
                other=newsletter_id,
            )
        if not _was_sent(connection, about):
            raise NotAllowedError(
                "edition {edition} is {state}: correct what was sent; what was not sent yet can "
                "still be changed",
                edition=about_edition_id,
                state=about.state,
            )
        added = insert_correction(connection, about, words, by.name, now)
        subject, detail = f"edition:{about_edition_id}", {"correction": added.correction_id}
        record_action(connection, by, "edition.correct", subject, detail, now)
        return added


def _was_sent(connection: Connection, about: Edition) -> bool:
    """Whether anybody may have got it: also of one that was cancelled half way."""
    if about.frozen_at is None or about.state in _UNSENT:
        return False
    return about.state is not EditionState.CANCELLED or has_left(connection, about.edition_id)


def withdraw_correction(
    database: Database, correction_id: int, now: datetime, *, by: Actor
) -> Correction:
    """Take a correction back that waits; raises NotAllowedError once an edition carries it."""
    with database.writing() as connection:
        is_done = end_correction(connection, correction_id, now)
        found = find_correction(connection, correction_id)
        if is_done and found is not None:
            subject, detail = f"edition:{found.about_edition_id}", {"correction": correction_id}
            record_action(connection, by, "edition.withdraw", subject, detail, now)
    if found is None:
        raise NotAllowedError("there is no correction {correction}", correction=correction_id)
    if not is_done and found.edition_id is not None:
        raise NotAllowedError(
            "correction {correction} is in edition {edition} already",
            correction=correction_id,
            edition=found.edition_id,
        )
    return found
