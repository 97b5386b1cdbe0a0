from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from urllib.parse import quote

import pytest

from service.editions.compose import compose_digest
from service.editions.entries import show_posts
from service.editions.fit import HTML_BUDGET, fit_edition
from service.editions.plain import count_columns
from service.editions.render import MailRenderer
from service.editions.select import select_posts
from service.errors import TemplateError
from service.model.edition import Candidate, Edition, Rendered, Selection
from service.model.message import MESSAGE_ID_MARK, PREFERENCES_MARK, UNSUBSCRIBE_MARK
from service.model.newsletter import Cadence, Newsletter
from service.model.post import Image, Post
from service.model.publication import Publication, Sender

Render = Callable[[Selection], Rendered]
NOTICE = {
    "newsletter": "川べり通信",
    "unsubscribe_url": "https://mail.kawaberi.example/unsubscribe/v1.abcdefgh",
    "publication": "川べり新聞",
    "url": "https://mail.kawaberi.example/confirm/v1.abcdefghijklmnopqrstuvwxyz0123456789?a=1&b=2",
    "sender": "川べり新聞編集部",
    "postal_address": "東京都墨田区水神1丁目2番3号",
    "contact": "henshu@kawaberi.example",
}
BRIDGE = ("The morning market returns to the bridge", "The railings are mended at last.")
INTRO = """秋祭りの準備が始まりました。**川べり通信**も、この号から少し長くなります。

- 投稿は[編集部](/contact/)まで
- 次の号は二十七日です
"""


@pytest.fixture
def render(
    renderer: MailRenderer,
    edition: Edition,
    newsletter: Newsletter,
    publication: Publication,
    sender: Sender,
    category_url: Callable[[str], str],
) -> Callable[..., Rendered]:
    def render_selection(
        selection: Selection,
        edition: Edition = edition,
        newsletter: Newsletter = newsletter,
        language: str | None = None,
    ) -> Rendered:
        digest = compose_digest(
            edition,
            newsletter,
            publication,
            sender,
            selection,
            category_url=category_url,
            language=language,
            view_url="https://mail.kawaberi.example/editions/weekly/2025-10-20-weekly",
        )
        return renderer.render_edition(digest)

    return render_selection


def expect_golden(folder: Path, name: str, rendered: Rendered) -> None:
    head = f"Subject: {rendered.subject}\nPreheader: {rendered.preheader}\n\n"
    assert rendered.html == (folder / f"{name}.html").read_text(encoding="utf-8")
    assert head + rendered.text == (folder / f"{name}.txt").read_text(encoding="utf-8")


def test_a_japanese_digest_is_the_one_we_looked_at(
    render: Callable[..., Rendered], edition: Edition, week: list[Candidate], golden: Path
) -> None:
    bridge = Image("https://kawaberi.example/images/bridge.jpg", "image/jpeg", 9, 1200, 630)
    pictured = [Candidate(replace(c.post, image=bridge), c.news_no) for c in week]
    selection = select_posts(pictured, max_posts=6, group_by="category")
    expect_golden(golden, "digest-ja", render(selection, replace(edition, intro=INTRO)))


def test_an_english_digest_is_the_one_we_looked_at(
    render: Callable[..., Rendered], newsletter: Newsletter, week: list[Candidate], golden: Path
) -> None:
    english = replace(newsletter, title="Riverside Notes", language="en", group_by="none")
    translations = {
        1: BRIDGE,
        2: ("The woman who reads the river", "Every day at five, for twenty-six years."),
        4: ("Winter timetable of the ferry", ""),
    }
    posts = [
        Candidate(
            replace(c.post, title=title, summary=summary, language="en", authors=()), c.news_no
        )
        for c in week
        if c.post.post_id in translations
        for title, summary in [translations[c.post.post_id]]
    ]
    selection = select_posts([*posts, week[4]], max_posts=3, group_by="none")
    expect_golden(golden, "digest-en", render(selection, newsletter=english))


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_single_post_is_the_one_we_looked_at(
    render: Callable[..., Rendered], edition: Edition, post: Post, golden: Path, language: str
) -> None:
    sized = replace(post, image=Image("https://kawaberi.example/b.jpg", "image/jpeg", 9, 1200, 630))
    shown = post if language == "ja" else replace(sized, title=BRIDGE[0], summary=BRIDGE[1])
    selection = select_posts(
        [Candidate(replace(shown, language=language), 1)], max_posts=15, group_by="category"
    )
    each = replace(edition, cadence=Cadence.EACH)
    expect_golden(golden, f"single-{language}", render(selection, each, language=language))


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_confirmation_is_the_one_we_looked_at(
    renderer: MailRenderer, golden: Path, language: str
) -> None:
    rendered = renderer.render_notice("confirm", language, NOTICE)
    expect_golden(golden, f"confirm-{language}", rendered)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_welcome_is_the_one_we_looked_at(
    renderer: MailRenderer,
    golden: Path,
    language: str,
    week: list[Candidate],
    publication: Publication,
) -> None:
    latest = [candidate.post for candidate in week[:3]]
    entries = show_posts(latest, language=language, zone=publication.zone)
    rendered = renderer.render_notice("welcome", language, NOTICE, entries)
    expect_golden(golden, f"welcome-{language}", rendered)


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize(
    "name", ["address-change", "address-confirm", "export-ready", "erase-confirm"]
)
def test_what_a_reader_asked_for_is_one_button_and_no_list_mail(
    renderer: MailRenderer, name: str, language: str
) -> None:
    mail = renderer.render_notice(name, language, NOTICE)
    assert "川べり新聞" in mail.subject
    assert mail.text.count(NOTICE["url"]) == 1
    assert re.search(r"1時間|an hour", mail.text)
    assert NOTICE["unsubscribe_url"] not in mail.html + mail.text
    assert not re.search(r"\{[a-z_]+\}", mail.subject + mail.preheader + mail.text)


def test_rendering_twice_gives_the_same_bytes(
    render: Callable[..., Rendered], week: list[Candidate]
) -> None:
    selection = select_posts(week, max_posts=6, group_by="category")
    assert render(selection) == render(selection)


def test_markup_in_a_post_is_only_text(render: Callable[..., Rendered], post: Post) -> None:
    evil = replace(
        post,
        title='<script>alert("x")</script>{{ 7 * 7 }}',
        summary="<img src=x onerror=alert(1)> & 'so' \"on\"",
        url='https://kawaberi.example/"><script>',
        image=None,
        categories=("<b>組</b>",),
    )
    other = replace(post, post_id=2, title="ほかの話", image=None)
    selection = select_posts(
        [Candidate(evil, 1), Candidate(other, 2)], max_posts=9, group_by="category"
    )
    rendered = render(selection)
    assert "<script" not in rendered.html
    assert "<img" not in rendered.html
    assert "<b>" not in rendered.html
    assert "&lt;script&gt;" in rendered.html
    assert "{{ 7 * 7 }}" in rendered.html
    assert '<script>alert("x")</script>' in rendered.text


def test_marks_stand_only_where_the_readers_own_links_are(
    render: Callable[..., Rendered], edition: Edition, post: Post
) -> None:
    evil = replace(post, title=f"{MESSAGE_ID_MARK}", summary=f"文 {UNSUBSCRIBE_MARK} 文。")
    selection = select_posts([Candidate(evil, 1)], max_posts=1, group_by="category")
    rendered = render(selection, replace(edition, intro=f"前 {UNSUBSCRIBE_MARK} 後"))
    assert rendered.html.count("@@kawaraban:") == 2
    assert rendered.text.count("@@kawaraban:") == 2
    for mark in (PREFERENCES_MARK, UNSUBSCRIBE_MARK):
        assert f'href="{mark}"' in rendered.html
        assert f"\n{mark}\n" in rendered.text
    assert "@@kawaraban:" not in rendered.subject + rendered.preheader


def test_nothing_is_loaded_and_nobody_is_counted(
    render: Callable[..., Rendered], week: list[Candidate]
) -> None:
    html = render(select_posts(week, max_posts=9, group_by="category")).html
    assert "<img" not in html
    assert "<link" not in html
    assert "url(" not in html
    assert "@import" not in html


def test_a_mail_says_its_language_and_keeps_its_dark_colours(
    render: Callable[..., Rendered], week: list[Candidate]
) -> None:
    html = render(select_posts(week, max_posts=9, group_by="category")).html
    html_tag, article_tag = re.findall(r'<html [^>]*>|<div [^>]*role="article"[^>]*>', html)
    for tag in (html_tag, article_tag):
        assert 'lang="ja"' in tag
        assert 'dir="ltr"' in tag
    assert "@media (prefers-color-scheme:dark)" in html
    assert '<meta name="color-scheme" content="light dark">' in html
    assert html.encode().index(b'charset="utf-8"') < 200
    assert re.search(r'<h3 [^>]*lang="en"[^>]*><a [^>]*>A translator', html)


def test_a_language_from_right_to_left_turns_the_mail_but_not_our_english(
    render: Callable[..., Rendered], week: list[Candidate]
) -> None:
    html = render(select_posts(week, max_posts=9, group_by="category"), language="ar").html
    html_tag, foot_tag = re.findall(r'<html [^>]*>|<div [^>]*role="contentinfo"[^>]*>', html)
    assert 'lang="ar"' in html_tag
    assert 'dir="rtl"' in html_tag
    assert 'lang="en"' in foot_tag
    assert 'dir="ltr"' in foot_tag


def test_headings_never_skip_a_level(
    render: Callable[..., Rendered], week: list[Candidate]
) -> None:
    for group_by in ("category", "none"):
        html = render(select_posts(week, max_posts=5, group_by=group_by)).html
        levels = [int(level) for level in re.findall(r"<h([1-6])", html)]
        assert levels[0] == 1
        assert all(after - before <= 1 for before, after in pairwise(levels))


def test_an_entry_costs_little_more_than_its_own_words(
    render: Callable[..., Rendered], week: list[Candidate]
) -> None:
    few = select_posts(week[:2], max_posts=9, group_by="none")
    many = select_posts(week, max_posts=9, group_by="none")
    words = sum(
        len((c.post.title + c.post.summary + c.post.url + c.post.authors[0].name).encode())
        for c in week[2:]
    )
    markup = len(render(many).html.encode()) - len(render(few).html.encode()) - words
    assert markup / len(week[2:]) < 450


def test_the_text_part_has_no_wide_lines_but_addresses(
    render: Callable[..., Rendered], post: Post, edition: Edition
) -> None:
    long = replace(post, title="たいへんに長い題" * 30, summary="A long English summary. " * 10)
    selection = select_posts([Candidate(long, 1)], max_posts=1, group_by="category")
    rendered = render(selection, replace(edition, intro="とても長いあいさつ。" * 30))
    for line in rendered.text.splitlines():
        assert count_columns(line) <= 72 or line.startswith("https://")
    assert rendered.text.endswith("\n")
    assert "\n\n\n" not in rendered.text


def test_a_notice_without_its_values_or_name_is_refused(renderer: MailRenderer) -> None:
    incomplete = {name: value for name, value in NOTICE.items() if name != "url"}
    with pytest.raises(TemplateError, match="'url'"):
        renderer.render_notice("confirm", "ja", incomplete)
    with pytest.raises(TemplateError, match="'goodbye'"):
        renderer.render_notice("goodbye", "ja", NOTICE)


def test_a_notice_has_no_way_to_leave_a_list(renderer: MailRenderer) -> None:
    rendered = renderer.render_notice("confirm", "ja", NOTICE)
    assert "@@kawaraban:" not in rendered.html + rendered.text
    assert "配信を停止" not in rendered.html + rendered.text


def test_a_broken_template_is_named(tmp_path: Path) -> None:
    (tmp_path / "notice.html").write_text("{{ mail.nothing.here }}", encoding="utf-8")
    with pytest.raises(TemplateError, match="templates/email/notice"):
        MailRenderer(tmp_path).render_notice("confirm", "ja", NOTICE)


def test_fifteen_of_the_longest_posts_fit(
    render: Callable[..., Rendered], post: Post, edition: Edition
) -> None:
    names = tuple(replace(post.authors[0], name="とても長い名前の人" * 4) for _ in range(3))
    monster = replace(
        post,
        title="たいへんに長い題" * 500,
        summary="とても長い文が続きます。" * 500,
        url="https://kawaberi.example/" + quote("長い住所" * 40),
        language="zh-Hant",
    )
    posts = [
        Candidate(
            replace(monster, post_id=at, authors=names[: at % 3], categories=(f"組{at}",)), at
        )
        for at in range(15)
    ]
    selection, rendered = fit_edition(posts, render, max_posts=15, group_by="category", fold=False)
    assert len(selection.posts) == 15
    assert len(rendered.html.encode()) < HTML_BUDGET / 1.5


def test_a_picture_keeps_its_place_before_it_comes(
    render: Callable[..., Rendered], post: Post
) -> None:
    def show(width: int, height: int) -> str:
        image = Image("https://kawaberi.example/b.jpg", "image/jpeg", 9, width, height)
        selection = select_posts(
            [Candidate(replace(post, image=image), 1)], max_posts=1, group_by="category"
        )
        (tag,) = re.findall(r"<img [^>]*>", render(selection).html)
        return str(tag)

    assert 'width="560" height="294"' in show(1200, 630)
    assert 'alt="画像：橋の上の朝市が三年ぶりに戻る"' in show(1200, 630)
    assert "height=" not in show(0, 0) + show(10, 9_000)


def test_an_edition_on_the_web_can_be_read_there(
    renderer: MailRenderer,
    edition: Edition,
    newsletter: Newsletter,
    publication: Publication,
    sender: Sender,
    post: Post,
) -> None:
    url = "https://mail.kawaberi.example/editions/weekly/2025-10-20/"
    for posts in ([post], [post, replace(post, post_id=2, title="ほかの話")]):
        selection = select_posts(
            [Candidate(one, 1) for one in posts], max_posts=9, group_by="category"
        )
        digest = compose_digest(
            edition, newsletter, publication, sender, selection, category_url=str, view_url=url
        )
        rendered = renderer.render_edition(digest)
        assert f'href="{url}"' in rendered.html
        assert f"ブラウザで読む:\n{url}\n" in rendered.text


def test_a_mail_too_large_shows_fewer_posts_and_counts_the_rest(
    render: Callable[..., Rendered], week: list[Candidate]
) -> None:
    whole = len(render(select_posts(week, max_posts=8, group_by="category")).html.encode())
    selection, rendered = fit_edition(
        week, render, max_posts=8, group_by="category", budget=whole - 1
    )
    assert len(rendered.html.encode()) < whole
    assert 1 <= len(selection.posts) < 8
    assert len(selection.posts) + selection.more_count == 8


def test_a_mail_that_fits_is_left_as_it_is(
    render: Callable[..., Rendered], week: list[Candidate]
) -> None:
    selection, rendered = fit_edition(week, render, max_posts=8, group_by="category")
    assert len(selection.posts) == 8
    assert len(rendered.html.encode()) < HTML_BUDGET


def test_an_introduction_that_never_fits_is_refused(
    render: Callable[..., Rendered], week: list[Candidate]
) -> None:
    with pytest.raises(TemplateError, match="500 are allowed"):
        fit_edition(week, render, max_posts=8, group_by="category", budget=500)
