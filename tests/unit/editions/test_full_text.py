from __future__ import annotations

import re

import pytest

from service.editions.fit import HTML_BUDGET, fit_story
from service.editions.full_text import FullText, cut_story, read_story
from service.editions.mail_markup import Wording
from service.editions.markup import read_beginning, write_markup
from service.model.edition import Rendered
from service.model.message import UNSUBSCRIBE_MARK

WORDING = Wording(
    url="https://kawaberi.example/p/?a=1&b=2",
    title="橋の 朝市",
    see_there="See it on the site",
    picture="Picture: 橋の 朝市",
)
THERE = '<a href="https://kawaberi.example/p/?a=1&amp;b=2">▶ See it on the site</a>'
PLENTY = 1_000_000


def lay(html: str) -> FullText:
    return cut_story(read_story(html, WORDING), PLENTY)


@pytest.mark.parametrize(
    ("stored", "mailed"),
    [
        pytest.param("<p>a &lt;b&gt; &amp; c</p>", "<p>a &lt;b&gt; &amp; c</p>", id="text"),
        pytest.param("bare <em>words</em>", "<p>bare <em>words</em></p>", id="loose words"),
        pytest.param(
            "<div><p>a</p>b<section><p>c</p></section></div>",
            "<p>a</p>\n<p>b</p>\n<p>c</p>",
            id="boxes",
        ),
        pytest.param("<p>雨の\n朝</p>", "<p>雨の朝</p>", id="a break between Japanese letters"),
        pytest.param("<p>two\nwords</p>", "<p>two\nwords</p>", id="a break between words"),
        pytest.param("<p> </p><h2> </h2><blockquote></blockquote>", "", id="nothing at all"),
        pytest.param("<p>a<br>b</p><hr />", "<p>a<br>b</p>\n<hr>", id="breaks"),
        pytest.param(
            "<p><b>a</b><i>b</i><mark>c</mark><kbd>d</kbd><del>e</del><abbr>f</abbr></p>",
            "<p><strong>a</strong><em>b</em><strong>c</strong><code>d</code><s>e</s>f</p>",
            id="plainer names",
        ),
        pytest.param("<p><q>a</q></p>", "<p>“a”</p>", id="short quotation"),
        pytest.param(
            "<h1>a</h1><h3>b</h3><h2>c</h2><h2>d</h2><h1>e</h1>",
            "<h3>a</h3>\n<h4>b</h4>\n<h4>c</h4>\n<h4>d</h4>\n<h3>e</h3>",
            id="headings below the title, none skipped",
        ),
        pytest.param("<h4>a</h4><h2>b</h2>", "<h3>a</h3>\n<h3>b</h3>", id="a deep heading first"),
        pytest.param(
            "<h1>橋の\n朝市</h1><h2>a</h2>", "<h3>a</h3>", id="the title that was said already"
        ),
        pytest.param("<p>a</p><h2>橋の 朝市</h2>", "<p>a</p>\n<h3>橋の 朝市</h3>", id="not first"),
        pytest.param(
            '<p><a href="https://a.example/?x=1&amp;y=%22">a</a> <a href="tel:1">b</a></p>',
            '<p><a href="https://a.example/?x=1&amp;y=%22">a</a> <a href="tel:1">b</a></p>',
            id="links",
        ),
        pytest.param(
            '<p><a href="#part">a</a> <a href="javascript:b()">b</a> <a>c</a></p>',
            "<p>a b c</p>",
            id="links that lead nowhere in a mail",
        ),
        pytest.param(
            '<p>a<sup><a href="#fn-1f-1" id="fnref-1f-1">1</a></sup></p><section><ol>'
            '<li id="fn-1f-1"><p>b <a href="#fnref-1f-1">↩<sup>2</sup></a></p></li></ol></section>',
            "<p>a<sup>1</sup></p>\n<hr>\n<ol><li><p>b </p></li></ol>",
            id="footnotes",
        ),
        pytest.param(
            "<p><ruby>瓦版<rt>かわらばん</rt></ruby></p>",
            "<p><ruby>瓦版<rp>（</rp><rt>かわらばん</rt><rp>）</rp></ruby></p>",
            id="ruby",
        ),
        pytest.param(
            '<p dir="rtl" lang="ar" title="x">a <span lang="en-GB" style="y">b</span></p>',
            '<p lang="ar" dir="rtl">a <span lang="en-GB">b</span></p>',
            id="languages",
        ),
        pytest.param(
            '<div lang="he" dir="rtl"><p>a</p></div><p lang="&quot;">b</p>',
            '<div lang="he" dir="rtl"><p>a</p></div>\n<p>b</p>',
            id="a box of another language",
        ),
        pytest.param(
            '<pre><code class="language-py">\na &lt; b<br>  c\n</code></pre>',
            "<pre>\na &lt; b\n  c</pre>",
            id="code",
        ),
        pytest.param(
            '<ol start="3"><li value="7">a</li><li>b<ul><li>c</li></ul></li></ol>',
            '<ol start="3"><li value="7">a</li><li>b<ul><li>c</li></ul></li></ol>',
            id="lists",
        ),
        pytest.param(
            "<details><summary>a</summary><p>b</p></details>",
            "<p><strong>a</strong></p>\n<p>b</p>",
            id="details unfolded",
        ),
        pytest.param(
            '<table><caption>a</caption><colgroup><col></colgroup><tr><th align="right">b</th>'
            '<td colspan="2" width="900">c</td></tr></table>',
            '<p class="caption">a</p>\n<div class="table" tabindex="0"><table>'
            '<tr><th align="right">b</th><td colspan="2">c</td></tr></table></div>',
            id="tables",
        ),
        pytest.param('<video src="/v.mp4"></video>', f"<p>{THERE}</p>", id="video"),
        pytest.param('<p>a <audio src="/v.ogg">b</audio></p>', f"<p>a {THERE}</p>", id="audio"),
        pytest.param(
            '<iframe src="https://x.example"></iframe><form><input name="a"></form><svg></svg>',
            f"<p>{THERE}{THERE}{THERE}</p>",
            id="frames, forms and drawings",
        ),
        pytest.param(
            "<script>a()</script><style>b{}</style><p onclick='c()' style='d'>e</p><!-- f -->",
            "<p>e</p>",
            id="what runs",
        ),
    ],
)
def test_what_mail_programs_lack_is_said_otherwise(stored: str, mailed: str) -> None:
    assert lay(stored).html == mailed


@pytest.mark.parametrize(
    ("stored", "mailed"),
    [
        ('src="https://a.example/p.jpg" alt="橋"', 'alt="橋" width="560" class="wide"'),
        ('src="https://a.example/p.jpg"', 'alt="Picture: 橋の 朝市" width="560" class="wide"'),
        ('src="https://a.example/p.jpg" title="橋" width="300"', 'alt="橋" width="300"'),
        (
            'src="https://a.example/p.jpg" alt="橋" width="1120px" height="600"',
            'alt="橋" width="560" height="300"',
        ),
        (
            'src="https://a.example/p.jpg" alt="橋" width="600" height="9000"',
            'alt="橋" width="560"',
        ),
    ],
)
def test_a_picture_is_no_wider_than_the_mail_and_has_words(stored: str, mailed: str) -> None:
    assert lay(f"<p><img {stored}></p>").html == (
        f'<p><img src="https://a.example/p.jpg" {mailed}></p>'
    )


@pytest.mark.parametrize(
    ("stored", "mailed"),
    [
        ('<img src="https://a.example/p.gif" width="1" height="1">', ""),
        ('<img src="https://a.example/p.gif" width="0">', ""),
        ('<img src="data:image/png;base64,AA" alt="">', ""),
        (
            '<img src="https://a.example/plan.svg?v=2" alt="plan">',
            f"<p>{THERE.replace('▶ See it on the site', 'plan')}</p>",
        ),
        (
            '<a href="https://b.example"><img src="https://a.example/plan.svg" alt="plan"></a>',
            '<p><a href="https://b.example">plan</a></p>',
        ),
        (
            '<p>a <img src="https://a.example/smile.png" alt=""> b</p>',
            '<p>a <img src="https://a.example/smile.png" alt=""> b</p>',
        ),
    ],
)
def test_a_picture_that_counts_readers_or_shows_nothing_is_left_out(
    stored: str, mailed: str
) -> None:
    assert lay(stored).html == mailed


@pytest.mark.parametrize(
    ("stored", "lines"),
    [
        ("<h2>a</h2><h3>b</h3><p>c<br>d</p>", "■ a\n\n□ b\n\nc\nd"),
        ("<p>" + "あ" * 40 + "</p>", "あ" * 36 + "\n" + "あ" * 4),
        (
            '<a href="https://a.example/">x</a> <a href="https://b.example/">y</a> and again x',
            "x [1] y [2] and again x\n\n[1] https://a.example/\n[2] https://b.example/",
        ),
        (
            '<p><a href="https://a.example/">x</a>, <a href="https://a.example/">y</a></p>',
            "x [1], y [1]\n\n[1] https://a.example/",
        ),
        ('<p><a href="https://a.example/">https://a.example/</a></p>', "https://a.example/"),
        ('<p><a href="mailto:a@b.example">a@b.example</a></p>', "a@b.example"),
        ("<pre><code>def f():\n    return 1\n</code></pre>", "    def f():\n        return 1"),
        ("<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>", "- a\n  - b\n- c"),
        ('<ol start="9"><li><p>a</p><p>b</p></li><li>c</li></ol>', "9. a\n\n   b\n10. c"),
        ("<blockquote><p>a</p><p>b</p></blockquote>", "> a\n>\n> b"),
        ("<table><tr><th>a</th><td>b\nc</td></tr></table>", "a | b c"),
        ("<dl><dt>a</dt><dd>b</dd></dl>", "a\n  b"),
        ("<p>a<sup>1</sup> m<sup>er</sup> <s>b</s></p><hr>", "a^1 mer ~~b~~\n\n* * *"),
        ("<p><ruby>瓦版<rt>かわらばん</rt></ruby></p>", "瓦版（かわらばん）"),
        ('<p><img src="https://a.example/p.jpg" alt="橋"></p>', "橋"),
    ],
)
def test_the_text_part_says_all_of_it_in_lines(stored: str, lines: str) -> None:
    assert lay(stored).text == lines


def test_no_mark_of_ours_stands_in_either_part_however_it_is_written() -> None:
    opening = UNSUBSCRIBE_MARK.partition(":")[0] + ":"
    full = lay(
        f'<p>{UNSUBSCRIBE_MARK} <a href="https://a.example/{UNSUBSCRIBE_MARK}">b</a> '
        f'@@<em>kawaraban:</em> @@<span>kawaraban:x</span> <img alt="{UNSUBSCRIBE_MARK}" '
        f'src="https://a.example/{UNSUBSCRIBE_MARK}"></p>'
    )
    assert opening not in (full.html + full.text).lower()


@pytest.mark.parametrize("room", range(0, 420, 20))
def test_a_text_too_long_ends_with_a_whole_piece_and_closes_what_is_open(room: int) -> None:
    story = read_story(
        "<h2>a</h2><p>one paragraph</p><h2>b</h2><ul><li>first</li><li>second</li></ul>"
        "<h2>c</h2><blockquote><p>said</p><p>more</p></blockquote>"
        "<table><tbody><tr><td>x</td></tr><tr><td>y</td></tr></tbody></table><p>the end</p>",
        WORDING,
    )
    full = cut_story(story, room)
    assert len(full.html.encode()) <= room
    assert full.is_whole == ("the end" in full.html)
    assert not full.html.endswith(("</h3>", "<ul></ul>"))
    opened = re.findall(r"<([a-z0-9]+)[^>]*>", full.html)
    assert sorted(opened) == sorted(re.findall(r"</([a-z0-9]+)>", full.html))
    for words in ("one paragraph", "second", "more", "the end"):
        assert (words in full.html) == (words in full.text)


def test_of_a_body_beyond_reason_only_the_beginning_is_looked_at() -> None:
    nodes, is_whole = read_beginning("<div><p>a</p><p>b <em>c</em> d</p></div>", 24)
    assert not is_whole
    assert write_markup(nodes) == "<div><p>a</p></div>"
    full = cut_story(read_story("<p>一段落。</p>" * 30_000, WORDING), HTML_BUDGET)
    assert not full.is_whole
    assert len(full.html.encode()) > HTML_BUDGET * 0.99


def test_elements_without_end_are_read_all_the_same() -> None:
    assert lay("<div>" * 2_000 + "a" + "</div>" * 2_000).html == "<p>a</p>"
    assert lay("<ul><li>a<p>b</p></ul></em><p>c").html == ("<ul><li>a<p>b</p></li></ul>\n<p>c</p>")


@pytest.mark.parametrize("budget", [400, 1_000, 5_000])
def test_a_mail_holds_as_much_of_the_text_as_there_is_room_for(budget: int) -> None:
    story = read_story("<p>一つの段落。</p>" * 200, WORDING)

    def render(full: FullText) -> Rendered:
        styled = full.html.replace("<p>", '<p style="margin:0 0 18px">')
        return Rendered("", "", f"{'x' * 300}{styled}", full.text)

    rendered = fit_story(story, render, budget=budget)
    assert budget - 120 < len(rendered.html.encode()) <= budget


def test_a_first_paragraph_that_is_too_long_leaves_the_mail_without_a_text() -> None:
    told: list[str] = []

    def render(full: FullText) -> Rendered:
        told.append(full.html)
        return Rendered("", "", full.html or "summary", "")

    story = read_story(f"<p>{'あ' * 300}</p>", WORDING)
    assert fit_story(story, render, budget=500).html == "summary"
    assert told == [""]
