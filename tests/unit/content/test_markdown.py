from __future__ import annotations

import pytest

from service.content.body.markdown import make_absolute, read_inline, read_text, render_body
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
        ("[a](../b/)", "https://news.test/2026/01/31/b/"),
        ("[a](#top)", "https://news.test/2026/01/31/a/#top"),
        ("[a](?page=2)", "https://news.test/2026/01/31/a/?page=2"),
        ("[a](//other.test/x)", "https://other.test/x"),
        ("[a](https://other.test/x?a=1&b=2)", "https://other.test/x?a=1&amp;b=2"),
        ("[a](mailto:x@y.test)", "mailto:x@y.test"),
        ("[a](tel:+81-3)", "tel:+81-3"),
        ("![a](img/あ.png)", "https://news.test/2026/01/31/a/img/%E3%81%82.png"),
        ("[a](</b c.pdf>)", "https://news.test/b%20c.pdf"),
        ("[a](/%E3%81%82%zz)", "https://news.test/%E3%81%82%25zz"),
        (
            "[a](https://例え.test/あ?い#う)",
            "https://xn--r8jz45g.test/%E3%81%82?%E3%81%84#%E3%81%86",
        ),
        ('<a href="/raw あ">a</a>', "https://news.test/raw%20%E3%81%82"),
        ('<img src="c.png">', "https://news.test/2026/01/31/a/c.png"),
        ('<video src="v.mp4"></video>', "https://news.test/2026/01/31/a/v.mp4"),
    ],
)
def test_links_and_images_become_absolute(source: str, address: str) -> None:
    assert f'="{address}"' in html(source)


def test_links_below_a_base_resolve_as_a_browser_resolves_them() -> None:
    body = render_body("[a](x) [b](/x)", "https://host.test/blog/a/", "https://host.test/blog")
    assert 'href="https://host.test/blog/a/x"' in body.html
    assert 'href="https://host.test/x"' in body.html


@pytest.mark.parametrize(
    "reference",
    [
        "javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "vbscript:x",
        "java&#x73;cript:x", "jav&#x09;ascript:x", "&#14;javascript:x", "ftp://x.test/",
    ],
)  # fmt: skip
@pytest.mark.parametrize("form", ["[a]({})", '<a href="{}">a</a>', "<b>x</b> [a](<{}>)"])
def test_addresses_that_run_code_are_dropped(reference: str, form: str) -> None:
    rendered = html(form.format(reference))
    assert "<a>a</a>" in rendered
    assert "script:" not in rendered.lower()


@pytest.mark.parametrize(
    ("source", "result"),
    [
        ('<b onclick="x()" style="y">b</b><script>y</script><style>z</style> <em>e</em>',
         "<p><b>b</b> <em>e</em></p>"),
        ("a <svg><text>t</text></svg> <select><option>o</select><button>p</button>", "<p>a  </p>"),
        ("<form action=/x><input name=q>kept</form>", "kept"),
        ('<object data="a.swf"><em>kept</em></object><embed src=x>', "<p><em>kept</em></p>"),
        ("<table><tr><td>a<tr><td>b</table>",
         "<table><tbody><tr><td>a</td></tr><tr><td>b</td></tr></tbody></table>"),
        ("<p>open <b>bold", "<p>open <b>bold\n</b></p>"),
        ('<h2 id="h" class="c">H</h2><a id="x" name="y">a</a>', "<h2>H</h2><a>a</a>"),
        ("![a](data:image/png;base64,x) b", "<p>a b</p>"),
        ("a&#1;b&#xFFFE;c&#xD800;", "<p>abc\ufffd</p>"),
        ('<div lang="ar" dir="rtl">x</div>', '<div lang="ar" dir="rtl">x</div>'),
    ],
)  # fmt: skip
def test_raw_html_is_sanitised(source: str, result: str) -> None:
    assert html(source).strip() == result


def test_details_keep_the_markdown_in_them() -> None:
    rendered = html("<details><summary>S</summary>\n\ninner **md**\n\n</details>")
    assert "<summary>S</summary>" in rendered
    assert "<strong>md</strong>" in rendered


@pytest.mark.parametrize(
    ("source", "address"),
    [
        ('<iframe src="https://v.test/1"></iframe>', "https://v.test/1"),
        ('<iframe src="//www.youtube.com/embed/a-1?x=1">', "https://www.youtube.com/watch?v=a-1"),
        ("<iframe src='https://player.vimeo.com/video/12'>", "https://vimeo.com/12"),
        ("<iframe src=/map.html></iframe>", "https://news.test/map.html"),
        ('<iframe src="https://v.test/" srcdoc="<b>x">fallback</iframe>', "https://v.test/"),
    ],
)
def test_an_iframe_becomes_a_link(source: str, address: str) -> None:
    assert f'<a href="{address}">' in html(source)


def test_an_iframe_in_code_stays_a_sample() -> None:
    assert html("`<iframe src=x>`") == "<p><code>&lt;iframe src=x&gt;</code></p>\n"


@pytest.mark.parametrize(
    "source",
    [
        '<img src="data:image/gif;base64,R0" data-src="/p.png" alt="A">',
        '<img class="lazy" src="/blank.gif" data-original="/p.png" alt="A" loading="lazy">',
        '<img alt="A" srcset="/p.png 1x, /q.png 2x">',
        '<img data-src="/p.png" alt="A"><noscript><img src="/p.png"></noscript>',
        '<noscript><img src="/p.png" alt="A"></noscript>',
    ],
)
def test_lazy_pictures_are_shown_once(source: str) -> None:
    assert html(source).strip() in (
        '<p><img src="https://news.test/p.png" alt="A"></p>',
        '<img src="https://news.test/p.png" alt="A">',
    )


def test_of_a_picture_in_several_formats_the_plain_one_stays() -> None:
    source = '<picture><source srcset="a.webp" type="image/webp"><img src="/a.png"></picture>'
    assert html(source) == '<p><picture><img src="https://news.test/a.png"></picture></p>\n'


def test_headings_carry_no_anchors() -> None:
    assert html("## 見出し") == "<h2>見出し</h2>\n"


def test_footnote_ids_differ_from_post_to_post() -> None:
    source = "a[^1]\n\n[^1]: note\n"
    one = render_body(source, URL, SITE)
    other = render_body(source, "https://news.test/other/", SITE)
    assert 'id="fn-1"' not in one.html
    assert one.html != other.html
    assert one.text == "a\n\nnote"


def test_what_an_author_names_like_a_footnote_collides_with_nothing() -> None:
    one = render_body('<a id="fn-1">a</a>', URL, SITE)
    other = render_body('<a id="fn-1">a</a>', "https://news.test/other/", SITE)
    assert one.html != other.html
    assert 'id="fn-1"' in render_body('<b>x</b> `id="fn-1"`\n\na[^1]\n\n[^1]: n', URL, SITE).html


@pytest.mark.parametrize(
    ("source", "address", "after"),
    [
        ("見よhttps://x.test/a。次", "https://x.test/a", "。次"),
        ("https://x.test/a、次", "https://x.test/a", "、次"),
        ("「https://x.test/a」と", "https://x.test/a", "」と"),
        ("（https://x.test/a）と", "https://x.test/a", "）と"),
        ("https://x.testへ", "https://x.test", "へ"),
        ("https://x.test/あ", "https://x.test/", "あ"),
        ("(https://x.test/a)", "https://x.test/a", ")"),
        ("https://x.test/a_(b)", "https://x.test/a_(b)", ""),
        ("https://x.test/a?b=1&c=2.", "https://x.test/a?b=1&amp;c=2", "."),
        ("http://x.test:8080/a!?", "http://x.test:8080/a", "!?"),
        ("**https://x.test/a**", "https://x.test/a", "</strong>"),
        ("https://x.test/Käse!", "https://x.test/Käse", "!"),
    ],
)
def test_a_bare_address_becomes_a_link_that_ends_where_it_ends(
    source: str, address: str, after: str
) -> None:
    href = address.replace("ä", "%C3%A4")
    assert f'<a href="{href}">{address}</a>{after}' in html(source)


@pytest.mark.parametrize(
    "source",
    [
        "`https://x.test/`",
        "    https://x.test/",
        "<pre>https://x.test/</pre>",
        '<b title="see https://x.test/">b</b>',
        "https://日本.test/",
        "https://localhost/",
        "https://münchen.test/",
    ],
)
def test_what_is_code_or_no_address_stays_text(source: str) -> None:
    assert "<a" not in html(source)


def test_a_link_is_not_linked_again() -> None:
    assert html("[https://x.test/](https://y.test/)").count("<a ") == 1
    assert html("<https://x.test/>").count("<a ") == 1


def test_a_diagram_stays_code_with_a_link_to_the_page_that_draws_it() -> None:
    rendered = html("```mermaid\ngraph TD; A-->B\n```")
    assert '<code class="language-mermaid">graph TD; A--&gt;B\n</code></pre>' in rendered
    assert f'<a href="{URL}">{URL}</a>' in rendered


def test_definition_lists_are_lists() -> None:
    assert "<dd>one</dd>" in html("Term\n: one\n: two\n")
    assert "<dl>" not in html("a: b\n")


def test_tables_strikethrough_and_tasks_are_rendered() -> None:
    rendered = html("|a|b|\n|-|-|\n|1|2|\n\n~~x~~\n\n- [x] y\n- [ ] z\n")
    assert "<table>" in rendered
    assert "<del>x</del>" in rendered
    assert "☑ y" in rendered
    assert "☐ z" in rendered


def test_plain_text_keeps_blocks_apart_and_entities_read() -> None:
    body = render_body("# A & B\n\none\n\n- x\n- y\n\n```\na < b\n```\n\n![alt](/i.png)", URL, SITE)
    assert body.text == "A & B\n\none\n\n- x\n- y\n\na < b\n\nalt"


def test_plain_text_parts_blocks_and_tells_pictures() -> None:
    told = read_text('<p><img src="a" alt="一枚" /></p><hr /><ul><li>b</li></ul><figcaption>c')
    assert told == "一枚\n- b\nc"


def test_tags_written_inside_an_attribute_are_no_blocks() -> None:
    assert read_text('<p><a title="</p><li>">x</a> y</p>') == "x y"


def test_plain_text_keeps_line_breaks_and_readings() -> None:
    assert read_text("<p>a<br>b<br />\nc</p>") == "a\nb\nc"
    assert (
        read_text("<ruby>瓦版<rp>(</rp><rt>かわらばん</rt><rp>)</rp></ruby>")
        == "瓦版（かわらばん）"
    )


def test_a_renderer_that_panics_refuses_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    class PanicException(BaseException):
        pass

    def panic(*_given: object) -> str:
        raise PanicException

    monkeypatch.setattr("service.content.body.markdown.render_markdown", panic)
    with pytest.raises(ContentError) as caught:
        html("anything")
    assert caught.value.code == "markdown"


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
