from __future__ import annotations

import pytest

from service.content.markdown import make_absolute, read_inline, render_body
from service.errors import ContentError

URL, SITE = "https://news.test/2026/01/31/a/", "https://news.test"


def html(source: str) -> str:
    return render_body(source, URL, SITE).html


def test_emphasis_works_beside_japanese_punctuation() -> None:
    assert html("これは**「強調」**です") == "<p>これは<strong>「強調」</strong>です</p>\n"
    assert "<strong>テスト。</strong>テスト" in html("**テスト。**テスト")


@pytest.mark.parametrize(
    ("source", "address"),
    [
        ("[a](/b)", "https://news.test/b"),
        ("[a](b.html)", "https://news.test/2026/01/31/a/b.html"),
        ("[a](#top)", "https://news.test/2026/01/31/a/#top"),
        ("[a](//other.test/x)", "https://other.test/x"),
        ("[a](https://other.test/x?a=1&b=2)", "https://other.test/x?a=1&amp;b=2"),
        ("[a](mailto:x@y.test)", "mailto:x@y.test"),
        ("![a](img/あ.png)", "https://news.test/2026/01/31/a/img/%E3%81%82.png"),
        ('<a href="/raw">a</a>', "https://news.test/raw"),
        ('<img src="c.png">', "https://news.test/2026/01/31/a/c.png"),
    ],
)
def test_links_and_images_become_absolute(source: str, address: str) -> None:
    assert f'="{address}"' in html(source)


@pytest.mark.parametrize(
    "reference", ["javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "vbscript:x"]
)
@pytest.mark.parametrize("form", ["[a]({})", '<a href="{}">a</a>', "<b>x</b> [a]({})"])
def test_addresses_that_run_code_are_dropped(reference: str, form: str) -> None:
    rendered = html(form.format(reference))
    assert "<a>a</a>" in rendered
    assert "script:" not in rendered.lower()


def test_raw_html_is_sanitised() -> None:
    rendered = html('<b onclick="x()">b</b><script>y</script><style>z</style> <em>e</em>')
    assert rendered == "<p><b>b</b> <em>e</em></p>\n"


def test_an_iframe_becomes_a_link() -> None:
    assert '<a href="https://v.test/1">' in html('<iframe src="https://v.test/1"></iframe>')


def test_headings_carry_no_anchors() -> None:
    assert html("## 見出し") == "<h2>見出し</h2>\n"


def test_footnote_ids_differ_from_post_to_post() -> None:
    source = "a[^1]\n\n[^1]: note\n"
    one = render_body(source, URL, SITE)
    other = render_body(source, "https://news.test/other/", SITE)
    assert 'id="fn-1"' not in one.html
    assert one.html != other.html
    assert one.text == "a\n\nnote"


def test_a_bare_address_does_not_swallow_the_japanese_after_it() -> None:
    assert html("見よ https://x.test/a。次") == "<p>見よ https://x.test/a。次</p>\n"


def test_tables_strikethrough_and_tasks_are_rendered() -> None:
    rendered = html("|a|b|\n|-|-|\n|1|2|\n\n~~x~~\n\n- [x] y\n- [ ] z\n")
    assert "<table>" in rendered
    assert "<del>x</del>" in rendered
    assert "☑ y" in rendered
    assert "☐ z" in rendered


def test_plain_text_keeps_blocks_apart_and_entities_read() -> None:
    body = render_body("# A & B\n\none\n\n- x\n- y\n\n```\na < b\n```\n\n![alt](/i.png)", URL, SITE)
    assert body.text == "A & B\n\none\n\n- x\n- y\n\na < b\n\nalt"


def test_html_nested_beyond_reason_is_refused() -> None:
    for source in ("<div>" * 300, "> " * 600, "<b>" * 300):
        with pytest.raises(ContentError) as caught:
            render_body(source, URL, SITE)
        assert caught.value.code == "too_deep"


def test_an_inline_source_becomes_one_plain_line() -> None:
    assert read_inline("## **Bold** `code` <em>x</em> &amp; [l](/x)\n y") == "Bold code x & l y"


@pytest.mark.parametrize("reference", ["http://[broken", "javascript:x", ""])
def test_what_is_no_address_becomes_nothing(reference: str) -> None:
    assert make_absolute(reference, URL) == ""
