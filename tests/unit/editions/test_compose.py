from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from service.editions.compose import compose_digest
from service.editions.entries import TEASER_COLUMNS
from service.editions.plain import count_columns
from service.editions.select import select_posts
from service.editions.view import Digest, EntryView
from service.model.edition import Candidate, Edition
from service.model.message import PREFERENCES_MARK, UNSUBSCRIBE_MARK
from service.model.newsletter import Cadence, Newsletter
from service.model.post import Post
from service.model.publication import Publication, Sender

Compose = Callable[..., Digest]


@pytest.fixture
def compose(
    edition: Edition,
    newsletter: Newsletter,
    publication: Publication,
    sender: Sender,
    category_url: Callable[[str], str],
) -> Compose:
    def compose_posts(
        posts: list[Candidate],
        *,
        edition: Edition = edition,
        newsletter: Newsletter = newsletter,
        max_posts: int = 15,
        language: str | None = None,
    ) -> Digest:
        return compose_digest(
            edition,
            newsletter,
            publication,
            sender,
            select_posts(posts, max_posts=max_posts, group_by=newsletter.group_by),
            category_url=category_url,
            language=language,
        )

    return compose_posts


def list_entries(digest: Digest) -> list[EntryView]:
    return [entry for section in digest.sections for entry in section.entries]


def test_a_week_becomes_sections_with_what_is_left_over(
    compose: Compose, week: list[Candidate]
) -> None:
    digest = compose(week, max_posts=3)
    assert digest.layout == "digest"
    assert digest.issue == "2025年10月20日（月）号"
    assert digest.contents == "3本を掲載、ほかサイトに5本"
    assert [section.name for section in digest.sections] == ["まちの話", "暮らし", "手しごと"]
    assert [section.more and section.more.label for section in digest.sections] == [
        "ほか2本を見る",
        "ほか1本を見る",
        "ほか1本を見る",
    ]
    assert [(more.name, more.label) for more in digest.more] == [("そのほか", "1本")]
    assert digest.sections[0].more is not None
    assert digest.sections[0].more.url.startswith("https://mail.kawaberi.example/category/%E3")


def test_dates_are_those_of_the_publications_zone(compose: Compose, post: Post) -> None:
    late_evening = datetime(2025, 10, 18, 16, 30, tzinfo=UTC)
    digest = compose([Candidate(replace(post, published_at=late_evening), 1)])
    assert list_entries(digest)[0].date == "10月19日"


def test_a_single_post_has_its_own_layout_without_an_issue(compose: Compose, post: Post) -> None:
    digest = compose([Candidate(post, 1)])
    assert (digest.layout, digest.issue) == ("single", "")
    entry = list_entries(digest)[0]
    assert entry.category == "まちの話"
    assert entry.byline == "水野あかり"
    assert entry.image_url == "https://kawaberi.example/images/bridge.jpg"
    assert digest.preheader == entry.summary


def test_a_single_post_with_an_editors_words_is_a_digest(
    compose: Compose, post: Post, edition: Edition
) -> None:
    assert compose([Candidate(post, 1)], edition=replace(edition, intro="ひとこと")).layout == (
        "digest"
    )


def test_an_announcement_needs_no_posts(compose: Compose, edition: Edition) -> None:
    digest = compose([], edition=replace(edition, cadence=None, intro="お休みの**お知らせ**です。"))
    assert digest.layout == "digest"
    assert digest.sections == ()
    assert digest.contents == ""
    assert digest.intro_text == digest.preheader == "お休みのお知らせです。"
    assert digest.footer.why == "このメールは「川べり通信」にご登録の方へお送りしています。"


def test_the_newsletters_introduction_stands_in_for_the_editions(
    compose: Compose, week: list[Candidate], newsletter: Newsletter, edition: Edition
) -> None:
    standing = replace(newsletter, intro="毎週のあいさつ")
    assert compose(week, newsletter=standing).intro_text == "毎週のあいさつ"
    own = replace(edition, intro="今週だけ")
    assert compose(week, newsletter=standing, edition=own).intro_text == "今週だけ"


@pytest.mark.parametrize(
    ("summary", "shown"),
    [
        ("", ""),
        ("橋の上の朝市が三年ぶりに戻る", ""),
        ("朝市が三年ぶりに", ""),
        ("橋の上の朝市が三年ぶりに戻る。出店は四十二軒。", "出店は四十二軒。"),
        ("出店は\n四十二軒。\u200b", "出店は 四十二軒。"),
    ],
)
def test_a_teaser_never_says_the_title_again(
    compose: Compose, post: Post, summary: str, shown: str
) -> None:
    digest = compose([Candidate(replace(post, summary=summary), 1)])
    assert list_entries(digest)[0].summary == shown


def test_a_teaser_is_never_the_full_text(compose: Compose, post: Post) -> None:
    long = replace(post, summary="長い要約の一文です。" * 100)
    teaser = list_entries(compose([Candidate(long, 1)]))[0].summary
    assert teaser.endswith("です。")
    assert count_columns(teaser) <= TEASER_COLUMNS


def test_a_post_without_a_title_is_shown_by_its_summary_or_its_address(
    compose: Compose, post: Post
) -> None:
    nameless = replace(post, title="")
    assert list_entries(compose([Candidate(nameless, 1)]))[0].title.startswith("欄干の修理が")
    silent = replace(nameless, summary="")
    assert list_entries(compose([Candidate(silent, 1)]))[0].title == post.url


def test_our_marks_in_a_post_are_harmless(compose: Compose, post: Post) -> None:
    evil = replace(
        post,
        title=f"題{UNSUBSCRIBE_MARK}",
        summary=f"文{UNSUBSCRIBE_MARK}",
        url=f"https://kawaberi.example/{UNSUBSCRIBE_MARK}",
        categories=(f"組{UNSUBSCRIBE_MARK}",),
    )
    digest = compose([Candidate(evil, 1)])
    footer = replace(digest.footer, unsubscribe_url="", preferences_url="")
    assert digest.footer.unsubscribe_url == UNSUBSCRIBE_MARK
    assert digest.footer.preferences_url == PREFERENCES_MARK
    assert "@@kawaraban" not in repr(replace(digest, footer=footer))


def test_a_name_under_every_post_is_left_out(compose: Compose, week: list[Candidate]) -> None:
    same = [Candidate(replace(c.post, authors=week[0].post.authors), 1) for c in week]
    assert {entry.byline for entry in list_entries(compose(same))} == {""}
    assert {entry.byline for entry in list_entries(compose(week))} > {"水野あかり", "Ann Lee"}


def test_a_post_in_another_language_says_so(compose: Compose, week: list[Candidate]) -> None:
    languages = {entry.title: entry.language for entry in list_entries(compose(week))}
    assert languages["A translator moves in upstairs"] == "en"
    assert languages["渡し舟、冬の時刻表"] == ""


def test_words_follow_the_reader_and_fall_back_to_english(
    compose: Compose, week: list[Candidate]
) -> None:
    english = compose(week, language="en")
    assert english.contents == "8 stories"
    assert english.footer.unsubscribe == "Unsubscribe"
    hebrew = compose(week, language="he")
    assert (hebrew.language, hebrew.direction) == ("he", "rtl")
    assert (hebrew.footer.language, hebrew.footer.direction) == ("en", "ltr")


def test_the_footer_says_why_and_how_often(
    compose: Compose, week: list[Candidate], edition: Edition
) -> None:
    assert "（毎週）" in compose(week).footer.why
    daily = replace(edition, cadence=Cadence.DAILY)
    assert "(daily)" in compose(week, edition=daily, language="en").footer.why


@pytest.mark.parametrize(
    ("contact", "url"),
    [
        ("henshu@kawaberi.example", "mailto:henshu@kawaberi.example"),
        ("https://kawaberi.example/contact/", "https://kawaberi.example/contact/"),
        ("電話 03-0000-0000", ""),
    ],
)
def test_a_contact_is_linked_when_it_can_be(
    edition: Edition,
    newsletter: Newsletter,
    publication: Publication,
    sender: Sender,
    category_url: Callable[[str], str],
    contact: str,
    url: str,
) -> None:
    nothing = select_posts([], max_posts=1, group_by="category")
    digest = compose_digest(
        edition,
        newsletter,
        publication,
        replace(sender, contact=contact),
        nothing,
        category_url=category_url,
    )
    assert (digest.footer.contact, digest.footer.contact_url) == (contact, url)
