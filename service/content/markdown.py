"""Markdown to safe HTML and plain text; the only home of comrak and nh3."""

from __future__ import annotations

import hashlib
import html as html_entities
import re
from collections.abc import Callable
from urllib.parse import urljoin, urlsplit

import nh3
from comrak import ExtensionOptions, RenderOptions, render_markdown

from service.errors import ContentError
from service.model.post import Body

_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:")
_BLANKS = re.compile("[\x00-\x20\x7f-\xa0]+")
_SAFE_SCHEMES = ("http:", "https:", "mailto:", "tel:")
_TAG = re.compile(r"<[^<>]*>")
_IMAGE = re.compile(r'<img\b[^<>]*?\balt="([^"<>]*)"[^<>]*>')
_IFRAME = re.compile(
    r"<iframe\b[^<>]{0,2000}?\bsrc=[\"']([^\"'<>]{1,2000})[\"'][^<>]{0,2000}>", re.IGNORECASE
)
_NOTE_MARKS = re.compile(
    r'<sup\b[^<>]*><a href="#fn[^<>]*>[^<>]*</a></sup>|'
    r'<a href="#fnref[^<>]*>↩(?:<sup\b[^<>]*>\d+</sup>)?</a>'
)
_NESTING = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9-]*)")
_FLAT_TAGS = frozenset(
    {
        "p", "li", "td", "th", "tr", "dt", "dd", "br", "hr", "img", "input", "wbr", "col",
        "source", "meta", "link", "area", "base", "embed", "track", "option", "param",
    }
)  # fmt: skip
_DEEPEST = 200
_MANY_TAGS = 1_000
_BLANK_LINES = re.compile(r"\n{3,}")
_ENDS = re.compile(r"</(?:p|h[1-6]|ul|ol|pre|table|blockquote|dl)>")

_TAGS = frozenset(nh3.ALLOWED_TAGS) | {"section", "audio", "video", "source", "picture"}
_ATTRIBUTES = {
    **{tag: set(names) for tag, names in nh3.ALLOWED_ATTRIBUTES.items()},
    "*": {"lang", "dir", "title"},
    "a": {"href", "hreflang", "id"},
    "li": {"id"},
    "code": {"class"},
    "audio": {"src", "controls"},
    "video": {"src", "controls", "poster", "width", "height"},
    "source": {"src", "type"},
}


def render_body(source: str, url: str, site_url: str) -> Body:
    """Return the sanitised HTML of a cleaned Markdown `source`, links absolute, and its text.

    Links resolve against the post's `url` (or `site_url` while it has none); anything but
    http, https, mailto and tel is dropped. Headings carry no anchors; footnote ids are the
    post's own. Raw HTML is sanitised; a source without `<` holds none.
    """
    resolve = _make_resolver(url or site_url)
    is_raw = "<" in source
    text = _IFRAME.sub(r'<a href="\1">\1</a>', source) if "<iframe" in source else source
    html = render_markdown(text, _make_extensions(resolve), None, _make_options(is_raw))
    if "<input" in html:
        html = _draw_checkboxes(html)
    if is_raw or html.count("<") > _MANY_TAGS:
        _check_depth(html)
    if is_raw:
        html = _sanitise(html, resolve)
    html = html.replace('<a href="">', "<a>")
    if "#fn" in html:
        html = _prefix_footnotes(html, url)
    return Body(html, read_text(html))


def read_text(html: str) -> str:
    """Return the plain text of rendered HTML: blocks apart by an empty line, `- ` for items."""
    text = html.replace("<li>", "- ").replace("<br />", "").replace("<hr />", "")
    if "#fn" in text:
        text = _NOTE_MARKS.sub("", text)
    text = _TAG.sub("", _IMAGE.sub(r"\1", _ENDS.sub("\n", text)))
    text = html_entities.unescape(text)
    return _BLANK_LINES.sub("\n\n", text).strip()


def read_inline(source: str) -> str:
    """Return one line of plain text from a line or a paragraph of Markdown."""
    if not any(mark in source for mark in "*_`[<&#~\\>!|"):
        return " ".join(source.split())
    html = render_markdown(source, _make_extensions(lambda _url: ""), None, _make_options(True))
    return " ".join(read_text(nh3.clean(html)).split())


def make_absolute(reference: str, url: str) -> str:
    """Return `reference` resolved against `url`, "" when it is nothing to link to."""
    try:
        address = _make_resolver(url)(reference)
        return urlsplit(address).geturl() and address
    except ValueError:
        return ""


def _make_resolver(base: str) -> Callable[[str], str]:
    def resolve(reference: str) -> str:
        if not reference:
            return ""
        plain = _BLANKS.sub("", reference)
        if _SCHEME.match(plain):
            return plain if plain.lower().startswith(_SAFE_SCHEMES) else ""
        try:
            joined = urljoin(base, reference.strip())
        except ValueError:
            return ""
        return joined if not _SCHEME.match(joined) or joined.startswith(_SAFE_SCHEMES) else ""

    return resolve


def _make_extensions(resolve: Callable[[str], str]) -> ExtensionOptions:
    options = ExtensionOptions()
    options.table = True
    options.strikethrough = True
    options.footnotes = True
    options.tasklist = True
    options.cjk_friendly_emphasis = True
    # Bare addresses stay text: autolink swallows the Japanese that follows them.
    options.autolink = False
    options.link_url_rewriter = resolve
    options.image_url_rewriter = resolve
    return options


def _make_options(is_raw: bool) -> RenderOptions:
    options = RenderOptions()
    options.unsafe_ = is_raw
    return options


def _check_depth(html: str) -> None:
    """Raise ContentError for HTML nested so deep that a parser needs minutes for it."""
    depths: dict[str, int] = {}
    total = 0
    for tag in _NESTING.finditer(html):
        name = tag.group(2).lower()
        if name in _FLAT_TAGS:
            continue
        depth = depths.get(name, 0)
        step = 1 if not tag.group(1) else -1 if depth else 0
        depths[name] = depth + step
        total += step
        if total > _DEEPEST:
            raise ContentError("too_deep", f"its HTML is nested more than {_DEEPEST} deep")


def _draw_checkboxes(html: str) -> str:
    checked = '<input type="checkbox" checked="" disabled="" />'
    return html.replace(checked, "☑").replace('<input type="checkbox" disabled="" />', "☐")


def _sanitise(html: str, resolve: Callable[[str], str]) -> str:
    def keep(reference: str) -> str | None:
        # Footnotes are the only links inside a page that our own renderer makes.
        return reference if reference.startswith("#fn") else resolve(reference) or None

    cleaner = nh3.Cleaner(
        tags=set(_TAGS),
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto", "tel"},
        url_relative=keep,
        link_rel=None,
    )
    return cleaner.clean(html)


def _prefix_footnotes(html: str, url: str) -> str:
    prefix = hashlib.sha256(url.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    for name in ("fn-", "fnref-"):
        for mark in ('id="', 'href="#'):
            html = html.replace(f"{mark}{name}", f"{mark}{name[:-1]}-{prefix}-")
    return html
