"""Which feeds there are, and which posts belong to each.

Names that differ only in case are one feed ("AI" and "ai"): they are one subject to a reader,
and would be one folder on a disk that ignores case. The feed bears the spelling of the oldest
post, so that its address stays when newer posts spell it otherwise.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import cache

from service.feeds.clean import clean_text
from service.feeds.window import sort_newest_first
from service.model.feed import FeedKey, FeedKind
from service.model.post import AnyPost, Labelled, Post

ALL_KINDS = (FeedKind.CATEGORY, FeedKind.TAG, FeedKind.AUTHOR)


def list_feed_keys(posts: Sequence[Post], by: tuple[FeedKind, ...] = ALL_KINDS) -> list[FeedKey]:
    """The site's feed, then one for each category, tag, author and language that any post has.

    Names are in NFC; kinds in the order of `by`, names in the order of their characters.
    """
    spelled: dict[tuple[FeedKind, str], FeedKey] = {}
    for post in reversed(select_served(posts)):
        for kind in by:
            for name in list_names(post, kind):
                spelled.setdefault((kind, fold_name(name)), FeedKey(kind, name))
    keys = sorted(spelled.values(), key=lambda key: (by.index(key.kind), key.name))
    return [FeedKey(FeedKind.SITE), *keys]


def group_posts(posts: Sequence[Post], keys: Iterable[FeedKey]) -> dict[FeedKey, tuple[Post, ...]]:
    """The posts of each feed, newest first; no two of one feed share an id or an address."""
    groups: dict[FeedKey, list[Post]] = {key: [] for key in keys}
    found = {(key.kind, fold_name(key.name)): group for key, group in groups.items()}
    kinds = {key.kind for key in groups}
    for post in select_served(posts):
        places = {(kind, fold_name(name)) for kind in kinds for name in list_names(post, kind)}
        for place in places:
            if place in found:
                found[place].append(post)
    return {key: tuple(group) for key, group in groups.items()}


def group_around(
    post_id: int, posts: Sequence[AnyPost], by: tuple[FeedKind, ...] = ALL_KINDS
) -> dict[FeedKey, tuple[AnyPost, ...]]:
    """Of all that `group_posts` makes of `list_feed_keys`, the feeds that one of the posts is in.

    None where a newer one has its id or its address.
    """
    served = select_served(posts)
    own = next((one for one in served if one.post_id == post_id), None)
    if own is None:
        return {}
    named = (feed for kind in by for feed in sorted(_gather(own, served, kind), key=_name))
    return {FeedKey(FeedKind.SITE): served, **dict(named)}


def _gather(
    own: AnyPost, served: Sequence[AnyPost], kind: FeedKind
) -> Iterator[tuple[FeedKey, tuple[AnyPost, ...]]]:
    groups: dict[str, list[AnyPost]] = {fold_name(name): [] for name in list_names(own, kind)}
    # Thousands of posts have a few hundred labels among them.
    fold = cache(_fold_label)
    for post in served if groups else ():
        for folded in groups.keys() & map(fold, _list_labels(post, kind)):
            groups[folded].append(post)
    for folded, group in groups.items():
        spelled = (name for name in list_names(group[-1], kind) if fold_name(name) == folded)
        yield FeedKey(kind, next(spelled)), tuple(group)


def _name(feed: tuple[FeedKey, object]) -> str:
    return feed[0].name


def select_served(posts: Iterable[AnyPost]) -> tuple[AnyPost, ...]:
    """The posts newest first, without those whose id or address a newer one has."""
    served: list[AnyPost] = []
    uids: set[str] = set()
    urls: set[str] = set()
    for post in sort_newest_first(posts):
        if post.uid not in uids and post.url not in urls:
            served.append(post)
            uids.add(post.uid)
            urls.add(post.url)
    return tuple(served)


def list_names(post: Labelled, kind: FeedKind) -> list[str]:
    """What the feeds of a kind that a post belongs to are called, in NFC."""
    if kind is FeedKind.SITE:
        return [""]
    return [name for label in _list_labels(post, kind) if (name := _read_name(label))]


def _list_labels(post: Labelled, kind: FeedKind) -> Sequence[str]:
    match kind:
        case FeedKind.CATEGORY:
            return post.categories
        case FeedKind.TAG:
            return post.tags
        case FeedKind.AUTHOR:
            return [author.name for author in post.authors]
        case FeedKind.LANGUAGE:
            return (post.language,)
        case _:
            return ()


def _fold_label(label: str) -> str:
    return fold_name(_read_name(label))


def _read_name(label: str) -> str:
    # A name of characters that no feed may hold is none.
    return unicodedata.normalize("NFC", label.strip()) if clean_text(label).strip() else ""


def fold_name(name: str) -> str:
    """What two spellings of one name have in common."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
