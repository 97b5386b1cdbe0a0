"""What an editor changes in an edition before it is frozen."""

from __future__ import annotations

from datetime import datetime

from service.delivery.arranging import (
    apply_change,
    check_revision,
    check_still_changing,
)
from service.delivery.press import Press
from service.errors import ChangedError, NotAllowedError
from service.model.arrangement import Change
from service.model.edition import Edition, EditionState
from service.store.arranging import raise_revision, set_freeze_time
from service.store.database import Database
from service.store.editions import find_edition, lock_edition


def arrange_edition(
    database: Database,
    press: Press,
    edition_id: int,
    revision: int,
    change: Change,
    now: datetime,
) -> Edition:
    """Change an edition that is not frozen yet; the edition with its new revision.

    Raises ChangedError when it is not at `revision` any more, NotAllowedError when it cannot
    change or a post may not be mailed, UsageError for a post that is not known.
    """
    with database.writing() as connection:
        edition = lock_edition(connection, edition_id)
        check_still_changing(edition)
        check_revision(edition, revision)
        newsletter = press.find_newsletter(edition.newsletter_id)
        apply_change(connection, newsletter, edition, change, now)
        if not raise_revision(connection, edition):
            raise ChangedError(f"somebody else changed edition {edition_id} just now: look again")
        return find_edition(connection, edition_id)


def schedule_edition(
    database: Database, edition_id: int, revision: int, freeze_at: datetime, now: datetime
) -> Edition:
    """Let an edition that waits be frozen at another time; the edition with its new revision.

    Its slot stays what it was, and so does its approval. Raises as `arrange_edition`, and
    NotAllowedError for a time that is over.
    """
    with database.writing() as connection:
        edition = lock_edition(connection, edition_id)
        check_still_changing(edition)
        check_revision(edition, revision)
        if edition.state is EditionState.HELD:
            raise NotAllowedError(
                f"edition {edition_id} is held ({edition.reason}): approve it first, "
                "then give it another time"
            )
        if freeze_at <= now:
            raise NotAllowedError(
                f"edition {edition_id} cannot leave at {freeze_at.isoformat()}: that is over"
            )
        set_freeze_time(connection, edition_id, freeze_at)
        if not raise_revision(connection, edition):
            raise ChangedError(f"somebody else changed edition {edition_id} just now: look again")
        return find_edition(connection, edition_id)
