"""What was wrong in an edition, to be said in the next one."""

from __future__ import annotations

from datetime import datetime

from service.errors import NotAllowedError, UsageError
from service.model.edition import Correction, EditionState
from service.store.corrections import (
    find_correction,
    insert_correction,
)
from service.store.corrections import withdraw_correction as end_correction
from service.store.database import Database
from service.store.editions import find_edition

_LONGEST = 5_000
_UNSENT = (EditionState.CANCELLED, EditionState.EMPTY, EditionState.MERGED)


def add_correction(
    database: Database,
    newsletter_id: str,
    about_edition_id: int,
    text: str,
    created_by: str,
    now: datetime,
) -> Correction:
    """Have the next edition to the same readers say what was wrong in this one (Markdown).

    Raises UsageError for no text or one too long, NotAllowedError for an edition of another
    newsletter or one that nobody got.
    """
    words = text.strip()
    if not words or len(words) > _LONGEST:
        raise UsageError(f"a correction has between 1 and {_LONGEST:,} characters")
    with database.writing() as connection:
        about = find_edition(connection, about_edition_id)
        if about.newsletter_id != newsletter_id:
            raise NotAllowedError(
                f"edition {about_edition_id} is one of {about.newsletter_id}, not {newsletter_id}"
            )
        if about.frozen_at is None or about.state in _UNSENT:
            raise NotAllowedError(
                f"edition {about_edition_id} is {about.state}: correct what was sent; "
                "what was not sent yet can still be changed"
            )
        return insert_correction(connection, about, words, created_by, now)


def withdraw_correction(database: Database, correction_id: int, now: datetime) -> Correction:
    """Take a correction back that waits; raises NotAllowedError once an edition carries it."""
    with database.writing() as connection:
        is_done = end_correction(connection, correction_id, now)
        found = find_correction(connection, correction_id)
    if found is None:
        raise NotAllowedError(f"there is no correction {correction_id}")
    if not is_done and found.edition_id is not None:
        raise NotAllowedError(
            f"correction {correction_id} is in edition {found.edition_id} already"
        )
    return found
