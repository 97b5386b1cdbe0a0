"""Which feeds there are, and which posts belong to each.

Names that differ only in case are one feed ("AI" and "ai"): they are one subject to a reader,
and would be one folder on a disk that ignores case. The feed bears the spelling of the oldest
post, so that its address stays when newer posts spell it otherwise.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence

from service.feeds.clean import clean_text
from service.feeds.window import sort_newest_first
from service.model.feed import FeedKey, FeedKind
from service.model.post import Post

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


def select_served(posts: Iterable[Post]) -> tuple[Post, ...]:
    """The posts newest first, without those whose id or address a newer one has."""
    served: list[Post] = []
    uids: set[str] = set()
    urls: set[str] = set()
    for post in sort_newest_first(posts):
        if post.uid not in uids and post.url not in urls:
            served.append(post)
            uids.add(post.uid)
            urls.add(post.url)
    return tuple(served)


def list_names(post: Post, kind: FeedKind) -> list[str]:
    """What the feeds of a kind that a post belongs to are called, in NFC."""
    names: Iterable[str]
    match kind:
        case FeedKind.SITE:
            return [""]
        case FeedKind.CATEGORY:
            names = post.categories
        case FeedKind.TAG:
            names = post.tags
        case FeedKind.AUTHOR:
            names = (author.name for author in post.authors)
        case FeedKind.LANGUAGE:
            names = (post.language,)
        case _:
            return []
    # A name of characters that no feed may hold is none.
    shown = (name.strip() for name in names if clean_text(name).strip())
    return [unicodedata.normalize("NFC", name) for name in shown]


def fold_name(name: str) -> str:
    """What two spellings of one name have in common."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
