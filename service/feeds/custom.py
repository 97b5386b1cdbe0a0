"""Feeds of the publication's own choice: what is in them, and which of them nothing matches."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from service.feeds.listing import fold_name, list_names, select_served
from service.model.feed import CustomFeed, FeedKind
from service.model.post import AnyPost, Labelled, Post

_NEAR = 0.6


@dataclass(frozen=True, slots=True)
class StrangeName:
    """A name in a condition of a feed that no post has.

    `near` is one that posts have and that may be meant, "" for none; `known` are all that posts
    have, with how many posts each.
    """

    feed: CustomFeed
    kind: FeedKind
    name: str
    near: str
    known: Counter[str]


@dataclass(frozen=True, slots=True)
class EmptyFeed:
    """A feed that no post belongs to; without `strange` names it is that they never meet."""

    feed: CustomFeed
    strange: tuple[StrangeName, ...]


def select_custom(posts: Sequence[AnyPost], feed: CustomFeed) -> tuple[AnyPost, ...]:
    """The posts that meet every condition of a feed, newest first; as unlike as `group_posts`'."""
    served = select_served(posts)
    wanted = [(kind, {fold_name(name) for name in names}) for kind, names in feed.conditions]
    return tuple(
        post for post in served if all(_meets(post, kind, names) for kind, names in wanted)
    )


def find_empty(posts: Sequence[Post], feeds: Iterable[CustomFeed]) -> list[EmptyFeed]:
    """The feeds that nothing matches, in their order, with the names in them that no post has."""
    return [
        EmptyFeed(feed, tuple(find_strange(posts, feed)))
        for feed in feeds
        if not select_custom(posts, feed)
    ]


def find_strange(posts: Sequence[Labelled], feed: CustomFeed) -> list[StrangeName]:
    """The names in a feed's conditions that no post has."""
    strange: list[StrangeName] = []
    for kind, names in feed.conditions:
        known = Counter(name for post in posts for name in list_names(post, kind))
        strange += [
            StrangeName(feed, kind, name, _find_near(name, known), known)
            for name in names
            if not any(_meets(post, kind, {fold_name(name)}) for post in posts)
        ]
    return strange


def _meets(post: Labelled, kind: FeedKind, names: set[str]) -> bool:
    own = {fold_name(name) for name in list_names(post, kind)}
    if kind is FeedKind.LANGUAGE:
        # "en" is every English, also that of a country.
        own |= {"-".join(parts[:end]) for parts in _split(own) for end in range(1, len(parts))}
    return not own.isdisjoint(names)


def _split(languages: Iterable[str]) -> list[list[str]]:
    return [language.split("-") for language in languages]


def _find_near(name: str, known: Counter[str]) -> str:
    """The name that looks most like this one; blanks, width, case and hyphens do not count."""
    bare = {_strip(one): one for one in sorted(known, key=known.__getitem__)}
    wanted = _strip(name)
    if wanted in bare:
        return bare[wanted]
    near = get_close_matches(wanted, bare, n=1, cutoff=_NEAR)
    if near:
        return bare[near[0]]
    inside = [one for one in bare if one and (one in wanted or wanted in one)]
    return bare[max(inside, key=lambda one: known[bare[one]])] if inside else ""


def _strip(name: str) -> str:
    plain = unicodedata.normalize("NFKC", name).casefold()
    return "".join(char for char in plain if char.isalnum())
