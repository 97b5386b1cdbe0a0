"""What an editor changes in an edition before it is frozen."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from service.delivery.arranging import (
    apply_change,
    check_revision,
    check_still_changing,
)
from service.delivery.press import Press
from service.errors import ChangedError, NotAllowedError
from service.model.arrangement import AddPost, Change, LeaveOut, Reorder, SetWords, TakeBack
from service.model.edition import Edition
from service.model.editor import Actor
from service.store.arranging import raise_revision, set_freeze_time
from service.store.audit import record_action
from service.store.database import Database
from service.store.editions import find_edition, lock_edition


def arrange_edition(
    database: Database,
    press: Press,
    edition_id: int,
    revision: int,
    change: Change,
    now: datetime,
    *,
    by: Actor,
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
            raise ChangedError(
                "somebody else changed edition {edition} just now: look again", edition=edition_id
            )
        verb, about = _describe_change(change)
        detail = {**about, "revision": revision}
        record_action(connection, by, f"edition.{verb}", f"edition:{edition_id}", detail, now)
        return find_edition(connection, edition_id)


def schedule_edition(
    database: Database,
    edition_id: int,
    revision: int,
    freeze_at: datetime,
    now: datetime,
    *,
    by: Actor,
) -> Edition:
    """Let an edition be frozen at another time; the edition with its new revision.

    Its slot stays what it was, and so does its approval: one that is held stays held, and leaves
    at that time once it is approved. Raises as `arrange_edition`, and NotAllowedError for a time
    that is over.
    """
    with database.writing() as connection:
        edition = lock_edition(connection, edition_id)
        check_still_changing(edition)
        check_revision(edition, revision)
        if freeze_at <= now:
            raise NotAllowedError(
                "edition {edition} cannot leave then: that time is over", edition=edition_id
            )
        set_freeze_time(connection, edition_id, freeze_at)
        if not raise_revision(connection, edition):
            raise ChangedError(
                "somebody else changed edition {edition} just now: look again", edition=edition_id
            )
        detail = {"leaves_at": freeze_at.isoformat()}
        record_action(connection, by, "edition.schedule", f"edition:{edition_id}", detail, now)
        return find_edition(connection, edition_id)


def _describe_change(change: Change) -> tuple[str, Mapping[str, object]]:
    """The verb of the log for a change, and what it was done to."""
    match change:
        case Reorder():
            return "order", {}
        case LeaveOut(post_id):
            return "leave-out", {"post": post_id}
        case TakeBack(post_id):
            return "take-back", {"post": post_id}
        case AddPost(name):
            return "add", {"path": name}
        case SetWords():
            return "words", {}
