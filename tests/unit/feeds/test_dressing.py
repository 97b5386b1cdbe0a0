from __future__ import annotations

from dataclasses import replace

import pytest

from service.feeds.dressing import dress_html
from service.feeds.plain import write_plain
from service.model.post import Image, Post


@pytest.mark.parametrize(
    ("html", "shown"),
    [
        ('<p><a href="#fn-1">1</a></p>', '<p><a href="{url}#fn-1">1</a></p>'),
        (
            '<pre>&lt;a href=&quot;#x&quot;&gt; href="#y"</pre>',
            '<pre>&lt;a href=&quot;#x&quot;&gt; href="#y"</pre>',
        ),
        (
            "<ruby>瓦<rp>(</rp><rt>かわら</rt><rp>)</rp></ruby>",
            "瓦（かわら）",
        ),
        ("<ruby>瓦<rt>かわら</rt></ruby>", "瓦（かわら）"),
        (
            '<video src="https://a.example/v%20w.mp4" controls="" poster="/p.png">old</video>',
            '<img src="/p.png" alt=""><br><a href="https://a.example/v%20w.mp4">▶ v w.mp4</a>',
        ),
        (
            '<audio controls=""><source src="https://a.example/a.ogg" type="audio/ogg"></audio>',
            '<a href="https://a.example/a.ogg">▶ a.ogg</a>',
        ),
        (
            "<details><summary>more</summary><mark>x</mark></details>",
            "<div><div><strong>more</strong></div><strong>x</strong></div>",
        ),
        (
            '<picture><source src="/a.avif"><img src="/a.png"></picture>',
            '<img src="/a.png">',
        ),
        ('<bdo dir="rtl" lang="he">x</bdo><bdi>y</bdi>', '<span dir="rtl">x</span><span>y</span>'),
        (
            "<figure><figcaption><p>a</p></figcaption></figure>a<wbr>b",
            "<figure><div><p>a</p></div></figure>ab",
        ),
        ("a\ufffdb", "a&#xFFFD;b"),
        ("", ""),
    ],
)
def test_a_body_is_said_in_what_readers_let_through(post: Post, html: str, shown: str) -> None:
    assert dress_html(html, post, "ja") == shown.replace("{url}", post.url)


def test_the_picture_leads_unless_the_body_shows_it(post: Post) -> None:
    pictured = replace(post, image=Image("https://a.example/i.png?a=1&b=2", "image/png"))
    lead = '<p><img src="https://a.example/i.png?a=1&amp;b=2" alt=""></p>\n<p>x</p>'
    assert dress_html("<p>x</p>", pictured, "ja") == lead
    assert dress_html(lead, pictured, "ja") == lead


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("火消しの<八番> & 3 < 48", "火消しの<八番> & 3 < 48"),
        ("How <b>bold</b> is it", "How ‹b›bold‹/b› is it"),
        ("Result<T> and Vec<", "Result‹T› and Vec<"),
        ("a <!-- b", "a ‹!-- b"),
        ("&nbsp; and &#8203; and &amp", "＆nbsp; and ＆#8203; and ＆amp"),
        ("AT&T, Q&A and R&Dの未来", "AT&T, Q&A and R&Dの未来"),
        ("S&P500種, 1&2 and &ampと", "S＆P500種, 1＆2 and ＆ampと"),
        ("内製化の可\ufffd", "内製化の可…"),
        (" two\nlines\t", "two lines"),
    ],
)
def test_a_title_reads_the_same_as_text_and_as_html(written: str, plain: str) -> None:
    assert write_plain(written) == plain
