"""Mails of one post in full: the golden ones, and what the mail says around the text."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from service.editions.compose import compose_digest
from service.editions.fit import HTML_BUDGET, fit_story
from service.editions.full_text import read_story
from service.editions.full_view import compose_wording, tell_in_full
from service.editions.render import MailRenderer
from service.editions.select import select_posts
from service.model.edition import Candidate, Edition, Rendered
from service.model.newsletter import Cadence, Newsletter
from service.model.post import Post
from service.model.publication import Publication, Sender
from tests.unit.editions.test_render import expect_golden

Mail = Callable[..., Rendered]
GAUGE = ("The gauge under the bridge", "What it told us in its first week.")


@pytest.fixture
def mail(
    renderer: MailRenderer,
    edition: Edition,
    newsletter: Newsletter,
    publication: Publication,
    sender: Sender,
    category_url: Callable[[str], str],
) -> Mail:
    def make(post: Post, html: str, language: str = "ja", intro: str = "") -> Rendered:
        digest = compose_digest(
            replace(edition, cadence=Cadence.EACH, intro=intro),
            newsletter,
            publication,
            sender,
            select_posts([Candidate(post, 1)], max_posts=15, group_by="category"),
            category_url=category_url,
            language=language,
        )
        story = read_story(html, compose_wording(post, language))
        return fit_story(story, lambda full: renderer.render_edition(tell_in_full(digest, full)))

    return make


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_post_in_full_is_the_one_we_looked_at(
    mail: Mail, post: Post, golden: Path, language: str
) -> None:
    told = post
    if language == "en":
        told = replace(post, title=GAUGE[0], summary=GAUGE[1], language="en", authors=())
    body = (golden / "bodies" / f"full-{language}.html").read_text(encoding="utf-8")
    expect_golden(golden, f"full-{language}", mail(told, body, language))


def test_a_text_that_is_complete_leads_to_the_site_and_one_that_is_not_to_its_rest(
    mail: Mail, post: Post
) -> None:
    whole, cut = mail(post, "<p>短い文。</p>"), mail(post, "<p>長い文。</p>" * 6_000)
    assert "サイトで読む" in whole.html
    assert "続きを読む" not in whole.html + whole.text
    for part in (cut.html, cut.text):
        assert "続きを読む" in part
        assert "ここまでです" in part.replace("\n", "")
    assert len(cut.html.replace("\n", "\r\n").encode()) <= HTML_BUDGET


def test_the_picture_is_shown_once(mail: Mail, post: Post) -> None:
    assert post.image is not None
    shown = f'<p><img src="{post.image.url}" alt=""></p>'
    assert mail(post, f"<p>文。</p>{shown}").html.count("<img") == 1
    assert mail(post, "<p>文。</p>").html.count("<img") == 1


def test_without_a_text_the_summary_is_mailed(mail: Mail, post: Post) -> None:
    for empty in ("", "<p> </p>", f"<p>{'あ' * 40_000}</p>"):
        rendered = mail(post, empty)
        assert post.summary in rendered.html
        assert "続きを読む" in rendered.text


def test_an_introduction_stands_before_the_text(mail: Mail, post: Post) -> None:
    rendered = mail(post, "<p>本文。</p>", intro="編集部より一言。")
    for part in (rendered.html, rendered.text):
        assert part.index("編集部より一言。") < part.rindex(post.title) < part.index("本文。")


def test_a_text_in_another_language_than_the_mail_says_so(mail: Mail, post: Post) -> None:
    html = mail(replace(post, language="ar"), "<p>نص</p><ul><li>ا</li></ul>").html
    (text,) = re.findall(r"<div [^>]*class=\"full\"[^>]*>.*?</div>", html, re.DOTALL)
    assert 'lang="ar"' in text
    assert 'dir="rtl"' in text
    assert re.search(r'<ul style="[^"]*padding: ?0 26px 0 0', text)
