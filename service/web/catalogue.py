"""What there is to read: the posts and feeds as published, held ready for the pages."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from urllib.parse import unquote

from service.feeds.paths import folder_name, is_archive
from service.model.feed import FeedKey, FeedKind, FeedSettings
from service.model.post import Post
from service.publishing import group_feeds

Place = tuple[FeedKind, str]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Every feed with its posts, newest first. The site's own is always there.

    `places` finds a feed by its kind and the folder it is published in, in lower case;
    `addresses` finds a post by its address without escapes. `archive_paths` are the files of the
    archive below public/, the oldest first.
    """

    groups: Mapping[FeedKey, tuple[Post, ...]]
    places: Mapping[Place, FeedKey]
    addresses: Mapping[str, Post]
    archive_paths: tuple[str, ...] = ()

    @property
    def posts(self) -> tuple[Post, ...]:
        """All posts, newest first."""
        return self.groups[FeedKey(FeedKind.SITE)]

    def find_feed(self, kind: FeedKind, folder: str) -> FeedKey | None:
        """The feed published in this folder, however its letters are typed."""
        return self.places.get((kind, _fold(folder)))

    def find_post(self, url: str) -> Post | None:
        """The post that lives at this address on the publication's site."""
        return self.addresses.get(_plain(url))

    def list_feeds(self, kind: FeedKind) -> Iterator[tuple[FeedKey, int]]:
        """The feeds of a kind with how many posts each has, the fullest first."""
        counts = [(key, len(posts)) for key, posts in self.groups.items() if key.kind is kind]
        yield from sorted(counts, key=lambda counted: (-counted[1], counted[0].name))


def compose_catalogue(
    posts: Sequence[Post], settings: FeedSettings, paths: Iterable[str] = ()
) -> Catalogue:
    """Sort posts into the feeds that they make; `paths` are of the files that are published."""
    groups = group_feeds(posts, settings)
    return Catalogue(
        groups=MappingProxyType(groups),
        places=MappingProxyType({(key.kind, _fold(_place(key))): key for key in groups}),
        addresses=MappingProxyType(
            {_plain(post.url): post for post in groups[FeedKey(FeedKind.SITE)]}
        ),
        archive_paths=tuple(sorted(path for path in paths if is_archive(path))),
    )


def _place(key: FeedKey) -> str:
    return key.name if key.kind is FeedKind.CUSTOM else folder_name(key.name)


def _plain(url: str) -> str:
    return unicodedata.normalize("NFC", unquote(url))


def _fold(folder: str) -> str:
    composed = unicodedata.normalize("NFC", folder)
    return unicodedata.normalize("NFC", composed.casefold())
