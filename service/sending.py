"""The road from a due schedule, or an editor's word, to batches handed to the engine."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import Connection

from service.delivery.opening import (
    UNMADE,
    ByHand,
    list_becoming_news,
    open_by_hand,
    open_each,
    open_slot,
)
from service.delivery.plan import freeze_edition, is_still_mailable
from service.delivery.press import Press
from service.editions.slots import find_next_slot
from service.errors import NotAllowedError, TemplateError
from service.model.edition import Edition, EditionState
from service.model.newsletter import Cadence, Newsletter
from service.store.audience import find_lowest_served
from service.store.cancelling import cancel_rows, lock_planned_batches
from service.store.claims import find_next_batch_at
from service.store.database import Database
from service.store.editions import (
    find_edition,
    find_frozen_mark,
    list_editions,
    list_variants_with,
    lock_edition,
    move_edition,
)
from service.store.installation import find_installation
from service.store.news import (
    find_mark,
    forget_news,
    list_candidates,
    list_held_news,
    open_newsletter,
    record_news,
)
from service.store.posts import list_posts
from service.store.refusals import forget_refusals

log = structlog.get_logger(__name__)

_BEFORE_THE_FREEZE = (EditionState.DRAFT, EditionState.WAITING, EditionState.FREEZING)


@dataclass(frozen=True, slots=True)
class Opened:
    """What one pass of the schedule did: new news, editions opened, editions frozen."""

    news: int
    opened: tuple[Edition, ...]
    frozen: tuple[Edition, ...]


def open_due_editions(
    database: Database, press: Press, now: datetime, *, may_leave: bool = True
) -> Opened:
    """Number what became news, open what is due, and freeze what may leave.

    Nothing is frozen unless mail `may_leave` at all: what is frozen goes out as it is.
    """
    news = number_news(database, press.newsletters.values(), now)
    opened: list[Edition] = []
    for newsletter in press.newsletters.values():
        opened += _open_due(database, press, newsletter, now)
    frozen = freeze_due_editions(database, press, now) if may_leave else []
    return Opened(news, tuple(opened), tuple(frozen))


def number_news(database: Database, newsletters: Iterable[Newsletter], now: datetime) -> int:
    """Give every post that became news its number; how many numbers were given."""
    given = 0
    with database.writing() as connection:
        if find_installation(connection).first_scan_at is None:
            return 0
        posts = list_posts(connection)
        for newsletter in newsletters:
            open_newsletter(connection, newsletter.newsletter_id, now)
            _withdraw_news(connection, newsletter.newsletter_id, now)
            fresh = list_becoming_news(connection, posts, newsletter, now)
            ids = [post.post_id for post in fresh]
            record_news(connection, newsletter.newsletter_id, ids, now)
            given += len(ids)
    return given


def freeze_due_editions(database: Database, press: Press, now: datetime) -> list[Edition]:
    """Freeze every edition whose time and approval have come, and go on with interrupted ones."""
    with database.reading() as connection:
        waiting = list_editions(connection, states=_BEFORE_THE_FREEZE)
    due = [one for one in waiting if one.newsletter_id in press.newsletters]
    frozen = [_try_to_freeze(database, press, one, now) for one in due if may_freeze(one, now)]
    return [edition for edition in frozen if edition is not None]


def may_freeze(edition: Edition, now: datetime) -> bool:
    """Whether an edition's time and approval have both come."""
    return edition.approved_at is not None and edition.freeze_at <= now


def freeze(database: Database, press: Press, edition: Edition, now: datetime) -> Edition:
    """Fix an edition's audience and rows."""
    newsletter = press.find_newsletter(edition.newsletter_id)
    done = freeze_edition(database, edition, newsletter, press.prepare_freezing(), now)
    log.info("edition frozen", edition_id=done.edition_id, state=done.state.value)
    return done


def send_by_hand(database: Database, press: Press, asked: ByHand, now: datetime) -> Edition:
    """Open the edition a person asked for, and freeze it when its time has come."""
    with database.writing() as connection:
        open_newsletter(connection, asked.newsletter_id, now)
        edition = open_by_hand(connection, press, asked, now)
    if edition.may_still_change and may_freeze(edition, now):
        return freeze(database, press, edition, now)
    return edition


def approve_edition(database: Database, edition_id: int, now: datetime) -> Edition:
    """Let an edition go at its time, or at once when that has passed."""
    with database.writing() as connection:
        edition = lock_edition(connection, edition_id)
        if not edition.may_still_change:
            raise NotAllowedError(f"edition {edition_id} is {edition.state}: nothing to approve")
        if edition.state is EditionState.WAITING and edition.approved_at is not None:
            return edition
        move_edition(connection, edition, EditionState.WAITING, reason="approved", approved_at=now)
        return find_edition(connection, edition_id)


def hold_edition(database: Database, edition_id: int, reason: str) -> Edition:
    """Keep an edition from leaving until it is approved."""
    return _move(database, edition_id, EditionState.HELD, reason)


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
        return find_edition(connection, edition_id), cancelled


def find_next_due(database: Database, press: Press, now: datetime) -> datetime | None:
    """When there is something to do next, None when nothing waits for a time.

    That is a slot, a post falling due or settled, an edition or a batch whose time comes.
    """
    with database.reading() as connection:
        posts = list_posts(connection)
        waiting = list_editions(connection, states=_BEFORE_THE_FREEZE)
        batch_at = find_next_batch_at(connection, now)
    moments = [edition.freeze_at for edition in waiting]
    moments += [post.published_at for post in posts]
    for newsletter in press.newsletters.values():
        moments += _list_next_slots(newsletter, press, now)
        moments += [post.changed_at + newsletter.settle_for for post in posts]
    if batch_at is not None:
        moments.append(batch_at)
    return min((moment for moment in moments if moment > now), default=None)


def _open_due(
    database: Database, press: Press, newsletter: Newsletter, now: datetime
) -> Sequence[Edition]:
    opened: list[Edition] = []
    for cadence in newsletter.cadences:
        with database.writing() as connection:
            if cadence is Cadence.EACH:
                opened += open_each(connection, newsletter, now)
            elif edition := open_slot(connection, press, newsletter, cadence, now):
                opened.append(edition)
    return opened


def _try_to_freeze(
    database: Database, press: Press, edition: Edition, now: datetime
) -> Edition | None:
    """Freeze one edition; one that cannot be rendered waits, and keeps no other from leaving."""
    try:
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


def _withdraw_news(connection: Connection, newsletter_id: str, now: datetime) -> None:
    """Take the number from news that was held before an edition brought it to everybody.

    It gets another when it is released; with the old one readers would be past it by then.
    """
    gone = _find_unreached(connection, newsletter_id, now)
    if held := list_held_news(connection, newsletter_id):
        # Who had it already does not get it again: a post is known under all its numbers.
        lowest = find_lowest_served(connection, newsletter_id)
        gone |= {post_id for post_id, number in held.items() if number > (lowest or 0)}
    if gone:
        forget_news(connection, newsletter_id, sorted(gone))


def _find_unreached(connection: Connection, newsletter_id: str, now: datetime) -> set[int]:
    """News above all that was ever frozen that may not be mailed, and that no edition carried."""
    above, through = (
        find_frozen_mark(connection, newsletter_id),
        find_mark(connection, newsletter_id),
    )
    found = list_candidates(connection, newsletter_id, above=above, through=through)
    gone = {one.post.post_id for one in found if not is_still_mailable(one.post, now)}
    if gone:
        variants = list_variants_with(connection, newsletter_id, gone, by_hand_only=False)
        gone -= {post_id for variant in variants for post_id in variant.post_ids}
    return gone


def _move(database: Database, edition_id: int, state: EditionState, reason: str) -> Edition:
    with database.writing() as connection:
        edition = lock_edition(connection, edition_id)
        move_edition(connection, edition, state, reason=reason)
        return find_edition(connection, edition_id)


def _list_next_slots(newsletter: Newsletter, press: Press, now: datetime) -> list[datetime]:
    zone = press.publication.zone
    return [
        find_next_slot(newsletter, cadence, zone, now).at
        for cadence in newsletter.cadences
        if cadence is not Cadence.EACH
    ]
