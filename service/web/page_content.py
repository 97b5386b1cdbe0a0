"""What the pages for people show of posts and feeds: the same when served and when built."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath

from service.editions.permalink import list_path
from service.feeds.compose import list_conditions
from service.feeds.opml import OPML_PATH, OpmlGroup, render_opml
from service.feeds.paths import (
    encode_url,
    feed_url,
    file_url,
    find_content_type,
    list_formats,
    page_path,
)
from service.model.feed import CustomFeed, FeedFormat, FeedKey, FeedKind, FeedSettings
from service.model.languages import name_language
from service.model.newsletter import Newsletter
from service.model.post import Post
from service.model.publication import Publication
from service.web.catalogue import Catalogue
from service.web.rhythm import say_rhythm
from service.words.catalogues import find_voice
from service.words.voice import Voice

_SHOWN_POSTS = 20
_FORMAT_NAMES = {FeedFormat.RSS: "RSS", FeedFormat.ATOM: "Atom", FeedFormat.JSON: "JSON"}
_SITE = FeedKey(FeedKind.SITE)


@dataclass(frozen=True, slots=True)
class Address:
    """Where a feed is in one format, and how links name that format."""

    label: str
    url: str
    type: str


@dataclass(frozen=True, slots=True)
class FeedLine:
    """A feed as a page lists it; `updated` and `updated_at` are of its newest change, if any."""

    title: str
    page: str
    count: str
    addresses: tuple[Address, ...]
    updated: str = ""
    updated_at: datetime | None = None


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
    """A newsletter as a page lists it; `past` leads to what it sent, "" where nobody may look."""

    newsletter_id: str
    title: str
    language: str
    rhythm: str
    past: str


@dataclass(frozen=True, slots=True)
class PageContent:
    """Composes what each page shows; `base` is the path that all our pages live below."""

    publication: Publication
    settings: FeedSettings
    base: str
    newsletters: tuple[Newsletter, ...] = ()

    def compose_home(self, catalogue: Catalogue) -> dict[str, object]:
        """What the publication's page shows."""
        return {
            "is_our_site": self.publication.url == self.publication.service_url,
            "posts": self._compose_posts(catalogue.posts),
            "newsletters": [self._compose_newsletter(one) for one in self.newsletters],
            "site": self.compose_line(_SITE, catalogue),
            "groups": [
                Group(kind, self._head(kind), tuple(feeds))
                for kind in (*self.settings.by, FeedKind.CUSTOM)
                if (feeds := [self.compose_line(key, catalogue) for key in _list(kind, catalogue)])
            ],
            "opml_url": file_url(self.publication.service_url, OPML_PATH),
            "archive": [
                (PurePosixPath(path).stem, file_url(self.publication.service_url, path))
                for path in reversed(catalogue.archive_paths)
            ],
        }

    def compose_page(self, key: FeedKey, catalogue: Catalogue) -> dict[str, object]:
        """What the page of one feed shows."""
        return {
            "heading": self._head(key.kind),
            "about": self._tell_about(key),
            "feed": self.compose_line(key, catalogue),
            "posts": self._compose_posts(catalogue.groups[key]),
        }

    def compose_line(self, key: FeedKey, catalogue: Catalogue) -> FeedLine:
        """A feed as pages list it."""
        posts = catalogue.groups[key]
        changed_at = max((post.updated_at for post in posts), default=None)
        newest = self.publication.localise(changed_at) if changed_at else None
        return FeedLine(
            title=self._name(key),
            page=self.base + page_path(key),
            count=self._voice.say_count("{count} story", "{count} stories", len(posts)),
            addresses=list_addresses(key, self.publication, self.settings),
            updated=self._voice.write_date(newest) if newest else "",
            updated_at=newest,
        )

    def compose_opml(self, catalogue: Catalogue) -> bytes:
        """The list of all feeds for readers to import."""
        groups = [OpmlGroup("", (_SITE,))] + [
            OpmlGroup(self._head(kind), tuple(_list(kind, catalogue)))
            for kind in (*self.settings.by, FeedKind.CUSTOM)
        ]
        return render_opml(groups, self.publication, self.settings)

    @property
    def _voice(self) -> Voice:
        return find_voice(self.publication.language)

    def _head(self, kind: FeedKind) -> str:
        match kind:
            case FeedKind.CATEGORY:
                return self._voice.say("Categories")
            case FeedKind.TAG:
                return self._voice.say("Tags")
            case FeedKind.AUTHOR:
                return self._voice.say("Authors")
            case FeedKind.LANGUAGE:
                return self._voice.say("Languages")
            case FeedKind.CUSTOM:
                return self._voice.say("More feeds")
            case _:
                return self._voice.say_of("all stories", "Everything")

    def _name(self, key: FeedKey) -> str:
        everything = self._voice.say_of("all stories", "Everything")
        match key.kind:
            case FeedKind.SITE:
                return everything
            case FeedKind.LANGUAGE:
                return name_language(key.name)
            case FeedKind.CUSTOM:
                custom = self._find_custom(key)
                return custom.title or " · ".join(list_conditions(custom)) or everything
        return key.name

    def _tell_about(self, key: FeedKey) -> str:
        say, name = self._voice.say, self._name(key)
        match key.kind:
            case FeedKind.CATEGORY:
                return say(
                    "A feed of the stories in the category “{name}”, and of no others.", name=name
                )
            case FeedKind.TAG:
                return say("A feed of the stories tagged “{name}”, and of no others.", name=name)
            case FeedKind.AUTHOR:
                return say("A feed of the stories by {name}, and of no others.", name=name)
            case FeedKind.LANGUAGE:
                return say(
                    "A feed of the stories in the language “{name}”, and of no others.", name=name
                )
            case FeedKind.CUSTOM if names := " · ".join(list_conditions(self._find_custom(key))):
                return say("A feed of chosen stories: {names}.", names=names)
        return say("A feed of all the stories.")

    def _find_custom(self, key: FeedKey) -> CustomFeed:
        return next(one for one in self.settings.custom if one.key == key)

    def _compose_posts(self, posts: Sequence[Post]) -> list[PostLine]:
        return [self._compose_post(post) for post in posts[:_SHOWN_POSTS]]

    def _compose_post(self, post: Post) -> PostLine:
        published_at = self.publication.localise(post.published_at)
        return PostLine(
            title=post.title,
            url=encode_url(post.url) if post.url.startswith(("https://", "http://")) else "",
            summary=post.summary,
            section=post.categories[0] if post.categories else "",
            language=post.language if post.language != self._voice.language else "",
            date=self._voice.write_date(published_at),
            published_at=published_at,
        )

    def _compose_newsletter(self, newsletter: Newsletter) -> NewsletterLine:
        return NewsletterLine(
            newsletter.newsletter_id,
            newsletter.title,
            newsletter.language if newsletter.language != self._voice.language else "",
            say_rhythm(self._voice, newsletter),
            self.base + list_path(newsletter) if newsletter.archive else "",
        )


def list_addresses(
    key: FeedKey, publication: Publication, settings: FeedSettings
) -> tuple[Address, ...]:
    """Where a feed is, in each of its formats."""
    return tuple(
        Address(
            _FORMAT_NAMES[format_],
            feed_url(publication.service_url, key, format_),
            find_content_type(format_, settings).partition(";")[0],
        )
        for format_ in list_formats(key, settings)
    )


def _list(kind: FeedKind, catalogue: Catalogue) -> list[FeedKey]:
    return [key for key, _ in catalogue.list_feeds(kind)]
