"""Raw HTML inside a body: pictures and embedded pages made plain, the rest let through a sieve."""

from __future__ import annotations

import re
from collections.abc import Callable

import nh3

from service.errors import ContentError

_TAGS = (frozenset(nh3.ALLOWED_TAGS) - {"map", "area"}) | {
    "section", "audio", "video", "source", "picture",
}  # fmt: skip
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
_CONTENT_GOES = {
    "script", "style", "svg", "template", "select", "textarea", "button", "noembed", "noframes",
    "title", "canvas", "applet", "datalist", "frameset",
}  # fmt: skip
_SCHEMES = {"http", "https", "mailto", "tel"}
_OWN_ID = re.compile(r"fn(?:ref)?-[\w%.~-]{1,200}")
_CODE_CLASS = re.compile(r"language-[\w+#.-]{1,40}")

_FRAME = re.compile(
    r"<iframe\b((?:[^<>\"']++|\"[^\"]{0,1000}\"|'[^']{0,1000}'){0,40}+)>(?:[^<]*</iframe\s*>)?",
    re.IGNORECASE,
)
_PICTURE = re.compile(r"<img\b([^<>]*)>", re.IGNORECASE)
_NO_SCRIPT = re.compile(r"<noscript\b[^<>]*>", re.IGNORECASE)
_NO_SCRIPT_END = re.compile(r"</noscript\s*>", re.IGNORECASE)
_MAY_BE_LAZY = re.compile(r"<img\b[^<>]*(?:data-|srcset|src=[\"']?data:)", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"([\w:-]{1,40})\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))")
_LAZY = ("data-src", "data-original", "data-lazy-src", "data-lazy", "data-original-src")
_SHOWN = ("alt", "title", "width", "height")
_QUOTE = '"'
_SETS = ("srcset", "data-srcset", "data-lazy-srcset")
_SCHEME = re.compile(r"[\s\x00-\x20]*[a-zA-Z&][^/?#]{0,40}:")
_VIDEO = re.compile(
    r"(?:https?:)?//(?:www\.)?(?:(?P<youtube>youtube(?:-nocookie)?\.com/embed)|"
    r"(?P<vimeo>player\.vimeo\.com/video))/(?P<id>[\w-]{1,40})"
)

_NESTING = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9-]*)")
_FLAT_TAGS = frozenset(
    {
        "p", "li", "td", "th", "tr", "dt", "dd", "br", "hr", "img", "input", "wbr", "col",
        "source", "meta", "link", "area", "base", "embed", "track", "option", "param",
    }
)  # fmt: skip
_DEEPEST = 200


def check_depth(html: str) -> None:
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
            raise ContentError(
                "too_deep", "its HTML is nested more than {most} deep", most=_DEEPEST
            )


def sanitise(html: str, resolve: Callable[[str], str]) -> str:
    """Return HTML of an allow-list only, links resolved; what it gives it would give again."""
    return _make_cleaner(resolve).clean(_simplify(html))


def _make_cleaner(resolve: Callable[[str], str]) -> nh3.Cleaner:
    def keep_link(reference: str) -> str | None:
        # Footnotes are the only links inside a page that our own renderer makes.
        return reference if reference.startswith("#fn") else resolve(reference) or None

    def keep_attribute(_tag: str, name: str, value: str) -> str | None:
        if name == "id":
            return value if _OWN_ID.fullmatch(value) else None
        if name == "class":
            return value if _CODE_CLASS.fullmatch(value) else None
        if name in ("href", "src", "poster", "cite") and not value.startswith("#fn"):
            return resolve(value) or None
        return value

    return nh3.Cleaner(
        tags=set(_TAGS),
        clean_content_tags=_CONTENT_GOES,
        attributes=_ATTRIBUTES,
        attribute_filter=keep_attribute,
        url_schemes=_SCHEMES,
        url_relative=keep_link,
        link_rel=None,
    )


def _simplify(html: str) -> str:
    """Show lazy pictures and embedded pages to those who run no script."""
    lowered = html.lower() if not html.islower() else html
    if "<iframe" in lowered:
        html = _FRAME.sub(_link_frame, html)
    lazy: set[str] = set()
    if _MAY_BE_LAZY.search(html):
        html = _PICTURE.sub(lambda found: _wake_picture(found, lazy), html)
    return _open_no_script(html, lazy) if "<noscript" in lowered else html


def _link_frame(found: re.Match[str]) -> str:
    values = _read_attributes(found.group(1))
    address = values.get("src") or values.get("data-src") or ""
    if not address or (_SCHEME.match(address) and not address.lower().startswith("http")):
        return ""
    video = _VIDEO.match(address)
    if video and video["youtube"]:
        address = f"https://www.youtube.com/watch?v={video['id']}"
    elif video:
        address = f"https://vimeo.com/{video['id']}"
    safe = address.replace('"', "&quot;").replace("<", "&lt;")
    return f'<a href="{safe}">{safe}</a>'


def _wake_picture(found: re.Match[str], lazy: set[str]) -> str:
    values = _read_attributes(found.group(1))
    source = next((values[name] for name in _LAZY if values.get(name)), "")
    if not source and (not values.get("src") or values["src"].startswith("data:")):
        sets = next((values[name] for name in _SETS if values.get(name)), "")
        source = next(iter(sets.split()), "").rstrip(",")
    if not source:
        return found.group()
    lazy.add(source)
    kept = {"src": source, **{name: values[name] for name in _SHOWN if name in values}}
    shown = (f'{name}="{value.replace(_QUOTE, "&quot;")}"' for name, value in kept.items())
    return f"<img {' '.join(shown)}>"


def _read_attributes(text: str) -> dict[str, str]:
    found = _ATTRIBUTE.findall(text[:4_000])
    return {name.lower(): double or single or bare for name, double, single, bare in found}


def _open_no_script(html: str, lazy: set[str]) -> str:
    """Keep what `noscript` shows, unless it repeats a lazy picture."""
    kept: list[str] = []
    position = 0
    for opener in _NO_SCRIPT.finditer(html):
        if opener.start() < position:
            continue
        end = _NO_SCRIPT_END.search(html, opener.end())
        if end is None:
            break
        inside = html[opener.end() : end.start()]
        pictures = (_read_attributes(tag.group(1)).get("src") for tag in _PICTURE.finditer(inside))
        kept += (html[position : opener.start()], "" if lazy & set(pictures) else inside)
        position = end.end()
    return "".join([*kept, html[position:]])
