"""Editions that a person asks for: which posts, to whom, with which words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from service.delivery.news import list_mailable_news
from service.delivery.press import Press
from service.delivery.reasons import SENT_NOW
from service.errors import NotAllowedError, UsageError
from service.model.edition import Audience, Candidate, Edition, EditionState, Trigger
from service.model.editor import Actor
from service.model.newsletter import Cadence, Newsletter
from service.model.post import Post, Verdict
from service.store.audience import find_lowest_served
from service.store.audit import record_action
from service.store.editions import find_edition_by_key, insert_edition
from service.store.news import find_mark, find_news_numbers, lock_newsletter
from service.store.posts import find_post


@dataclass(frozen=True, slots=True)
class ByHand:
    """What an editor asks for: which posts (paths), to whom, with which words.

    Without posts everybody gets what is news to them; `key` makes a repeated call do nothing.
    One that `waits` leaves no sooner than somebody approves it. One that leaves at once is held
    unless it goes to about as many readers as `meant_for` says.
    """

    newsletter_id: str
    key: str
    posts: tuple[str, ...] = ()
    audience: Audience = field(default_factory=Audience)
    subject: str = ""
    intro: str = ""
    freeze_at: datetime | None = None
    waits: bool = False
    meant_for: int | None = None


def open_by_hand(
    connection: Connection, press: Press, asked: ByHand, now: datetime, *, by: Actor
) -> Edition:
    """Open an edition a person asked for; the same key again gives the same edition."""
    newsletter = press.find_newsletter(asked.newsletter_id)
    lock_newsletter(connection, newsletter.newsletter_id)
    if known := find_edition_by_key(connection, newsletter.newsletter_id, None, asked.key):
        return known
    candidates = _list_candidates(connection, newsletter, asked, now)
    if not candidates and not asked.intro:
        raise NotAllowedError("there is no news to send; name posts, or give an introduction")
    edition = compose_by_hand(asked, find_mark(connection, newsletter.newsletter_id), now)
    opened = insert_edition(connection, edition, candidates)
    if opened is None:
        raise NotAllowedError("another edition was opened under the same key just now")
    action = "edition.make" if asked.waits else "edition.send"
    subject, detail = f"edition:{opened.edition_id}", {"made": "by hand"}
    record_action(connection, by, action, subject, detail, now)
    return opened


def compose_by_hand(asked: ByHand, mark: int, now: datetime) -> Edition:
    """The edition a person asked for, before it is written."""
    freeze_at = asked.freeze_at or now
    return Edition(
        edition_id=0,
        newsletter_id=asked.newsletter_id,
        cadence=None,
        key=asked.key,
        trigger=Trigger.MANUAL,
        state=EditionState.WAITING if freeze_at > now or asked.waits else EditionState.DRAFT,
        slot_at=freeze_at,
        freeze_at=freeze_at,
        mark=mark,
        subject=asked.subject,
        intro=asked.intro,
        audience=Audience(
            asked.audience.cadences, asked.audience.topics, names_posts=bool(asked.posts)
        ),
        reason=_tell_number(asked, is_at_once=freeze_at <= now and not asked.waits),
        created_at=now,
        approved_at=None if asked.waits else now,
    )


def find_asked(
    connection: Connection, newsletter: Newsletter, names: Sequence[str], now: datetime
) -> list[Candidate]:
    """The posts a person named, in their order; raises for one that may not be mailed."""
    found = [_find_mailable(connection, name, now) for name in names]
    ids = [post.post_id for post in found]
    numbers = find_news_numbers(connection, newsletter.newsletter_id, ids)
    return [Candidate(post, numbers.get(post.post_id)) for post in found]


def _list_candidates(
    connection: Connection, newsletter: Newsletter, asked: ByHand, now: datetime
) -> list[Candidate]:
    if asked.posts:
        return find_asked(connection, newsletter, asked.posts, now)
    if asked.intro:
        return []
    cadences = asked.audience.cadences or tuple(Cadence)
    lowest = [
        find_lowest_served(connection, newsletter.newsletter_id, cadence) for cadence in cadences
    ]
    above = min((number for number in lowest if number is not None), default=0)
    return list_mailable_news(connection, newsletter, above, now)


def _find_mailable(connection: Connection, name: str, now: datetime) -> Post:
    post = find_post(connection, name)
    if post is None:
        raise UsageError(
            "there is no post '{name}', or more than one; see: kawaraban posts list", name=name
        )
    if post.hold is not None:
        raise NotAllowedError(
            "{path} is held ({hold}: {note}); release it first: kawaraban posts release {path}",
            path=post.path,
            hold=post.hold,
            note=post.hold_note,
        )
    if post.verdict(now) is not Verdict.PUBLISHED:
        raise NotAllowedError(
            "{path} is not published yet: it is {verdict}",
            path=post.path,
            verdict=post.verdict(now),
        )
    return post


def _tell_number(asked: ByHand, *, is_at_once: bool) -> str:
    return f"{SENT_NOW}{asked.meant_for}" if is_at_once and asked.meant_for is not None else ""
