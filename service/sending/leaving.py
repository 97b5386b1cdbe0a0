"""An edition sent at once, by an editor who knows to how many."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from service.delivery.arranging import check_revision, check_still_changing
from service.delivery.press import Press
from service.delivery.preview import count_readers
from service.delivery.reasons import SENT_NOW
from service.errors import ChangedError, NotAllowedError
from service.model.edition import Edition, EditionState
from service.model.editor import Actor
from service.store.arranging import raise_revision, set_freeze_time
from service.store.audit import record_action
from service.store.database import Database
from service.store.editions import find_edition, lock_edition, move_edition


def send_edition_now(
    database: Database,
    press: Press,
    edition_id: int,
    revision: int,
    readers_typed: int,
    now: datetime,
    *,
    by: Actor,
) -> Edition:
    """Approve an edition as it was seen, to be frozen at once by the clock; of two, one wins.

    Who joins or leaves before the freeze, a moment later, is in it or not; were they more than a
    few, it is held instead. Raises NotAllowedError with both numbers unless as many readers would
    get it as were typed, ChangedError when it is not at `revision` any more.
    """
    with database.writing() as connection:
        edition = lock_edition(connection, edition_id)
        check_still_changing(edition)
        check_revision(edition, revision)
        leaving = replace(edition, freeze_at=min(edition.freeze_at, now))
        readers = count_readers(connection, press, leaving, now)
        _check_number(edition_id, readers, readers_typed)
        set_freeze_time(connection, edition_id, leaving.freeze_at)
        reason = f"{SENT_NOW}{readers}"
        move_edition(connection, edition, EditionState.WAITING, reason=reason, approved_at=now)
        if not raise_revision(connection, replace(edition, state=EditionState.WAITING)):
            raise ChangedError("somebody else sent edition {edition} just now", edition=edition_id)
        detail = {"readers": readers}
        record_action(connection, by, "edition.send", f"edition:{edition_id}", detail, now)
        return find_edition(connection, edition_id)


def _check_number(edition_id: int, readers: int, readers_typed: int) -> None:
    if readers != readers_typed:
        raise NotAllowedError(
            "edition {edition} would go to {readers} readers, and you typed {typed}: "
            "look at the preview again, then type the number it gives",
            edition=edition_id,
            readers=f"{readers:,}",
            typed=f"{readers_typed:,}",
        )
    if not readers:
        raise NotAllowedError(
            "edition {edition} would go to nobody: there is nothing to send", edition=edition_id
        )
