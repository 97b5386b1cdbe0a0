"""Markdown to safe HTML and plain text; the only home of comrak."""

from __future__ import annotations

import hashlib
import html as html_entities
import re
from collections.abc import Callable
from urllib.parse import urlsplit

from comrak import ExtensionOptions, RenderOptions, render_markdown

from service.content.body.cleaning import clean_text
from service.content.body.links import link_bare_addresses, make_resolver
from service.content.body.raw_html import check_depth, sanitise
from service.errors import ContentError
from service.model.post import Body

_TAG = re.compile(r"(<[^<>]*>)")
_IMAGE = re.compile(r'<img\b[^<>]*?\balt="([^"<>]*)"[^<>]*>')
_NOTE_MARKS = re.compile(
    r'<sup\b[^<>]*><a href="#fn[^<>]*>[^<>]*</a></sup>|'
    r'<a href="#fnref[^<>]*>↩(?:<sup\b[^<>]*>\d+</sup>)?</a>'
)
_NOTE_TAG = re.compile(r'<(?:a|li)\b[^<>]*"#?fn(?:ref)?-[^<>]*>')
_NOTE_EXTRAS = re.compile(r' (?:data-footnote[a-z-]*|aria-label)(?:="[^"<>]*")?(?=[^<>]*>)')
"""What no feed reader lets through: marks for scripts, and a label in English in any language."""
_NOTE_NAME = re.compile(r'("#?fn(?:ref)?)-')
_MANY_TAGS = 1_000
_ENDS = re.compile(r"</(?:p|h[1-6]|ul|ol|pre|table|blockquote|dl|summary|figcaption)>")
_PLAIN_TAGS = {
    "<p>": "", "</p>": "\n", "<h2>": "", "</h2>": "\n", "<h3>": "", "</h3>": "\n",
    "<h4>": "", "</h4>": "\n", "<ul>": "", "</ul>": "\n", "<ol>": "", "</ol>": "\n",
    "<li>": "- ", "</li>": "", "<strong>": "", "</strong>": "", "<em>": "", "</em>": "",
    "<hr />": "", "</a>": "", "<code>": "", "</code>": "", "<blockquote>": "",
    "</blockquote>": "\n",
}  # fmt: skip
"""What stands in plain text for the tags that most bodies are made of."""
_BREAK = re.compile(r"<br ?/?>\n?")
_RUBY = re.compile(r"<rp>[^<>]*</rp>")
_NO_SOURCE = re.compile(r'<img(?: src="")?(?: alt="([^"<>]*)")?(?: title="[^"<>]*")?(?: /)?>')
_NO_MEDIA = re.compile(r'<source(?: type="[^"<>]*")?>')
_DEFINITION = re.compile(r"^[ ]{0,3}:[ \t]+\S", re.MULTILINE)
_MERMAID = re.compile(r'<pre><code class="language-mermaid">[^<>]*</code></pre>')


def render_body(source: str, url: str, site_url: str) -> Body:
    """Return the sanitised HTML of a cleaned Markdown `source`, links absolute, and its text.

    Links resolve against the post's `url` (or `site_url` while it has none); anything but
    http, https, mailto and tel is dropped, bare addresses become links. Headings carry no
    anchors; footnote ids are the post's own. Raw HTML is sanitised; a source without `<`
    holds none. Raises ContentError for what is nested beyond reason or fails to render.
    """
    resolve = make_resolver(url or site_url)
    is_raw = "<" in source
    html = _render(source, resolve, is_raw=is_raw)
    if "<input" in html:
        html = _draw_checkboxes(html)
    if is_raw or html.count("<") > _MANY_TAGS:
        check_depth(html)
    if is_raw:
        html = sanitise(html, resolve)
    if "&" in source and "&#" in source:
        html = clean_text(html)
    html = link_bare_addresses(_tidy(html))
    if '"fn' in html or ("#" in html and '"#fn' in html):
        html = _prefix_footnotes(html, url)
    if url and "language-mermaid" in html:
        html = _MERMAID.sub(lambda found: _add_link(found.group(), url), html)
    return Body(html, read_text(html))


def read_text(html: str) -> str:
    """Return the plain text of rendered HTML: blocks apart by an empty line, `- ` for items."""
    pieces = _TAG.split(html)
    shown = _read_tags(pieces[1::2])
    if shown is None:
        text = _drop_tags(html)
    else:
        pieces[1::2] = shown
        text = "".join(pieces)
        # What is left of a tag was inside another one: then the order of replacing counts.
        text = _drop_tags(html) if "<" in text else text
    text = html_entities.unescape(text)
    while "\n\n\n" in text:
        text = text.replace("\n\n\n", "\n\n")
    return text.strip()


def _read_tags(tags: list[str]) -> list[str] | None:
    """Return what stands for each tag; None where one means something to the text around it."""
    others = [tag for tag in set(tags) if tag not in _PLAIN_TAGS]
    if any(tag.startswith(("<br", "<rt")) or "#fn" in tag for tag in others):
        return None
    shown = _PLAIN_TAGS | {tag: _read_tag(tag) for tag in others}
    return [shown[tag] for tag in tags]


def _read_tag(tag: str) -> str:
    if tag.startswith("<img"):
        return _TAG.sub("", _IMAGE.sub(r"\1", tag))
    return "\n" if _ENDS.fullmatch(tag) else ""


def _drop_tags(html: str) -> str:
    text = html.replace("<li>", "- ").replace("<hr />", "")
    if "<br" in text:
        text = _BREAK.sub("\n", text)
    if "#fn" in text:
        text = _NOTE_MARKS.sub("", text)
    if "<rt>" in text:
        text = _RUBY.sub("", text).replace("<rt>", "（").replace("</rt>", "）")
    return _TAG.sub("", _IMAGE.sub(r"\1", _ENDS.sub("\n", text)))


def read_inline(source: str) -> str:
    """Return one line of plain text from a line or a paragraph of Markdown."""
    if not any(mark in source for mark in "*_`[<&#~\\>!|"):
        return " ".join(source.split())
    html = sanitise(_render(source, lambda _url: "", is_raw=True), lambda _url: "")
    return " ".join(clean_text(read_text(html)).split())


def make_absolute(reference: str, url: str) -> str:
    """Return `reference` resolved against `url`, "" when it is nothing to link to."""
    try:
        address = make_resolver(url)(reference)
        return urlsplit(address).geturl() and address
    except ValueError:
        return ""


def _render(source: str, resolve: Callable[[str], str], *, is_raw: bool) -> str:
    options = RenderOptions()
    options.unsafe_ = is_raw
    extensions = _make_extensions(resolve)
    extensions.description_lists = _may_define(source) and bool(_DEFINITION.search(source))
    try:
        return render_markdown(source, extensions, None, options)
    except BaseException as error:
        # A panic inside comrak is no Exception, and its class has no module to import it from.
        if type(error).__name__ != "PanicException":
            raise
        raise ContentError("markdown", "its Markdown makes the renderer fail") from error


def _may_define(source: str) -> bool:
    # To part a text at one character and look beside it is quicker than to look for two.
    return ":" in source and any(part.endswith("\n") for part in source.split(":")[:-1])


def _make_extensions(resolve: Callable[[str], str]) -> ExtensionOptions:
    options = ExtensionOptions()
    options.table = True
    options.strikethrough = True
    options.footnotes = True
    options.tasklist = True
    options.cjk_friendly_emphasis = True
    # Bare addresses are linked later: this one swallows the Japanese that follows them.
    options.autolink = False
    options.link_url_rewriter = resolve
    options.image_url_rewriter = resolve
    return options


def _draw_checkboxes(html: str) -> str:
    checked = '<input type="checkbox" checked="" disabled="" />'
    return html.replace(checked, "☑").replace('<input type="checkbox" disabled="" />', "☐")


def _tidy(html: str) -> str:
    """Take out what was left of links, pictures and media that lost their address."""
    html = html.replace('<a href="">', "<a>")
    signs = ("<img>", 'src=""', "<img alt", "<img title")
    if "<img" in html and any(sign in html for sign in signs):
        html = _NO_SOURCE.sub(r"\1", html)
    return _NO_MEDIA.sub("", html) if "<source" in html else html


def _prefix_footnotes(html: str, url: str) -> str:
    prefix = hashlib.sha256(url.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    html = _NOTE_TAG.sub(lambda tag: _NOTE_NAME.sub(rf"\1-{prefix}-", tag.group()), html)
    return _NOTE_EXTRAS.sub("", html)


def _add_link(block: str, url: str) -> str:
    address = html_entities.escape(url)
    return f'{block}\n<p><a href="{address}">{address}</a></p>'
