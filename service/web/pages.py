"""The pages for people beside the feeds: what there is to read, and how to follow it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from service.feeds.paths import CONTENT_TYPES, encode_url, feed_url, folder_name, page_path
from service.model.feed import FeedFormat, FeedKey, FeedKind
from service.model.newsletter import Newsletter
from service.model.post import Post
from service.web.parts import WebParts
from service.web.refreshing import Keeper
from service.web.rendering import PageRenderer
from service.web.words import find_words

_SHOWN_POSTS = 20
_FORMAT_NAMES = {FeedFormat.RSS: "RSS", FeedFormat.ATOM: "Atom", FeedFormat.JSON: "JSON"}
_GET = ["GET", "HEAD"]


@dataclass(frozen=True, slots=True)
class Address:
    """Where a feed is in one format, and how links name that format."""

    label: str
    url: str
    type: str


@dataclass(frozen=True, slots=True)
class FeedLine:
    """A feed as a page lists it."""

    title: str
    page: str
    count: str
    addresses: tuple[Address, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """The feeds of one kind under their heading."""

    kind: FeedKind
    heading: str
    feeds: tuple[FeedLine, ...]


@dataclass(frozen=True, slots=True)
class PostLine:
    """A post as a page lists it; `url` is empty where it is no web address."""

    title: str
    url: str
    summary: str
    section: str
    language: str
    date: str
    published_at: datetime


@dataclass(frozen=True, slots=True)
class NewsletterLine:
    """A newsletter as a page lists it."""

    newsletter_id: str
    title: str
    language: str
    rhythm: str


class Pages:
    """The front page, and one page beside every feed."""

    def __init__(self, parts: WebParts, keeper: Keeper, renderer: PageRenderer) -> None:
        self._publication = parts.feeds.publication
        self._newsletters = tuple(parts.register.newsletters.values())
        self._kinds = parts.feeds.settings.by
        self._keeper = keeper
        self._renderer = renderer
        self._words = find_words(self._publication.language)

    def routes(self) -> APIRouter:
        """Where they live."""
        router = APIRouter()
        router.add_api_route("/", self.show_home, methods=_GET)
        shows = {
            FeedKind.CATEGORY: self.show_category,
            FeedKind.TAG: self.show_tag,
            FeedKind.AUTHOR: self.show_author,
        }
        for kind in self._kinds:
            router.add_api_route(f"/{kind}/{{name}}", shows[kind], methods=_GET)
            router.add_api_route(f"/{kind}/{{name}}/", shows[kind], methods=_GET)
        return router

    def show_home(self) -> Response:
        """The publication's page."""
        catalogue = self._keeper.catalogue
        site = FeedKey(FeedKind.SITE)
        groups = [
            Group(kind, self._words.kinds[kind], tuple(feeds))
            for kind in self._kinds
            if (feeds := [self._compose_feed(*one) for one in catalogue.list_feeds(kind)])
        ]
        return self._renderer.render(
            "reader/home.html",
            {
                "is_our_site": self._publication.url == self._publication.service_url,
                "posts": self._compose_posts(catalogue.posts),
                "newsletters": [self._compose_newsletter(one) for one in self._newsletters],
                "site": self._compose_feed(site, len(catalogue.posts)),
                "groups": groups,
            },
        )

    def show_category(self, name: str, request: Request) -> Response:
        """The page of one category."""
        return self._show_feed(FeedKind.CATEGORY, name, request)

    def show_tag(self, name: str, request: Request) -> Response:
        """The page of one tag."""
        return self._show_feed(FeedKind.TAG, name, request)

    def show_author(self, name: str, request: Request) -> Response:
        """The page of one author."""
        return self._show_feed(FeedKind.AUTHOR, name, request)

    def _show_feed(self, kind: FeedKind, name: str, request: Request) -> Response:
        """The page beside one feed; every other spelling of its address leads to this one."""
        catalogue = self._keeper.catalogue
        key = catalogue.find_feed(kind, name)
        if key is None:
            raise HTTPException(404)
        if request.scope["path"] != f"/{kind}/{folder_name(key.name)}/":
            # Kept no longer than a page: which spelling is the one may still change.
            kept = {"Cache-Control": "public, max-age=60"}
            return RedirectResponse(self._renderer.base + page_path(key), 301, headers=kept)
        posts = catalogue.groups[key]
        return self._renderer.render(
            "reader/feed.html",
            {
                "heading": self._words.kinds[kind],
                "about": self._words.about[kind].format(name=key.name),
                "feed": self._compose_feed(key, len(posts)),
                "site": self._compose_feed(FeedKey(FeedKind.SITE), len(catalogue.posts)),
                "posts": self._compose_posts(posts),
            },
        )

    def _compose_feed(self, key: FeedKey, count: int) -> FeedLine:
        service_url = self._publication.service_url
        return FeedLine(
            title=key.name or self._words.everything,
            page=self._renderer.base + page_path(key),
            count=self._words.write_count(count),
            addresses=tuple(
                Address(label, feed_url(service_url, key, format_), CONTENT_TYPES[format_])
                for format_, label in _FORMAT_NAMES.items()
            ),
        )

    def _compose_posts(self, posts: Sequence[Post]) -> list[PostLine]:
        return [self._compose_post(post) for post in posts[:_SHOWN_POSTS]]

    def _compose_post(self, post: Post) -> PostLine:
        published_at = post.published_at.astimezone(self._publication.zone)
        return PostLine(
            title=post.title,
            url=encode_url(post.url) if post.url.startswith(("https://", "http://")) else "",
            summary=post.summary,
            section=post.categories[0] if post.categories else "",
            language=post.language if post.language != self._words.language else "",
            date=self._words.write_date(published_at),
            published_at=published_at,
        )

    def _compose_newsletter(self, newsletter: Newsletter) -> NewsletterLine:
        return NewsletterLine(
            newsletter.newsletter_id,
            newsletter.title,
            newsletter.language if newsletter.language != self._words.language else "",
            self._words.write_rhythm(newsletter),
        )
