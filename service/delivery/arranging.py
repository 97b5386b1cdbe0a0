"""An edition as an editor arranges it: what may be changed, and why each post is where it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection

from service.delivery.by_hand import find_asked
from service.delivery.news import is_still_mailable
from service.errors import ChangedError, NotAllowedError, UsageError
from service.model.arrangement import AddPost, Change, LeaveOut, Reorder, SetWords, TakeBack
from service.model.edition import Candidate, Edition, Selection
from service.model.newsletter import Newsletter
from service.model.post import Post
from service.model.wording import word
from service.store import arranging
from service.store.edition_posts import list_arranged

_LONGEST = {word("subject"): 300, word("preheader"): 300, word("intro"): 20_000}


class Reason(StrEnum):
    """Why a post is in an edition, or is not shown in it."""

    NEW = "new"
    PINNED = "pinned"
    ADDED = "added by an editor"
    FOLDED = "folded"
    LEFT_OUT = "left out by an editor"
    HELD = "held since"
    COUNTED = "only counted"


SHOWN = frozenset({Reason.NEW, Reason.PINNED, Reason.ADDED})
"""Reasons of posts that are shown; all others say why one is not."""


@dataclass(frozen=True, slots=True)
class Explained:
    """A post of an edition for an editor's eyes.

    `number` is where it stands in the mail from 1 on, None when it is not shown; `is_placed`:
    an editor put it there. `into` is the newer post that one which is folded goes with.
    """

    post: Post
    reason: Reason
    number: int | None
    is_placed: bool
    into: Post | None = None


def explain_posts(
    candidates: Sequence[Candidate], selection: Selection, now: datetime
) -> tuple[Explained, ...]:
    """Each post with its reason: those shown in their order, then all others.

    `candidates` are all of the edition, also those left out, and `selection` what was chosen of
    the rest for readers who get the most.
    """
    by_id = {one.post.post_id: one for one in candidates}
    numbers = {post.post_id: no for no, post in enumerate(selection.posts, start=1)}
    folded = {one.post.post_id: one.into for one in selection.folded}
    shown = [by_id[id_] for id_ in numbers if id_ in by_id]
    rest = [one for one in candidates if one.post.post_id not in numbers]
    return tuple(
        Explained(
            post=one.post,
            reason=_find_reason(one, numbers, folded, now),
            number=numbers.get(one.post.post_id),
            is_placed=one.place is not None,
            into=folded.get(one.post.post_id),
        )
        for one in (*shown, *rest)
    )


def check_still_changing(edition: Edition) -> None:
    """Raise NotAllowedError for an edition whose audience is fixed already."""
    if not edition.may_still_change:
        raise NotAllowedError(
            "edition {edition} is {state}: it cannot be changed any more",
            edition=edition.edition_id,
            state=edition.state,
        )


def check_revision(edition: Edition, revision: int) -> None:
    """Raise ChangedError unless the edition is as whoever asks has seen it."""
    if edition.revision != revision:
        raise ChangedError(
            "somebody else changed edition {edition} meanwhile (you saw revision {revision}, "
            "it is at {now}): look at it again, then repeat yours",
            edition=edition.edition_id,
            revision=revision,
            now=edition.revision,
        )


def apply_change(
    connection: Connection, newsletter: Newsletter, edition: Edition, change: Change, now: datetime
) -> None:
    """Write one change of an editor's; raises NotAllowedError or UsageError for what cannot be."""
    posts = {one.post.post_id: one for one in list_arranged(connection, edition.edition_id)}
    match change:
        case Reorder(post_ids):
            _reorder(connection, edition, posts, post_ids)
        case LeaveOut(post_id):
            _leave_out(connection, edition, post_id, is_left_out=True)
        case TakeBack(post_id):
            _leave_out(connection, edition, post_id, is_left_out=False)
        case AddPost(name):
            _add(connection, newsletter, edition, posts, name, now)
        case SetWords():
            _set_words(connection, edition, change)


def _find_reason(
    candidate: Candidate, numbers: Mapping[int, int], folded: Mapping[int, Post], now: datetime
) -> Reason:
    post = candidate.post
    if candidate.is_left_out:
        return Reason.LEFT_OUT
    if post.post_id not in numbers:
        if not is_still_mailable(post, now):
            return Reason.HELD
        return Reason.FOLDED if post.post_id in folded else Reason.COUNTED
    if candidate.is_added:
        return Reason.ADDED
    return Reason.PINNED if post.pinned else Reason.NEW


def _reorder(
    connection: Connection,
    edition: Edition,
    posts: Mapping[int, Candidate],
    post_ids: Sequence[int],
) -> None:
    if len(set(post_ids)) != len(post_ids):
        raise UsageError("a post is named twice in the order: name each one once")
    strange = [id_ for id_ in post_ids if id_ not in posts or posts[id_].is_left_out]
    if strange:
        raise NotAllowedError(
            "edition {edition} has no post {post} to put in order: add it, or take it back, first",
            edition=edition.edition_id,
            post=strange[0],
        )
    arranging.set_order(connection, edition.edition_id, post_ids)


def _leave_out(
    connection: Connection, edition: Edition, post_id: int, *, is_left_out: bool
) -> None:
    number = edition.edition_id
    if not arranging.leave_out(connection, number, post_id, is_left_out=is_left_out):
        raise NotAllowedError("edition {edition} has no post {post}", edition=number, post=post_id)


def _add(
    connection: Connection,
    newsletter: Newsletter,
    edition: Edition,
    posts: Mapping[int, Candidate],
    name: str,
    now: datetime,
) -> None:
    (found,) = find_asked(connection, newsletter, [name], now)
    post = found.post
    if post.post_id in posts:
        known = {"edition": edition.edition_id, "path": post.path}
        if posts[post.post_id].is_left_out:
            raise NotAllowedError(
                "edition {edition} has {path} already; take it back instead", **known
            )
        raise NotAllowedError("edition {edition} has {path} already", **known)
    if not post.mailable:
        raise NotAllowedError(
            "{path} is never mailed: its front matter says mail: false or noindex, or it is "
            "somebody else's (canonical)",
            path=post.path,
        )
    if not is_still_mailable(post, now):
        raise NotAllowedError("{path} has expired: take its expiry date out first", path=post.path)
    arranging.add_post(connection, edition.edition_id, post.post_id, found.news_no)


def _set_words(connection: Connection, edition: Edition, change: SetWords) -> None:
    given = {"subject": change.subject, "preheader": change.preheader, "intro": change.intro}
    words = {name: value.strip() for name, value in given.items() if value is not None}
    if not words:
        raise UsageError("name a subject, a preheader or an introduction to set")
    for name, value in words.items():
        if len(value) > _LONGEST[name]:
            raise UsageError(
                "the {part} is longer than {most} characters",
                part=name,
                most=f"{_LONGEST[name]:,}",
            )
    arranging.set_words(connection, edition.edition_id, **words)
