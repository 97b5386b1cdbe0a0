"""A newsletter's own templates tried on its latest posts, before anything is to be sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from service.editions.compose import compose_digest
from service.editions.fit import HTML_BUDGET, fit_edition
from service.editions.full_text import Story, cut_story
from service.editions.full_view import tell_in_full
from service.editions.markup import Element
from service.editions.news import matches_filter
from service.editions.render import MailRenderer
from service.editions.view import Digest
from service.errors import TemplateError
from service.model.edition import (
    Audience,
    Candidate,
    Edition,
    EditionState,
    Rendered,
    Selection,
    Trigger,
)
from service.model.newsletter import Newsletter
from service.model.post import Post, Verdict
from service.model.publication import Publication, Sender

CategoryUrl = Callable[[str], str]
"""Where a category's page is."""


def find_faults(
    newsletter: Newsletter,
    publication: Publication,
    sender: Sender,
    renderer: MailRenderer,
    posts: Sequence[Post],
    *,
    category_url: CategoryUrl,
    now: datetime,
) -> list[str]:
    """What is wrong with them, each once: tried are a digest, a single post, and an announcement.

    Empty when all is well, and for a newsletter that has no templates of its own.
    """
    if newsletter.templates is None:
        return []
    latest = _list_latest(posts, newsletter, now)
    tried = [(latest, ""), (latest[:1], ""), ([], newsletter.title)]

    def render(edition: Edition, selection: Selection) -> Rendered:
        digest = compose_digest(
            edition, newsletter, publication, sender, selection, category_url=category_url
        )
        told = _tell_shortly(digest, selection) if newsletter.mails_full_text else digest
        return renderer.render_edition(told, newsletter.templates)

    faults = [
        fault
        for candidates, intro in tried
        if candidates or intro
        for fault in _try(newsletter, candidates, _imagine(newsletter, intro, now), render)
    ]
    return list(dict.fromkeys(faults))


def _list_latest(posts: Sequence[Post], newsletter: Newsletter, now: datetime) -> list[Candidate]:
    shown = [
        post
        for post in posts
        if post.verdict(now) is Verdict.PUBLISHED and matches_filter(post, newsletter)
    ]
    newest = sorted(shown, key=lambda post: post.published_at, reverse=True)
    return [Candidate(post, None) for post in newest[: newsletter.max_posts + 1]]


def _try(
    newsletter: Newsletter,
    candidates: Sequence[Candidate],
    edition: Edition,
    render: Callable[[Edition, Selection], Rendered],
) -> Iterator[str]:
    try:
        fit_edition(
            candidates,
            lambda selection: render(edition, selection),
            max_posts=newsletter.max_posts,
            group_by=newsletter.group_by,
        )
    except TemplateError as error:
        yield str(error)


def _tell_shortly(digest: Digest, selection: Selection) -> Digest:
    """A mail of one post as if its summary were all of it: what templates do with a text shows."""
    if digest.layout != "single":
        return digest
    (post,) = selection.posts
    story = Story((Element("p", {}, [post.summary or post.title]),), is_whole=True)
    return tell_in_full(digest, cut_story(story, HTML_BUDGET))


def _imagine(newsletter: Newsletter, intro: str, now: datetime) -> Edition:
    """An edition that nobody will ever get."""
    return Edition(
        edition_id=0,
        newsletter_id=newsletter.newsletter_id,
        cadence=newsletter.default_cadence,
        key="proof",
        trigger=Trigger.MANUAL,
        state=EditionState.DRAFT,
        slot_at=now,
        freeze_at=now,
        mark=0,
        subject="",
        intro=intro,
        audience=Audience(),
        reason="",
        created_at=now,
    )
