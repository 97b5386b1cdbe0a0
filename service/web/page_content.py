"""What the pages for people show of posts and feeds: the same when served and when built."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath

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
from service.model.feed import FeedFormat, FeedKey, FeedKind, FeedSettings
from service.model.languages import name_language
from service.model.newsletter import Newsletter
from service.model.post import Post
from service.model.publication import Publication
from service.web.catalogue import Catalogue
from service.web.follow_words import find_follow_words
from service.web.words import find_words

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
    """A newsletter as a page lists it."""

    newsletter_id: str
    title: str
    language: str
    rhythm: str


@dataclass(frozen=True, slots=True)
class PageContent:
    """Composes what each page shows; `base` is the path that all our pages live below."""

    publication: Publication
    settings: FeedSettings
    base: str
    newsletters: tuple[Newsletter, ...] = ()

    def compose_home(self, catalogue: Catalogue) -> dict[str, object]:
        """What the publication's page shows."""
        words = find_words(self.publication.language)
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
            "follow": find_follow_words(words.language),
        }

    def compose_page(self, key: FeedKey, catalogue: Catalogue) -> dict[str, object]:
        """What the page of one feed shows."""
        return {
            "heading": self._head(key.kind),
            "about": self._tell_about(key),
            "feed": self.compose_line(key, catalogue),
            "posts": self._compose_posts(catalogue.groups[key]),
            "follow": find_follow_words(self.publication.language),
        }

    def compose_line(self, key: FeedKey, catalogue: Catalogue) -> FeedLine:
        """A feed as pages list it."""
        words = find_words(self.publication.language)
        posts = catalogue.groups[key]
        changed_at = max((post.updated_at for post in posts), default=None)
        newest = self.publication.localise(changed_at) if changed_at else None
        return FeedLine(
            title=self._name(key),
            page=self.base + page_path(key),
            count=words.write_count(len(posts)),
            addresses=list_addresses(key, self.publication, self.settings),
            updated=words.write_date(newest) if newest else "",
            updated_at=newest,
        )

    def compose_opml(self, catalogue: Catalogue) -> bytes:
        """The list of all feeds for readers to import."""
        groups = [OpmlGroup("", (_SITE,))] + [
            OpmlGroup(self._head(kind), tuple(_list(kind, catalogue)))
            for kind in (*self.settings.by, FeedKind.CUSTOM)
        ]
        return render_opml(groups, self.publication, self.settings)

    def _head(self, kind: FeedKind) -> str:
        language = self.publication.language
        if kind is FeedKind.CUSTOM:
            return find_follow_words(language).others
        return find_words(language).kinds[kind]

    def _name(self, key: FeedKey) -> str:
        everything = find_words(self.publication.language).everything
        match key.kind:
            case FeedKind.SITE:
                return everything
            case FeedKind.LANGUAGE:
                return name_language(key.name)
            case FeedKind.CUSTOM:
                custom = next(one for one in self.settings.custom if one.key == key)
                return custom.title or " · ".join(list_conditions(custom)) or everything
        return key.name

    def _tell_about(self, key: FeedKey) -> str:
        words = find_words(self.publication.language)
        if key.kind is not FeedKind.CUSTOM:
            return words.about[key.kind].format(name=self._name(key))
        follow = find_follow_words(words.language)
        custom = next(one for one in self.settings.custom if one.key == key)
        names = " · ".join(list_conditions(custom))
        return follow.about_custom.format(names=names) if names else follow.about_everything

    def _compose_posts(self, posts: Sequence[Post]) -> list[PostLine]:
        return [self._compose_post(post) for post in posts[:_SHOWN_POSTS]]

    def _compose_post(self, post: Post) -> PostLine:
        words = find_words(self.publication.language)
        published_at = self.publication.localise(post.published_at)
        return PostLine(
            title=post.title,
            url=encode_url(post.url) if post.url.startswith(("https://", "http://")) else "",
            summary=post.summary,
            section=post.categories[0] if post.categories else "",
            language=post.language if post.language != words.language else "",
            date=words.write_date(published_at),
            published_at=published_at,
        )

    def _compose_newsletter(self, newsletter: Newsletter) -> NewsletterLine:
        words = find_words(self.publication.language)
        return NewsletterLine(
            newsletter.newsletter_id,
            newsletter.title,
            newsletter.language if newsletter.language != words.language else "",
            words.write_rhythm(newsletter),
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
