"""The word of an editor on several posts at once, as each of them was seen."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection

from service.errors import UsageError
from service.model.editor import Actor
from service.model.post import Hold, Post
from service.scanning.holding import hold_one, release_one
from service.store.database import Database
from service.store.holds import lock_posts
from service.store.post_history import list_gone
from service.store.posts import find_posts

MOST_AT_ONCE = 500


class Word(StrEnum):
    """What is said of posts: keep them out of mail, or let them go."""

    HOLD = "hold"
    RELEASE = "release"


@dataclass(frozen=True, slots=True)
class Handled:
    """Posts as they were: those it was `done` to, and those it was not.

    `changed` stand otherwise than they were seen, `idle` were so already; `missing` are ids of
    posts whose file is gone, or that never were.
    """

    done: tuple[Post, ...] = ()
    changed: tuple[Post, ...] = ()
    idle: tuple[Post, ...] = ()
    missing: tuple[int, ...] = ()


def describe_stand(post: Post) -> str:
    """A word for how a post stands and what it says: another one once any of that changed."""
    said = (post.hold, post.hold_note, post.released_at, post.body_digest, post.text_digest)
    return hashlib.sha256(repr((*said, post.title, post.draft)).encode()).hexdigest()[:16]


def handle_posts(
    database: Database,
    word: Word,
    seen: Mapping[int, str],
    now: datetime,
    note: str = "",
    *,
    by: Actor,
) -> Handled:
    """Hold or release all these posts in one transaction, those that changed meanwhile excepted.

    `seen` has for each post what `describe_stand` said of it when somebody decided, "" to take it
    as it is. Raises UsageError for none, or more than MOST_AT_ONCE.
    """
    if not seen:
        raise UsageError("no post is chosen")
    if len(seen) > MOST_AT_ONCE:
        raise UsageError("at most {count} posts can be chosen at once", count=MOST_AT_ONCE)
    with database.writing() as connection:
        handled = _sort(connection, word, seen)
        for post in handled.done:
            if word is Word.HOLD:
                hold_one(connection, post, note, now, by)
            else:
                release_one(connection, post, note, now, by)
    return handled


def _sort(connection: Connection, word: Word, seen: Mapping[int, str]) -> Handled:
    lock_posts(connection, seen)
    found = find_posts(connection, seen)
    gone = list_gone(connection, found)
    there = [post for post_id in seen if (post := found.get(post_id)) and post_id not in gone]
    same = [post for post in there if seen[post.post_id] in ("", describe_stand(post))]
    open_ones = [post for post in same if _changes(word, post)]
    return Handled(
        done=tuple(open_ones),
        changed=_without(there, same),
        idle=_without(same, open_ones),
        missing=tuple(post_id for post_id in seen if post_id not in found or post_id in gone),
    )


def _changes(word: Word, post: Post) -> bool:
    if word is Word.HOLD:
        return post.hold is not Hold.EDITOR
    return post.hold is not None


def _without(posts: Iterable[Post], others: Iterable[Post]) -> tuple[Post, ...]:
    ids = {post.post_id for post in others}
    return tuple(post for post in posts if post.post_id not in ids)
