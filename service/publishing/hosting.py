"""How a folder of feeds is to be served by whoever serves it: types, freshness, what has moved."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from service.feeds.opml import OPML_PATH, OPML_TYPE
from service.feeds.paths import (
    feed_path,
    feed_url,
    file_url,
    find_content_type,
    is_archive,
    list_formats,
)
from service.model.feed import FeedFormat, FeedKey, FeedKind, FeedSettings
from service.model.publication import Publication

_ANY = "\x00"
"""Any one name in a place; no name has this character."""

_FEED_FRESH_FOR = "public, max-age=900"
_PAGE_FRESH_FOR = "public, max-age=300"
_ASSET_FRESH_FOR = "public, max-age=86400"


@dataclass(frozen=True, slots=True)
class Rule:
    """How what lies at a place is served.

    `place` begins with a slash, has no escapes, and may stand for any name at one of its parts.
    An empty content type: the host's own will do. `link` is the value of a header.
    """

    place: str
    cache: str
    content_type: str = ""
    link: str = ""

    @property
    def is_exact(self) -> bool:
        """Whether it is about one place only."""
        return _ANY not in self.place

    def write_pattern(self) -> str:
        """The place as a regular expression, of the kind that nginx knows too."""
        return "[^/]+".join(re.escape(part) for part in self.place.split(_ANY))

    def fill(self, name: str) -> str:
        """The place with `name` where any may be."""
        return self.place.replace(_ANY, name)


@dataclass(frozen=True, slots=True)
class Hosted:
    """A built folder: the `paths` of its feeds, and of those that it had once and has no more.

    `page_home` and `assets` are where its pages are and what they load; none without pages.
    """

    publication: Publication
    settings: FeedSettings
    paths: tuple[str, ...]
    removed: frozenset[str] = frozenset()
    page_home: str = ""
    assets: tuple[tuple[str, str], ...] = ()

    @property
    def base(self) -> str:
        """The path that the folder is served below, without a trailing slash."""
        return urlsplit(self.publication.service_url).path.rstrip("/")


def list_rules(hosted: Hosted) -> list[Rule]:
    """The rules of a folder, each for one place or for places of one form."""
    return [
        *_list_own_feeds(hosted),
        *_list_pages(hosted),
        Rule(f"/{OPML_PATH}", _FEED_FRESH_FOR, f"{OPML_TYPE}; charset=utf-8"),
    ]


def list_topics(hosted: Hosted) -> list[Rule]:
    """A rule with its link for each single feed, where hubs are told of changes; else none."""
    if not hosted.settings.hubs:
        return []
    rules = list(_list_own_feeds(hosted))
    topics: list[Rule] = []
    for path in hosted.paths:
        rule = next((one for one in rules if re.fullmatch(one.write_pattern(), f"/{path}")), None)
        if rule and not rule.link and not is_archive(path):
            link = _write_link(hosted, file_url(hosted.publication.service_url, path))
            topics.append(replace(rule, place=f"/{path}", link=link))
    return topics


def list_moved(hosted: Hosted) -> list[tuple[str, str]]:
    """What has moved: the former path without escapes, and the address it has now in ASCII."""
    service_url = hosted.publication.service_url
    return [
        (path, file_url(service_url, to.removeprefix("/")) if to.startswith("/") else to)
        for path, to in hosted.settings.moved
    ]


def list_gone(hosted: Hosted) -> list[str]:
    """What was published once and is no more, as paths without escapes."""
    moved = {path for path, _ in hosted.settings.moved}
    gone = {f"/{path}" for path in hosted.removed} - {f"/{path}" for path in hosted.paths}
    return sorted(gone - moved)


def _list_own_feeds(hosted: Hosted) -> Iterator[Rule]:
    settings = hosted.settings
    for key in (FeedKey(FeedKind.SITE), *(one.key for one in settings.custom)):
        for format_ in list_formats(key, settings):
            yield Rule(
                f"/{feed_path(key, format_)}",
                _FEED_FRESH_FOR,
                find_content_type(format_, settings),
                _write_link(hosted, feed_url(hosted.publication.service_url, key, format_)),
            )
    for kind in settings.by:
        for format_ in FeedFormat:
            file = feed_path(FeedKey(FeedKind.SITE), format_)
            yield Rule(
                f"/{kind}/{_ANY}/{file}", _FEED_FRESH_FOR, find_content_type(format_, settings)
            )
    if settings.has_archive:
        atom = find_content_type(FeedFormat.ATOM, settings)
        yield Rule(f"/{FeedKind.ARCHIVE}/{_ANY}", _FEED_FRESH_FOR, atom)


def _list_pages(hosted: Hosted) -> Iterator[Rule]:
    if not hosted.page_home:
        return
    yield Rule(hosted.page_home, _PAGE_FRESH_FOR)
    for kind in hosted.settings.by:
        yield Rule(f"/{kind}/{_ANY}/", _PAGE_FRESH_FOR)
    for custom in hosted.settings.custom:
        yield Rule(f"/{FeedKind.CUSTOM}/{custom.path}/", _PAGE_FRESH_FOR)
    for place, content_type in hosted.assets:
        yield Rule(place, _ASSET_FRESH_FOR, content_type)


def _write_link(hosted: Hosted, address: str) -> str:
    if not hosted.settings.hubs:
        return ""
    links = [(address, "self"), *((hub, "hub") for hub in hosted.settings.hubs)]
    return ", ".join(f'<{to}>; rel="{relation}"' for to, relation in links)
