"""The welcome: a mail with the latest edition for whoever has just confirmed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from service.audience.tokens import Purpose
from service.editions.entries import show_posts
from service.editions.news import takes_topics
from service.membership.asking import find_day, name_sender, plan_notice, write_link
from service.membership.register import Register
from service.model.post import Post
from service.model.subscriber import Subscription
from service.store.edition_posts import list_edition_candidates
from service.store.editions import find_latest_edition
from service.store.notices import Notice
from service.store.subscribers import Reader

WELCOME = "welcome"
"""The purpose of the notice."""

_MOST_POSTS = 10


def plan_welcome(
    connection: Connection, register: Register, reader: Reader, now: datetime
) -> int | None:
    """Plan the welcome of a reader; its batch id, None where the newsletter has none."""
    newsletter = register.newsletters.get(reader.subscription.newsletter_id)
    if newsletter is None or not newsletter.welcome:
        return None
    return plan_notice(connection, register, _compose(connection, register, reader, now), now)


def _compose(connection: Connection, register: Register, reader: Reader, now: datetime) -> Notice:
    one = reader.subscription
    posts = _list_latest(connection, one)[:_MOST_POSTS]
    own = one.subscription_id
    rendered = register.renderer.render_notice(
        WELCOME,
        one.language,
        {
            **name_sender(register),
            "newsletter": register.find_newsletter(one.newsletter_id).title,
            "url": write_link(register, "preferences", Purpose.PREFERENCES, own),
            "unsubscribe_url": write_link(register, "unsubscribe", Purpose.UNSUBSCRIBE, own),
        },
        show_posts(posts, language=one.language, zone=register.publication.zone),
    )
    return Notice(
        purpose=WELCOME,
        topic=one.newsletter_id,
        address=reader.subscriber.address or "",
        day=find_day(register, now),
        rendered=rendered,
    )


def _list_latest(connection: Connection, one: Subscription) -> list[Post]:
    """The posts of the latest edition that this reader would have had."""
    edition = find_latest_edition(connection, one.newsletter_id, one.cadence)
    if edition is None:
        return []
    candidates = list_edition_candidates(connection, edition.edition_id)
    posts = [candidate.post for candidate in candidates if candidate.post.hold is None]
    return [post for post in posts if takes_topics(one.topics, post)]
