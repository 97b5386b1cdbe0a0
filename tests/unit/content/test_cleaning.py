from __future__ import annotations

import pytest

from service.content.body.cleaning import (
    Addresses,
    clean_source,
    clean_text,
    drop_invisible,
    has_controls,
    may_hold_non_characters,
    split_more,
)

ADDRESSES = Addresses(
    "https://host.test/blog",
    lambda name: f"https://host.test/blog/{name}/" if name.startswith("2026") else None,
    lambda path: f"https://host.test/blog/{path}/" if "/" in path else None,
)


def clean(source: str) -> str:
    return clean_source(source, ADDRESSES).source


def list_dropped(source: str) -> list[tuple[str, str, int | None]]:
    found = clean_source(source, ADDRESSES).dropped.list_findings(1)
    return [(one.rule, one.message.partition(": ")[2], one.line) for one in found]


@pytest.mark.parametrize(
    "bad", ["\x00", "\x0b", "\x0c", "\x1c", "\ufffe", "\uffff", "\ufdd0", "\U0001ffff"]
)
def test_characters_xml_forbids_are_dropped(bad: str) -> None:
    assert clean_text(f"a{bad}b") == "ab"
    text = f"a{bad}b"
    assert has_controls(text.encode()) or may_hold_non_characters(text.encode(), text)


def test_lone_surrogates_are_dropped() -> None:
    assert clean_text("a\ud800b") == "ab"


def test_everything_else_stays() -> None:
    text = "tab\tline\ncr\r\ufffd 絵文字👩‍💻 \u0085"
    assert clean_text(text) == text
    plain = "日本語\t\r\n"
    assert not has_controls(plain.encode())
    assert not may_hold_non_characters(plain.encode(), plain)


def test_overrides_of_direction_go_and_joiners_stay() -> None:
    assert drop_invisible("a\u202eb\u200bc\ufeff👩\u200d💻\u200f") == "abc👩\u200d💻\u200f"


def test_end_markers_go_and_what_follows_stays() -> None:
    source = "one\n\n---END---\n\ntwo ---END---\n---END--- three\n"
    cleaned = clean_source(source, ADDRESSES)
    assert cleaned.source == "one\n\n\n\ntwo \n three\n"
    assert (cleaned.markers, cleaned.marker_line) == (3, 3)


def test_a_marker_in_the_middle_of_a_line_or_in_code_is_left() -> None:
    for source in ("the mark 「---END---」 itself", "```\n---END---\n```\n"):
        assert clean(source) == source


@pytest.mark.parametrize(
    ("source", "separator", "before"),
    [
        ("a\n<!--more-->\nb", "", "a\n"),
        ("a <!-- more --> b", "", "a "),
        ("a <!--more Read on--> b", "", "a "),
        ("a {/* truncate */} b", "", "a "),
        ("a\n---8<---\nb <!--more-->", "---8<---", "a\n"),
        ("a <!-- moreover --> b", "", None),
        ("nothing", "---8<---", None),
    ],
)
def test_what_stands_before_the_more_marker_is_told_apart(
    source: str, separator: str, before: str | None
) -> None:
    assert split_more(source, separator) == before


JEKYLL = [
    ("a {% include ads.html %} b {{ page.secret }} c", "a  b  c"),
    ("{% if a %}yes{% else %}no{% endif %}", "yesno"),
    ("a {% comment %} {{ x }} gone {% endcomment %} b", "a  b"),
    ("{% capture x %}never printed{% endcapture %}b", "b"),
    ("[a]({{ site.baseurl }}/x)", "[a](/blog/x)"),
    ("[a]({{ site.url }}{{ site.baseurl }}/x)", "[a](https://host.test/blog/x)"),
    ("[a]({{ '/x' | relative_url }})", "[a](/blog/x)"),
    ('[a]({{ "/x" | absolute_url }})', "[a](https://host.test/blog/x)"),
    ('![a]({{ "/i.png" | prepend: site.baseurl }})', "![a](/blog/i.png)"),
    ('{{ "{%" }} tag', "{% tag"),
    ("[a]({% post_url 2026-01-02-x %})", "[a](https://host.test/blog/2026-01-02-x/)"),
    ("[a]({% post_url elsewhere %})", "[a]()"),
    ("[a]({%- link f.pdf -%}){%- endif -%}", "[a](https://host.test/blog/f.pdf)"),
    ("[a]({% link _posts/2026-01-02-x.md %})", "[a](https://host.test/blog/2026-01-02-x/)"),
    ("[a]({% link files/a b.pdf %})", "[a](https://host.test/blog/files/a%20b.pdf)"),
    ("{% raw %}{{ x }}{% endraw %}", "{{ x }}"),
    ("```\n{% raw %}{{ x }}{% endraw %}\n```", "```\n{{ x }}\n```"),
    ("{% highlight ruby %}\nputs {{ 1 }}\n{% endhighlight %}", "```ruby\nputs {{ 1 }}\n```"),
    ("{{ open", " open"),
]
HEXO = [
    ("{% asset_img a.png 300 200 A picture %}", "![picture](<a.png>)"),
    (
        "{% youtube w7Ft %}",
        "[https://www.youtube.com/watch?v=w7Ft](<https://www.youtube.com/watch?v=w7Ft>)",
    ),
    ("{% codeblock name lang:js %}\nx({{ y }})\n{% endcodeblock %}", "```js\nx({{ y }})\n```"),
    ("{% link Site https://x.test %}", "[Site](<https://x.test>)"),
]
HUGO = [
    ('{{< figure src="/i.png" alt="A" >}}', "![A](</i.png>)"),
    ('{{< figure src="/i.png" caption="Below *it*" >}}', "![](</i.png>)<br>Below *it*"),
    ('{{< figure src="i.png" link="/x" >}}', "[![](<i.png>)](</x>)"),
    ("{{% note %}}\ninner **md**\n{{% /note %}}", "\ninner **md**\n"),
    ("{{< details summary=More >}}in{{< /details >}}",
     "\n\n<blockquote>\n\n**More**\n\nin\n\n</blockquote>\n\n"),
    ('[a]({{< ref "posts/x.md#y" >}})', "[a](https://host.test/blog/posts/x.md/#y)"),
    ('[a]({{< relref "x" >}})', "[a]()"),
    ("{{< highlight go >}}\nx := {{ y }}\n{{< /highlight >}}", "```go\nx := {{ y }}\n```"),
    ("{{</* figure */>}}", "`{{< figure >}}`"),
    ("{{< vimeo 12 >}}", "[https://vimeo.com/12](<https://vimeo.com/12>)"),
    ("{{< gist me 12 >}}", "[https://gist.github.com/me/12](<https://gist.github.com/me/12>)"),
    ('{{< x user="me" id="12" >}}',
     "[https://x.com/me/status/12](<https://x.com/me/status/12>)"),
]  # fmt: skip
MDX = [
    ("import A from './a'\n\n# T\n", "\n\n# T\n"),
    ("import {\n  A,\n} from './a'\nb", "\nb"),
    ("import './a.css'\nexport const m = {\n a: 1 }\n\ntext", "\n\n\ntext"),
    ("<Card a={x > y ? '}' : 1} b>\ninner\n</Card>", "\ninner\n"),
    ("a <Chart data={[1, 2]} /> b", "a  b"),
    ("import A from 'a'\nyear {new Date().year} {/* x */}{'kept'}", "\nyear  kept"),
    ("a Vec<T> {brace}", "a Vec<T> {brace}"),
    ("import the goods\n", "import the goods\n"),
]
ZENN = [
    (":::message\ntext\n:::\n", "\n<blockquote>\n\ntext\n\n</blockquote>\n\n"),
    (":::details 題\nt\n:::\n", "\n<blockquote>\n\n**題**\n\nt\n\n</blockquote>\n\n"),
    (":::tip[Label]\nt\n:::", "\n<blockquote>\n\n**Label**\n\nt\n\n</blockquote>\n"),
    ("::: {.column}\nt\n:::", "\nt\n"),
    ("> [!NOTE]\n> t", "> **Note**  \n> t"),
    ("@[card](https://x.test/a)", "[https://x.test/a](<https://x.test/a>)"),
    ("![a](b.png =250x)", "![a](b.png)"),
    ("```\n:::note\n```", "```\n:::note\n```"),
]
KRAMDOWN = [
    ("para\n{: .lead}\n[l](/x){: .cta-link} z", "para\n\n[l](/x) z"),
    ("* TOC\n{:toc}\ntext", "\ntext"),
    ("[TOC]\n\n[[_TOC_]]\n", "\n\n\n"),
    ('<div class="a" markdown="1">\n**x**\n</div>', '<div class="a">\n\n\n**x**\n</div>'),
    ("## Title {#id}\n### Other {.x #y}", "## Title\n### Other"),
    ("{::options a=b /}\n{::comment}\nx\n{:/comment}\n{::nomarkdown}\ny\n{:/}", "\n\n\ny\n"),
    ("![a](b.png){width=50% .x}", "![a](b.png)"),
    ("*[HTML]: Hyper Text\nx", "**HTML**: Hyper Text  \nx"),
    ("![a](/b c.png)", "![a](</b c.png>)"),
    ("a <!-- hidden --> b <![CDATA[ c ]]> d <?php e ?>", "a  b  d "),
    ("a <!-- never closed", "a <!-- never closed"),
]
FORMULAS = [
    ("$$\n\\frac{{a}}{b}\n$$", "```latex\n\\frac{{a}}{b}\n```"),
    ("with $x_1$ and $$y {{z}}$$", "with `x_1` and `y {{z}}`"),
    ("\\\\(a_1\\\\) and \\\\[b^2\\\\]", "`a_1` and `b^2`"),
    ("$20から$30、US$5〜US$8、$5 and $6", "$20から$30、US$5〜US$8、$5 and $6"),
]


@pytest.mark.parametrize(
    ("source", "result"), [*JEKYLL, *HEXO, *HUGO, *MDX, *ZENN, *KRAMDOWN, *FORMULAS]
)
def test_the_generators_marks_are_taken_out(source: str, result: str) -> None:
    assert clean(source) == result


@pytest.mark.parametrize(
    "source",
    [
        "```\n{{ x }} <!-- c -->\n{: .x}\n```\n",
        "~~~~ html\n{{ x }}\n```\n~~~~\n",
        "use `{{ x }}` and ``{% y ` %}`` here, `over\nlines {{ z }}`",
        "```\nleft open {{ x }}",
        "- item\n\n  ```yaml\n  a: {{ b }}\n  ```\n",
        "> ```\n> {{ q }}\n> ```\n",
        "text\n\n    {{ indented }}\n\n    {% code %}\n",
        "<pre><code>{{ x }} {% y %}</code></pre>",
        "import a from 'b' shows `<Card />` and\n\n```js\nimport x from 'y'\n```",
    ],
)
def test_code_keeps_its_text(source: str) -> None:
    assert clean(source) == source


@pytest.mark.parametrize(
    "source",
    [
        "> ```\n> quoted\n\n{{ outside }}",
        "- item\n\n    {{ in a list }}",
        "a ` b {{ lone backtick }}",
        "an `open\n\nspan {{ x }}` ends with its paragraph",
        "    ```\n{{ below indented code }}",
    ],
)
def test_what_only_looks_like_code_is_read(source: str) -> None:
    assert "{{" not in clean(source)


@pytest.mark.parametrize(
    ("source", "found"),
    [
        (
            "\n{% include a %} {% include b %}\n{{ page.x }}",
            ("template_tag", "include x2, page x1", 2),
        ),
        ("a\n{% comment %}\n\n{% endcomment %}\n{{ x }}", ("template_tag", "x x1", 5)),
        ("{% highlight c %}\n1\n{% endhighlight %}\n{% x %}", ("template_tag", "x x1", 4)),
        ("{{ a\n}}\n```\n\n```\n{{< own >}}in{{< /own >}}", ("shortcode", "own x1", 6)),
        ("a\n\n<Card>x</Card>", ("component", "Card x1", 3)),
        ("@[own](id)", ("directive", "own x1", 1)),
        ("a\n<script>x</script>", ("raw_html", "script x1", 2)),
        ("\n\n<iframe src=x>", ("iframe", "iframe x1", 3)),
        ("[a](javascript:x)", ("address", "javascript x1", 1)),
        ("{% a\n", ("template_tag", "{% left open x1", 1)),
    ],
)
def test_what_is_dropped_is_counted_with_the_line_of_the_first(
    source: str, found: tuple[str, str, int]
) -> None:
    assert found in list_dropped(source)


def test_a_sample_in_code_is_not_counted() -> None:
    assert list_dropped("`<script>` and\n\n```html\n<iframe src=x> {{ y }}\n```\n") == []
