from __future__ import annotations

import re
from pathlib import Path

import pytest

from service.editions.public import Frame, extract_story, show_publicly
from service.model.message import PREFERENCES_MARK, UNSUBSCRIBE_MARK

URL = "https://mail.kawaberi.example/editions/weekly/2025-10-20-weekly"
FRAME = Frame("[head]", "[top]", "<p>[links]</p>", URL, "/editions/weekly/")


def wrap(body: str) -> str:
    return f"<!DOCTYPE html><html><head><title>t</title></head><body>{body}</body></html>"


@pytest.mark.parametrize("name", ["digest-ja", "digest-en", "single-ja", "single-en"])
def test_a_mail_of_ours_is_shown_without_what_is_its_readers_own(golden: Path, name: str) -> None:
    mail = (golden / f"{name}.html").read_text(encoding="utf-8")
    assert UNSUBSCRIBE_MARK in mail
    assert URL in mail
    shown = show_publicly(mail, FRAME)
    assert "@@" not in shown
    assert URL not in shown
    assert 'class="yours"' not in shown
    assert not re.search('href=""|<a>|<!--|contentinfo', shown)
    assert shown.count("[links]") == 1
    assert shown.index("[head]") < shown.index("<body") < shown.index("[top]")
    kept = re.sub("<[^>]*>", "", mail.partition('class="foot')[2])
    assert kept.split()[-1] in shown


@pytest.mark.parametrize(
    ("own", "shown"),
    [
        (f'<p>Bye: <a href="{UNSUBSCRIBE_MARK}">go</a></p><p>b</p>', "<p>[links]</p><p>b</p>"),
        (f'<p>x <b><a href="{UNSUBSCRIBE_MARK}">go</a></b></p>', "<p>[links]</p>"),
        (f'<td>a <a href="{UNSUBSCRIBE_MARK}">go</a> b</td>', "<td>a <p>[links]</p> b</td>"),
        (f'<p><a href="{PREFERENCES_MARK}">go</a></p><p>b</p>', "<p>b</p>"),
        (f"<p>see {UNSUBSCRIBE_MARK}</p>", "<p>see /editions/weekly/</p>"),
        (f'<p>a <a href="{URL}">here</a></p>', "<p>a </p>"),
        ("<p>a<script>b()</script></p>", "<p>a</p>"),
        ('<p>a<meta http-equiv="Refresh" content="0;url=/"></p>', "<p>a</p>"),
        ("<p>a<!-- [if mso]><b>no</b><![endif] --></p>", "<p>a</p>"),
        ("<p>&lt;b&gt; A&T &amp; c&nbsp;</p>", "<p>&lt;b&gt; A&amp;T &amp; c\xa0</p>"),
        ("<p>a<br>b<p>c", "<p>a<br>b<p>c"),
    ],
)  # fmt: skip
def test_a_template_of_somebody_elses_loses_its_personal_links_too(own: str, shown: str) -> None:
    html = show_publicly(wrap(own), FRAME)
    assert html.partition("[top]")[2] == f"<main>{shown}</main></body></html>"


def test_a_title_that_looks_like_markup_stays_text() -> None:
    html = show_publicly(wrap("").replace("<title>t", "<title>&lt;/title>&lt;script>"), FRAME)
    assert "<title>&lt;/title&gt;&lt;script&gt;</title>" in html


def test_a_story_for_feeds_is_the_posts_and_nothing_around_them(golden: Path) -> None:
    mail = (golden / "digest-ja.html").read_text(encoding="utf-8")
    story = extract_story(mail, URL)
    assert "川の水位を毎朝はかる人" in story
    assert "秋祭りの準備が始まりました" in story
    for absent in ("style=", "class=", "@@", URL, "東京都墨田区", "2025年10月20日"):
        assert absent not in story


def test_a_story_leaves_no_mark_and_no_script_of_somebody_elses_template() -> None:
    own = f'<div onclick="x()">a <a href="{PREFERENCES_MARK}">b</a> {UNSUBSCRIBE_MARK}</div>'
    assert extract_story(wrap(f"{own}<script>y()</script>"), "") == "<div>a  </div>"
