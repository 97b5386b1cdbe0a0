"""Editions whose time has come, and editions by hand, frozen."""

from __future__ import annotations

from datetime import datetime

import structlog

from service.delivery.by_hand import ByHand, open_by_hand
from service.delivery.freeze import freeze_edition
from service.delivery.press import Press
from service.delivery.preview import count_readers
from service.delivery.reasons import OTHER_NUMBER, SENT_NOW, UNMADE
from service.errors import TemplateError
from service.model.edition import Edition, EditionState
from service.model.editor import Actor
from service.store.database import Database
from service.store.editions import list_editions, lock_edition, move_edition
from service.store.news import open_newsletter

log = structlog.get_logger(__name__)

BEFORE_THE_FREEZE = (EditionState.DRAFT, EditionState.WAITING, EditionState.FREEZING)
"""States from which an edition is frozen by time alone, or goes on being frozen."""


_NOT_BEGUN = (EditionState.DRAFT, EditionState.WAITING)

_FEW = 10
_FEW_OF_A_HUNDRED = 1
"""Who joins or leaves between a word and the freeze: so many of its readers, or that share."""


def freeze_due_editions(database: Database, press: Press, now: datetime) -> list[Edition]:
    """Freeze every edition whose time and approval have come, and go on with interrupted ones."""
    return _freeze_due(database, press, now, BEFORE_THE_FREEZE)


def freeze_waiting_editions(database: Database, press: Press, now: datetime) -> list[Edition]:
    """Freeze what may be by now, but for freezes under way, which somebody may be at."""
    return _freeze_due(database, press, now, _NOT_BEGUN)


def may_freeze(edition: Edition, now: datetime) -> bool:
    """Whether an edition's time and approval have both come."""
    return edition.approved_at is not None and edition.freeze_at <= now


def freeze(database: Database, press: Press, edition: Edition, now: datetime) -> Edition:
    """Fix an edition's audience and rows."""
    newsletter = press.find_newsletter(edition.newsletter_id)
    done = freeze_edition(database, edition, newsletter, press.prepare_freezing(), now)
    log.info("edition frozen", edition_id=done.edition_id, state=done.state.value)
    return done


def make_by_hand(
    database: Database, press: Press, asked: ByHand, now: datetime, *, by: Actor
) -> Edition:
    """Open the edition a person asked for; the clock freezes it when its time has come."""
    with database.writing() as connection:
        open_newsletter(connection, asked.newsletter_id, now)
        return open_by_hand(connection, press, asked, now, by=by)


def send_by_hand(
    database: Database, press: Press, asked: ByHand, now: datetime, *, by: Actor
) -> Edition:
    """Open the edition a person asked for, and freeze it here when its time has come."""
    edition = make_by_hand(database, press, asked, now, by=by)
    if edition.may_still_change and may_freeze(edition, now):
        return freeze(database, press, edition, now)
    return edition


def _freeze_due(
    database: Database, press: Press, now: datetime, states: tuple[EditionState, ...]
) -> list[Edition]:
    with database.reading() as connection:
        waiting = list_editions(connection, states=states)
    due = [one for one in waiting if one.newsletter_id in press.newsletters]
    frozen = [_try_to_freeze(database, press, one, now) for one in due if may_freeze(one, now)]
    return [edition for edition in frozen if edition is not None]


def _try_to_freeze(
    database: Database, press: Press, edition: Edition, now: datetime
) -> Edition | None:
    """Freeze one edition; one that cannot be rendered waits, and keeps no other from leaving."""
    try:
        if _hold_for_others(database, press, edition, now):
            return None
        return freeze(database, press, edition, now)
    except TemplateError as error:
        log.error("edition cannot be frozen", edition_id=edition.edition_id, reason=str(error))
        hold_unmade(database, edition.edition_id, f"{UNMADE}: {error}")
        return None


def hold_unmade(database: Database, edition_id: int, reason: str) -> None:
    """Hold an edition that stopped while it was frozen, until it is approved once more."""
    with database.writing() as connection:
        edition = lock_edition(connection, edition_id)
        if edition.state is EditionState.FREEZING:
            move_edition(connection, edition, EditionState.HELD, reason=reason)


def _hold_for_others(database: Database, press: Press, edition: Edition, now: datetime) -> bool:
    """Hold an edition that was sent to so many readers, and would go to many more, or fewer.

    A few are nothing to stop for: people join and leave at any moment. A whole list that was
    brought in before a clock came by is nobody's that the editor meant.
    """
    if edition.state not in _NOT_BEGUN or not edition.reason.startswith(SENT_NOW):
        return False
    typed = int(edition.reason.removeprefix(SENT_NOW))
    with database.writing() as connection:
        found = count_readers(connection, press, edition, now)
        if abs(found - typed) <= max(_FEW, typed * _FEW_OF_A_HUNDRED // 100):
            return False
        reason = f"{OTHER_NUMBER}{found} instead of {typed}"
        move_edition(connection, edition, EditionState.HELD, reason=reason)
    log.error("edition is held", edition_id=edition.edition_id, reason=reason)
    return True
