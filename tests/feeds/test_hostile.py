"""Posts made to break feeds, read as files are and looked at as readers look."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import etree  # type: ignore[import-untyped]

from service.content.gate import GateSettings
from service.content.library import read_bytes
from service.content.rules import ReadingRules
from service.feeds.build import render_feed
from service.model.feed import FeedFile, FeedKind, FeedSettings, Naming
from service.model.post import Article, Body, FileFacts
from service.publishing import FeedPress, compose_posts, plan_feeds, select_shown
from tests.feeds.corpora import NOW, PUBLICATION
from tests.feeds.test_corpora import find_faults

RULES = ReadingRules(
    generator="jekyll",
    site_url=PUBLICATION.url,
    zone=ZoneInfo("Asia/Tokyo"),
    language="ja",
    permalink="pretty",
    author="",
    future=True,
    gate=GateSettings(),
)
KINDS = (FeedKind.CATEGORY, FeedKind.TAG, FeedKind.AUTHOR, FeedKind.LANGUAGE)
SETTINGS = FeedSettings(by=KINDS, naming=Naming.PERMALINK)
FRAGMENTS = (
    "]]>", "<![CDATA[", "<!--", "-->", "<script>alert(1)</script>", "<b>", "</b>", "&nbsp;",
    "&amp;lt;", "&#0;", "&#x202e;", "\x00", "\x0b", "\x1b[0m", "\x85", "\ufffe", "�", "\ufeff",
    "\u202e", "\u2066", "\u200b", "שלום", "مرحبا", "😀", "👩\u200d👩\u200d👧", "𠮷", "が",
    "[x](javascript:alert(1))", "[x](//cdn.example/a b)", "[x](../up?q=日本#[1])",
    "[x](data:text/html,hi)", "[x](http://[::1)", '![x](a.png "t")', "<a href='#top'>x</a>",
    '<a href="java\nscript:x">x</a>', "<img src=x onerror=alert(1)>",
    "<video controls src=v.mp4></video>", "<iframe src=//x></iframe>",
    "<ruby>瓦<rt>かわら</rt></ruby>", "<details open><summary>s</summary>x</details>",
    "x[^1]\n\n[^1]: n", "<svg><a xlink:href=x>y</a></svg>", "<p style='x:expression(y)'>",
    "{% include x %}", "\n\n", "| a |\n|---|\n| b |", "<base href=//evil.example>",
    "<font color=red>x</font>", "<math><mi>x</mi></math>", "%zz", "http://日本.example/パス",
)  # fmt: skip
"""What has broken feeds somewhere, and what is said to."""


def write(title: str, body: str, **front: str) -> bytes:
    keys = "".join(f"{key}: {json.dumps(value)}\n" for key, value in front.items())
    text = f"---\ntitle: {json.dumps(title)}\n{keys}---\n{body}\n"
    return text.encode("utf-8", "surrogatepass")


def read(raw: bytes, name: str = "2026-01-31-a.md") -> Article | None:
    return read_bytes(raw, FileFacts(name, len(raw), 1, ""), RULES, NOW).article


def make(articles: list[Article]) -> list[FeedFile]:
    posts = compose_posts(articles, NOW)
    bodies = {
        post.post_id: Body(article.html, "") for post, article in zip(posts, articles, strict=True)
    }
    press = FeedPress(PUBLICATION, SETTINGS, Path("nowhere"), shows_future=True)
    plans = plan_feeds(select_shown(posts, press, NOW), press)
    return [file for plan in plans.values() for file in render_feed(plan, bodies)]


def find_all_faults(files: list[FeedFile]) -> list[object]:
    faults = (fault for file in files for fault in find_faults(file))
    # A date is told as it is, however a validator wonders at it.
    return [one for one in faults if getattr(one, "rule", "") != "ImplausibleDate"]


@pytest.mark.parametrize("fragment", FRAGMENTS)
def test_nothing_that_has_broken_feeds_breaks_ours(fragment: str) -> None:
    raw = write(
        f"題{fragment}名", f"本文{fragment}。\n\n{fragment}", description=f"要{fragment}約",
        author=f"書{fragment}手", tags=fragment, category=f"類{fragment}", image=f"{fragment}.png",
        audio=f"{fragment}.mp3", id=fragment,
    )  # fmt: skip
    article = read(raw)
    if article is not None:
        assert find_all_faults(make([article])) == []


TEXT = st.lists(st.one_of(st.sampled_from(FRAGMENTS), st.text(max_size=8)), max_size=6).map("".join)


@example(title="", body="]]>", other="\x7f")
@given(title=TEXT, body=TEXT, other=TEXT)
def test_no_hostile_text_makes_a_feed_that_can_be_faulted(
    title: str, body: str, other: str
) -> None:
    article = read(write(title, body, description=other, author=other, categories=other, lang="en"))
    if article is not None:
        assert find_all_faults(make([article])) == []


@pytest.mark.parametrize("date", ["1900-01-01", "1969-12-31 23:59:59 -1200", "2101-01-01"])
def test_dates_far_away_are_told_as_they_are(date: str) -> None:
    article = read(write("t", "b").replace(b"title:", f"date: {date}\ntitle:".encode()))
    assert article is not None
    files = {file.path: file for file in make([article])}
    assert find_all_faults([*files.values()]) == []
    (item,) = json.loads(files["feed.json"].content)["items"]
    assert item["date_published"].startswith(date[:4])


def test_twenty_two_posts_of_one_second_are_in_one_order_everywhere() -> None:
    at = datetime(2026, 3, 9, 3, tzinfo=UTC).isoformat(sep=" ")
    articles = [
        article
        for number in range(22)
        if (article := read(write(f"第{number}", "b", date=at), f"2026-03-09-{number}.md"))
    ]
    files = make(articles)
    assert find_all_faults(files) == []
    assert files == make(articles[::-1])
    assert len(json.loads(files[2].content)["items"]) == 22


def test_no_post_at_all_makes_feeds_that_are_empty_and_sound() -> None:
    files = make([])
    assert [file.path for file in files] == ["feed.xml", "atom.xml", "feed.json"]
    assert find_all_faults(files) == []


def test_a_post_of_a_megabyte_is_shown_by_its_summary_and_archived() -> None:
    article = read(write("大", "長い話。\n\n" * 60_000, description="短く言えば。"))
    assert article is not None
    assert len(article.html.encode()) > 1_000_000
    files = make([article])
    assert find_all_faults(files) == []
    assert all("短く言えば。" in file.content.decode() for file in files)
    assert max(len(file.content) for file in files) < 10_000


def test_entities_are_decoded_once() -> None:
    article = read(write("A &amp;amp; B", "5 &amp;lt; 6", description="x &amp;lt; y"))
    assert article is not None
    files = {file.path: file.content for file in make([article])}
    atom: Any = etree.fromstring(files["atom.xml"]).find("{*}entry")
    assert atom.findtext("{*}title") == "A ＆amp; B"
    assert atom.findtext("{*}content") == "<p>5 &amp;lt; 6</p>\n"
    (item,) = json.loads(files["feed.json"])["items"]
    assert item["title"] == "A &amp; B"
