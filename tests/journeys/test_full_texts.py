"""Real posts as mails in full: none too large, none with what a mail must not have, none empty.

Every eighth post; all of them with KAWARABAN_ALL_TEXTS=1, which takes half a minute.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from service.content.library import list_files, read_file
from service.editions.compose import compose_digest
from service.editions.fit import HTML_BUDGET, fit_story
from service.editions.full_text import FullText, read_story
from service.editions.full_view import compose_wording, tell_in_full
from service.editions.render import MailRenderer
from service.editions.required import check_own_mail
from service.editions.select import select_posts
from service.model.edition import (
    Audience,
    Candidate,
    Edition,
    EditionState,
    Rendered,
    Trigger,
)
from service.model.newsletter import Cadence, Newsletter
from service.model.post import Post
from service.model.publication import Sender
from service.publishing import compose_posts
from tests.feeds.corpora import CORPUS, NOW, PUBLICATION, list_folders, make_rules

RENDERER = MailRenderer(Path(__file__).parents[2] / "templates" / "email")
SENDER = Sender("編集部", "news@site.example", "", "東京都", "desk@site.example")
NEWSLETTER = Newsletter("each", "瓦版", "ja", mails_full_text=True)
EDITION = Edition(
    1,
    "each",
    Cadence.EACH,
    "key",
    Trigger.SCHEDULE,
    EditionState.DRAFT,
    datetime(2026, 1, 5, tzinfo=UTC),
    datetime(2026, 1, 5, tzinfo=UTC),
    1,
    "",
    "",
    Audience(),
    "",
    datetime(2026, 1, 5, tzinfo=UTC),
)
TAGS = re.compile(r"<[^>]*>|\s|&[a-z]+;")
STEP = 1 if "KAWARABAN_ALL_TEXTS" in os.environ else 8
KNOWN = {
    *("a", "blockquote", "br", "code", "dd", "div", "dl", "dt", "em", "h3", "h4", "h5", "h6"),
    *("hr", "img", "li", "ol", "p", "pre", "rp", "rt", "ruby", "s", "small", "span", "strong"),
    *("sub", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "u", "ul"),
}


def list_real() -> Iterator[tuple[Post, str]]:
    """The posts that mail could carry, with their bodies."""
    for folder in list_folders():
        rules = make_rules(folder)
        stats = list_files(folder, rules.generator, rules.habits)[::STEP]
        readings = [read_file(folder, stat, rules, NOW, is_judged=False) for stat in stats]
        articles = [one.article for one in readings if one.article and not one.article.draft]
        posts = compose_posts(articles, NOW)
        yield from zip(posts, (article.html for article in articles), strict=True)


def test_every_real_post_can_be_mailed_in_full() -> None:
    if not CORPUS.is_dir():
        pytest.skip("the real posts are absent: ../shared/corpus")
    whole = total = 0
    for post, html in list_real():
        mail, full = mail_in_full(post, html)
        assert len(mail.html.encode()) <= HTML_BUDGET, post.path
        assert set(re.findall(r"<([a-z0-9]+)", full.html)) <= KNOWN, post.path
        assert full.text, post.path
        assert full.text in mail.text, post.path
        assert len("".join(full.text.split())) >= 0.95 * len(TAGS.sub("", full.html)), post.path
        total += 1
        whole += full.is_whole
    assert whole >= 0.9 * total


def mail_in_full(post: Post, html: str) -> tuple[Rendered, FullText]:
    """The mail of one post, and what of its text is in it."""
    selection = select_posts([Candidate(post, 1)], max_posts=1, group_by="category")
    digest = compose_digest(
        EDITION, NEWSLETTER, PUBLICATION, SENDER, selection, category_url=lambda _: "https://c"
    )
    tried: list[FullText] = []

    def render(full: FullText) -> Rendered:
        tried.append(full)
        return RENDERER.render_edition(tell_in_full(digest, full))

    mail = fit_story(read_story(html, compose_wording(post, "ja")), render)
    assert check_own_mail(mail.html, mail.text, digest.footer) == "", post.path
    return mail, tried[-1]
