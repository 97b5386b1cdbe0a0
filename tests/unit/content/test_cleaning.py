from __future__ import annotations

import pytest

from service.content.cleaning import clean_source, clean_text, may_need_cleaning

SITE = "https://host.test/blog"


def clean(source: str) -> str:
    return clean_source(source, SITE).source


@pytest.mark.parametrize(
    "bad", ["\x00", "\x0b", "\x0c", "\x1c", "\ufffe", "\uffff", "\ufdd0", "\U0001ffff"]
)
def test_characters_xml_forbids_are_dropped(bad: str) -> None:
    assert clean_text(f"a{bad}b") == "ab"
    assert may_need_cleaning(f"a{bad}b".encode())


def test_lone_surrogates_are_dropped() -> None:
    assert clean_text("a\ud800b") == "ab"


def test_everything_else_stays() -> None:
    text = "tab\tline\ncr\r\ufffd 絵文字👩‍💻 \u0085"
    assert clean_text(text) == text
    assert not may_need_cleaning("日本語\t\r\n".encode())


def test_end_markers_go_and_what_follows_stays() -> None:
    cleaned = clean_source("one\n\n---END---\n\ntwo ---END---\n---END--- three\n", SITE)
    assert cleaned.source == "one\n\n\n\ntwo \n three\n"
    assert (cleaned.markers, cleaned.marker_line) == (3, 3)


def test_a_marker_in_the_middle_of_a_line_is_left() -> None:
    assert clean("the mark 「---END---」 itself") == "the mark 「---END---」 itself"


def test_liquid_is_dropped_and_counted_never_run() -> None:
    cleaned = clean_source("a {% include ads.html %} b {{ page.secret }} c", SITE)
    assert cleaned.source == "a  b  c"
    assert cleaned.dropped == {"include": 1, "page": 1}


@pytest.mark.parametrize(
    ("source", "result"),
    [
        ("[a]({{ site.baseurl }}/x)", "[a](/blog/x)"),
        ("[a]({{ site.url }}{{ site.baseurl }}/x)", "[a](https://host.test/blog/x)"),
        ("[a]({{ '/x' | relative_url }})", "[a](/blog/x)"),
        ("{% raw %}{{ x }}{% endraw %}", "{{ x }}"),
        ("{% highlight ruby %}\nputs 1\n{% endhighlight %}", "\n```ruby\nputs 1\n\n```\n"),
        ('{{< figure src="/i.png" alt="A" >}}', "![A](/i.png)"),
        ("{{< youtube w7Ft2ymGmfc >}}", "<https://www.youtube.com/watch?v=w7Ft2ymGmfc>"),
        ("{{% note %}}inner{{% /note %}}", "inner"),
        ("para\n{: .lead}\n[l](/x){: .cta-link} z", "para\n\n[l](/x) z"),
        ("* TOC\n{:toc}\ntext", "\ntext"),
        ("## Title {#id}", "## Title"),
        ("a <!-- hidden --> b", "a  b"),
        ("a <!-- never closed", "a <!-- never closed"),
        ("{{ open", "{{ open"),
    ],
)
def test_the_generators_marks_are_taken_out(source: str, result: str) -> None:
    assert clean(source) == result


@pytest.mark.parametrize(
    "source",
    [
        "```\n{{ x }} <!-- c -->\n{: .x}\n```\n",
        "~~~~ html\n{{ x }}\n```\n~~~~\n",
        "use `{{ x }}` here",
        "```\nleft open {{ x }}",
    ],
)
def test_code_keeps_its_text(source: str) -> None:
    assert clean(source) == source
