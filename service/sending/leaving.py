"""An edition sent at once, by an editor who knows to how many."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from service.delivery.arranging import check_revision, check_still_changing
from service.delivery.press import Press
from service.delivery.preview import count_readers
from service.errors import ChangedError, NotAllowedError
from service.model.edition import Edition, EditionState
from service.sending.freezing import freeze
from service.store.arranging import raise_revision, set_freeze_time
from service.store.database import Database
from service.store.editions import find_edition, lock_edition, move_edition


def send_edition_now(
    database: Database,
    press: Press,
    edition_id: int,
    revision: int,
    readers_typed: int,
    now: datetime,
) -> Edition:
    """Approve an edition as it was seen and freeze it at once; of two who do, one wins.

    Raises NotAllowedError with both numbers unless as many readers would get it as were typed,
    ChangedError when it is not at `revision` any more.
    """
    with database.writing() as connection:
        edition = lock_edition(connection, edition_id)
        check_still_changing(edition)
        check_revision(edition, revision)
        leaving = replace(edition, freeze_at=min(edition.freeze_at, now))
        readers = count_readers(connection, press, leaving, now)
        if readers != readers_typed:
            raise NotAllowedError(
                f"edition {edition_id} would go to {readers:,} readers, and you typed "
                f"{readers_typed:,}: look at the preview again, then type the number it gives"
            )
        if not readers:
            raise NotAllowedError(
                f"edition {edition_id} would go to nobody: there is nothing to send"
            )
        set_freeze_time(connection, edition_id, leaving.freeze_at)
        move_edition(connection, edition, EditionState.WAITING, reason="approved", approved_at=now)
        if not raise_revision(connection, replace(edition, state=EditionState.WAITING)):
            raise ChangedError(f"somebody else sent edition {edition_id} just now")
        ready = find_edition(connection, edition_id)
    return freeze(database, press, ready, now)
