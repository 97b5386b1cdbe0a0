"""Sent editions as a feed: made when it is asked for, and kept until another one is sent."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from service.editions.permalink import write_path, write_uid
from service.editions.public import extract_story
from service.feeds.build import FeedPlan, plan_feed, render_feed
from service.model.feed import FeedFile, FeedKey, FeedKind, FeedSettings
from service.model.newsletter import Newsletter
from service.model.post import Body, Post
from service.model.publication import Publication
from service.store.sent_editions import Face, SentEdition
from service.web.past_editions import PastEditions, Shown, list_kinds, name_edition
from service.words.catalogues import find_voice

_MOST_EDITIONS = 50


@dataclass(frozen=True, slots=True)
class _Made:
    """The files of one newsletter's feed, and the editions they were made of."""

    edition_ids: tuple[int, ...]
    files: MappingProxyType[str, FeedFile]


class EditionFeeds:
    """The feeds of what each newsletter sent; a pure function of the editions and their mails."""

    def __init__(
        self,
        past: PastEditions,
        publication: Publication,
        settings: FeedSettings,
        installation: str,
    ) -> None:
        self._past = past
        self._publication = publication
        # Nobody tells a hub of these.
        self._settings = replace(settings, hubs=())
        self._installation = installation
        self._made: dict[str, _Made] = {}

    def find(self, newsletter: Newsletter, name: str) -> FeedFile | None:
        """The file of this name beside the newsletter's list; None where there is none."""
        shown = self._past.list_newest(newsletter, list_kinds(newsletter), limit=_MOST_EDITIONS)
        edition_ids = tuple(edition.edition_id for edition, _ in shown)
        made = self._made.get(newsletter.newsletter_id)
        if made is None or made.edition_ids != edition_ids:
            made = _Made(edition_ids, MappingProxyType(self._render(newsletter, shown)))
            self._made[newsletter.newsletter_id] = made
        return made.files.get(name)

    def _render(self, newsletter: Newsletter, shown: Sequence[Shown]) -> dict[str, FeedFile]:
        mails = self._past.load_html([faces[0] for _, faces in shown])
        posts: list[Post] = []
        bodies: dict[int, Body] = {}
        for (edition, faces), mail in zip(shown, mails, strict=True):
            page_url = self._find_url(newsletter, edition)
            body = Body(extract_story(mail, page_url), "")
            bodies[edition.edition_id] = body
            posts.append(self._compose_post(newsletter, edition, faces[0], body))
        files = render_feed(self._plan(newsletter, posts), bodies)
        return {file.path.rpartition("/")[2]: file for file in files}

    def _plan(self, newsletter: Newsletter, posts: Sequence[Post]) -> FeedPlan:
        key = FeedKey(FeedKind.EDITIONS, newsletter.newsletter_id)
        publication = self._publication
        about = find_voice(newsletter.language).say(
            "Every issue of {newsletter}, as it was sent.", newsletter=newsletter.title
        )
        titled = replace(
            publication,
            title=name_feed(newsletter, publication),
            author=publication.author or publication.title,
            description=about,
            language=newsletter.language,
        )
        return plan_feed(key, posts, self._settings, titled)

    def _compose_post(
        self, newsletter: Newsletter, edition: SentEdition, face: Face, body: Body
    ) -> Post:
        sent_at = self._publication.localise(edition.sent_at)
        return Post(
            post_id=edition.edition_id,
            uid=write_uid(self._installation, newsletter, name_edition(edition)),
            path="",
            title=face.subject,
            url=self._find_url(newsletter, edition),
            summary=face.preheader,
            language=face.language,
            published_at=sent_at,
            updated_at=sent_at,
            first_seen_at=sent_at,
            changed_at=sent_at,
            seen_after_at=None,
            is_known=True,
            html_size=len(body.html.encode("utf-8", "replace")),
            body_digest=hashlib.sha256(body.html.encode("utf-8", "replace")).hexdigest(),
        )

    def _find_url(self, newsletter: Newsletter, edition: SentEdition) -> str:
        path = write_path(newsletter, name_edition(edition), self._publication.zone)
        return self._publication.service_url + path


def name_feed(newsletter: Newsletter, publication: Publication) -> str:
    """What the feed of a newsletter's editions is called."""
    if newsletter.title == publication.title:
        return newsletter.title
    return f"{newsletter.title} | {publication.title}"
