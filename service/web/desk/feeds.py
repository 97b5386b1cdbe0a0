"""Feeds at the desk: what is published, how fresh it is, who reads it, and what matches nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from operator import attrgetter

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from service.feeds.custom import EmptyFeed
from service.model.feed import FeedKind
from service.publishing import FeedFaults, ListedFeed, find_feed_faults, list_feeds
from service.store.pings import count_pings, find_hubs
from service.store.published import list_published
from service.store.stated_readers import StatedReaders, list_stated_readers
from service.web.desk.desk import Desk
from service.web.desk.feed_view import FeedClerk, HubView, show_hub
from service.web.desk.visits import visit_of
from service.words.voice import Voice

_PAGE = 50
_ALL = "main"
_MAIN = (FeedKind.SITE, FeedKind.LANGUAGE, FeedKind.CUSTOM, FeedKind.CATEGORY)
_TABS: Mapping[str, tuple[FeedKind, ...]] = {
    _ALL: _MAIN,
    "tags": (FeedKind.TAG,),
    "authors": (FeedKind.AUTHOR,),
    "archive": (FeedKind.ARCHIVE,),
}


class Feeds:
    """The page at /desk/feeds."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._works = desk.works
        desk.page("/desk/feeds", self.show)

    def show(self, request: Request, tab: str = _ALL, page: int = 1) -> Response:
        """The feeds of some kinds, the fullest first, with the hubs and what matches nothing."""
        voice, now, press = visit_of(request).voice, self._works.clock(), self._works.feeds
        newsletters = self._works.press.newsletters.values()
        with self._works.database.reading() as connection:
            listed = list_feeds(connection, press)
            faults = find_feed_faults(connection, press, newsletters, now)
            published = list_published(connection)
            stated = _by_path(list_stated_readers(connection, now))
            hubs = self._show_hubs(connection, voice, now)
        tab = tab if tab in _TABS else _ALL
        chosen = _choose(listed, _TABS[tab])
        clerk = FeedClerk(voice, press, published, stated, now)
        start = (max(page, 1) - 1) * _PAGE
        return self._desk.render(
            request,
            "desk/feeds.html",
            {
                "tab": tab,
                "tabs": _list_tabs(voice, listed),
                "feeds": [clerk.show(one) for one in chosen[start : start + _PAGE]],
                "newer": f"/desk/feeds?tab={tab}&page={page - 1}" if start else "",
                "older": f"/desk/feeds?tab={tab}&page={page + 1}"
                if len(chosen) > start + _PAGE
                else "",
                "hubs": hubs,
                "hints": self._list_hints(voice, faults, published),
                "is_archive": tab == "archive",
            },
        )

    def _show_hubs(self, connection: Connection, voice: Voice, now: datetime) -> list[HubView]:
        waiting = count_pings(connection)
        return [
            show_hub(voice, self._desk.publication, health, waiting.get(health.hub, 0), now)
            for health in find_hubs(connection, self._works.feeds.settings.hubs)
        ]

    def _list_hints(
        self, voice: Voice, faults: FeedFaults, published: Collection[str]
    ) -> list[str]:
        """What keeps feeds from being read as they should, and whom they wait for in vain."""
        hints = [_say_empty(voice, one) for one in faults.empty]
        hints += self._list_unmatched(voice, faults)
        hints += [
            voice.say(
                "{path} is in no feed: {other} is newer and has the same address.",
                path=one.post.path,
                other=one.served.path,
            )
            for one in faults.left_out[:_PAGE]
        ]
        if not self._desk.publication.service_url.startswith("https:"):
            hints.append(
                voice.say("Feeds are told of at an address without https: some readers refuse it.")
            )
        if not published:
            hints.append(voice.say("Nothing has been published yet."))
        return hints

    def _list_unmatched(self, voice: Voice, faults: FeedFaults) -> list[str]:
        newsletters = self._works.press.newsletters
        return [
            voice.say(
                "The newsletter {newsletter} asks for “{name}”, which no post has.",
                newsletter=newsletters[one.newsletter_id].title,
                name=one.name,
            )
            for one in faults.unmatched
        ]


def _by_path(stated: Sequence[StatedReaders]) -> dict[str, list[StatedReaders]]:
    ordered = sorted(stated, key=attrgetter("path"))
    return {path: list(some) for path, some in groupby(ordered, key=attrgetter("path"))}


def _choose(listed: Sequence[ListedFeed], kinds: Sequence[FeedKind]) -> list[ListedFeed]:
    """The feeds of these kinds, in the order of the kinds; the fullest first, months backwards."""
    chosen = [one for one in listed if one.key.kind in kinds]
    if FeedKind.ARCHIVE in kinds:
        return sorted(chosen, key=lambda one: one.key.name, reverse=True)
    return sorted(chosen, key=lambda one: (kinds.index(one.key.kind), -one.entries, one.key.name))


def _list_tabs(voice: Voice, listed: Sequence[ListedFeed]) -> list[tuple[str, str]]:
    """The tabs that have any feed."""
    labels = {
        _ALL: voice.say("Site and categories"),
        "tags": voice.say("Tags"),
        "authors": voice.say("Authors"),
        "archive": voice.say("Archive"),
    }
    kinds = {one.key.kind for one in listed}
    return [(tab, labels[tab]) for tab, some in _TABS.items() if kinds.intersection(some)]


def _say_empty(voice: Voice, empty: EmptyFeed) -> str:
    path = empty.feed.path
    if not empty.strange:
        return voice.say("No post belongs to {path}: no post meets all its conditions.", path=path)
    names = _quote(voice, (one.name for one in empty.strange))
    near = _quote(voice, (one.near for one in empty.strange if one.near))
    if near:
        return voice.say(
            "No post belongs to {path}: no post has {names}. Is {near} meant?",
            path=path,
            names=names,
            near=near,
        )
    return voice.say("No post belongs to {path}: no post has {names}.", path=path, names=names)


def _quote(voice: Voice, names: Iterable[str]) -> str:
    return voice.join_names(voice.say("“{name}”", name=name) for name in names)
