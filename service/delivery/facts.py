"""What the conditions are judged by, read in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection

from service.delivery.press import Press
from service.model.edition import Edition, EditionState
from service.model.newsletter import Newsletter
from service.model.post import Post
from service.model.signup import Held
from service.model.webhook import Webhook
from service.store import attention
from service.store.accounting import count_deliveries
from service.store.accounts import Account, list_accounts
from service.store.attention import Missing, Quarantined
from service.store.edition_posts import list_edition_candidates
from service.store.editions import list_editions
from service.store.history import UnknownBatch, list_unvouched
from service.store.installation import find_installation
from service.store.news import find_news_numbers, find_newsletter_start
from service.store.pulls import Pull, find_pull
from service.store.signups import find_held
from service.store.webhooks import list_stopped_webhooks

_AN_HOUR = timedelta(hours=1)
_WAITING = (EditionState.DRAFT, EditionState.WAITING)
_STATES = (*_WAITING, EditionState.HELD, EditionState.PAUSED)


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known at `now`, read in one transaction.

    `since` is when each newsletter began, `numbered` its posts that are news already.
    `candidates` are the posts of editions that wait, `waiting` the readers paused ones keep
    waiting. `categories` and `tags` are those of all posts.
    """

    now: datetime
    newsletters: Mapping[str, Newsletter]
    since: Mapping[str, datetime | None]
    numbered: Mapping[str, frozenset[int]]
    quarantined: Sequence[Quarantined] = ()
    posts: Sequence[Post] = ()
    categories: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
    editions: Sequence[Edition] = ()
    candidates: Mapping[int, Sequence[Post]] = field(default_factory=dict)
    waiting: Mapping[int, int] = field(default_factory=dict)
    unknown: Sequence[UnknownBatch] = ()
    accounts: Sequence[Account] = ()
    pull: Pull | None = None
    signups: Held | None = None
    missing: Missing | None = None
    is_send_held: bool = False
    stopped_webhooks: Sequence[Webhook] = ()


def read_facts(connection: Connection, press: Press, now: datetime, source: str = "") -> Facts:
    """Everything that the conditions are judged by; `source` is what posts are pulled from."""
    posts = attention.list_posts_kept_back(connection)
    editions = list_editions(connection, states=_STATES)
    categories, tags = _list_names(connection, press)
    return Facts(
        now=now,
        newsletters=press.newsletters,
        since={name: find_newsletter_start(connection, name) for name in press.newsletters},
        numbered={name: _list_numbered(connection, name, posts) for name in press.newsletters},
        quarantined=attention.list_quarantined(connection),
        posts=posts,
        categories=frozenset(categories),
        tags=frozenset(tags),
        editions=editions,
        candidates=_list_candidates(connection, editions),
        waiting={
            one.edition_id: count_deliveries(connection, one.edition_id).waiting
            for one in editions
            if one.state is EditionState.PAUSED
        },
        unknown=list_unvouched(connection),
        accounts=list_accounts(connection),
        pull=find_pull(connection, source) if source else None,
        # What waits for its own day is no flood.
        signups=find_held(connection, now + _AN_HOUR),
        missing=attention.find_missing(connection),
        is_send_held=find_installation(connection).is_send_held,
        stopped_webhooks=list_stopped_webhooks(connection),
    )


def _list_names(connection: Connection, press: Press) -> tuple[set[str], set[str]]:
    """The names that posts bear, when any newsletter asks for names at all."""
    if any(one.categories or one.tags or one.topics for one in press.newsletters.values()):
        return attention.list_used_names(connection)
    return set(), set()


def _list_numbered(
    connection: Connection, newsletter_id: str, posts: Sequence[Post]
) -> frozenset[int]:
    ids = [post.post_id for post in posts]
    return frozenset(find_news_numbers(connection, newsletter_id, ids)) if ids else frozenset()


def _list_candidates(
    connection: Connection, editions: Sequence[Edition]
) -> dict[int, Sequence[Post]]:
    return {
        one.edition_id: [
            candidate.post for candidate in list_edition_candidates(connection, one.edition_id)
        ]
        for one in editions
        if one.state in _WAITING
    }
