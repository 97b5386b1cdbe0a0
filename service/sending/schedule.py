"""The road from a due schedule to editions that are open, and frozen when their time comes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from service.delivery.news import is_still_mailable, list_becoming_news
from service.delivery.opening import open_each, open_slot
from service.delivery.press import Press
from service.editions.slots import find_next_slot
from service.model.edition import Edition
from service.model.newsletter import Cadence, Newsletter
from service.sending.freezing import BEFORE_THE_FREEZE, freeze_due_editions
from service.store.audience import find_lowest_served
from service.store.claims import find_next_batch_at
from service.store.database import Database
from service.store.editions import find_frozen_mark, list_editions
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
from service.store.variants import list_variants_with


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


def find_next_due(database: Database, press: Press, now: datetime) -> datetime | None:
    """When there is something to do next, None when nothing waits for a time.

    That is a slot, a post falling due or settled, an edition or a batch whose time comes.
    """
    with database.reading() as connection:
        posts = list_posts(connection)
        waiting = list_editions(connection, states=BEFORE_THE_FREEZE)
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


def _list_next_slots(newsletter: Newsletter, press: Press, now: datetime) -> list[datetime]:
    zone = press.publication.zone
    return [
        find_next_slot(newsletter, cadence, zone, now).at
        for cadence in newsletter.cadences
        if cadence is not Cadence.EACH
    ]
