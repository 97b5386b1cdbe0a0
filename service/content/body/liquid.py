"""Liquid and Hexo tags: a small set honoured, the rest dropped and counted, nothing run."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import quote, urlsplit

from service.content.body.hidden import Hidden, hide_braces, keep_lines
from service.content.body.tags import read_arguments, replace_marks, write_image, write_link
from service.content.body.tally import Tally

_RAW = re.compile(r"\{%-?\s{0,9}(raw|endraw)\s{0,9}-?%\}")
_CODE = re.compile(
    r"(?P<indent>^[ \t]*)?"
    r"(?:\{%-?\s{0,9}(?P<liquid>highlight|codeblock)(?P<rest>[^%{}\n]{0,300})%\}"
    r"|\{\{[<%]\s{0,9}highlight(?P<hugo>[^{}\n]{0,300}?)[>%]\}\})",
    re.MULTILINE,
)
_CODE_ENDS = {
    "highlight": re.compile(r"\{%-?\s{0,9}endhighlight\s{0,9}-?%\}"),
    "codeblock": re.compile(r"\{%-?\s{0,9}endcodeblock\s{0,9}-?%\}"),
    "hugo": re.compile(r"\{\{[<%]\s{0,9}/\s{0,9}highlight\s{0,9}[>%]\}\}"),
}
_VANISHING = re.compile(
    r"\{%-?\s{0,9}(?P<name>comment|capture)\b[^%{}\n]{0,300}%\}|<!--|<!\[CDATA\[|<\?"
)
_VANISHING_ENDS = {
    "comment": re.compile(r"\{%-?\s{0,9}endcomment\s{0,9}-?%\}"),
    "capture": re.compile(r"\{%-?\s{0,9}endcapture\s{0,9}-?%\}"),
    "<!--": re.compile(r"--!?>"),
    "<![CDATA[": re.compile(r"\]\]>"),
    "<?": re.compile(r"\?>"),
}
_LANGUAGE = re.compile(r"[\w+#.-]{1,40}")
_NAME = re.compile(r"[\w-]+")
_STRING = re.compile(r"""(["'])(.*)\1""", re.DOTALL)
_SILENT = frozenset({"else", "elsif", "when", "break", "continue", "toc", "more"})
_PART = re.compile(r"""(?:[^|"']|"[^"]*"|'[^']*'|["'])+""")

FindPost = Callable[[str], "str | None"]
"""Says the address of the post with a file name such as `2026-01-31-slug`, where the name tells."""


def hide_raw(source: str) -> str:
    """Drop raw marks; the braces between them open nothing until everything is put back."""
    first, *rest = _RAW.split(source)
    kept = [first]
    for mark, text in zip(rest[::2], rest[1::2], strict=True):
        kept.append(hide_braces(text) if mark == "raw" else text)
    return "".join(kept)


def hide_highlighted(text: str, hidden: Hidden) -> str:
    """Turn highlight tags (Jekyll's, Hexo's, Hugo's) into fences and put them aside."""
    kept: list[str] = []
    position = 0
    missing: set[str] = set()
    for tag in _CODE.finditer(text):
        kind = tag["liquid"] or "hugo"
        if tag.start() < position or kind in missing:
            continue
        end = _CODE_ENDS[kind].search(text, tag.end())
        if end is None:
            missing.add(kind)
            continue
        code = text[tag.end() : end.start()]
        fence = _write_fence(code, _find_language(tag), tag["indent"] or "")
        before = "" if tag["indent"] is not None else "\n\n"
        after = "" if text[end.end() : end.end() + 1] in ("", "\n") else "\n\n"
        new = before + hidden.put(fence) + after
        kept += (text[position : tag.start()], keep_lines(text[tag.start() : end.end()], new))
        position = end.end()
    return "".join([*kept, text[position:]])


def drop_vanishing(text: str, tally: Tally) -> str:
    """Drop what shows nothing with all that is in it: comments, captures, CDATA, `<?`."""
    kept: list[str] = []
    position = 0
    missing: set[str] = set()
    for opener in _VANISHING.finditer(text):
        kind = opener["name"] or opener.group()
        if opener.start() < position or kind in missing:
            continue
        end = _VANISHING_ENDS[kind].search(text, opener.end())
        if end is None:
            missing.add(kind)
            continue
        if kind == "capture":
            tally.add("template_tag", kind, text, opener.start())
        kept += (text[position : opener.start()], keep_lines(text[opener.start() : end.end()], ""))
        position = end.end()
    return "".join([*kept, text[position:]])


class Liquid:
    """What a site's tags and outputs become; `find_post` knows its posts' addresses."""

    def __init__(self, site_url: str, tally: Tally, find_post: FindPost) -> None:
        parts = urlsplit(site_url)
        self._origin = f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""
        self._base = parts.path.rstrip("/")
        self._tally = tally
        self._find_post = find_post
        self._text = ""

    def replace_outputs(self, text: str) -> str:
        """Replace `{{ }}` by the address it stands for, or by nothing."""
        self._text = text
        return replace_marks(text, "{{", "}}", self._read_output)

    def replace_tags(self, text: str) -> str:
        """Replace `{% %}` by the link, picture or address it stands for, or by nothing."""
        self._text = text
        return replace_marks(text, "{%", "%}", self._read_tag)

    def _read_output(self, inside: str, position: int) -> str:
        expression = inside.strip("-~{} \t\n")
        parts = [part.strip() for part in _PART.findall(expression[:500])]
        value = self._read_value(parts[0]) if parts else None
        for one in parts[1:]:
            value = self._filter(one, value)
        if value is None:
            found = _NAME.search(expression)
            self._tally.add("template_tag", found.group() if found else "", self._text, position)
        return hide_braces(value or "")

    def _read_value(self, expression: str) -> str | None:
        literal = _STRING.fullmatch(expression)
        if literal:
            return literal.group(2)
        return {"site.url": self._origin, "site.baseurl": self._base}.get(expression)

    def _filter(self, expression: str, value: str | None) -> str | None:
        name, _, argument = (part.strip() for part in expression.partition(":"))
        if value is None:
            return None
        if name in ("relative_url", "absolute_url", "url", "relURL", "absURL"):
            origin = self._origin if name.lower().startswith("abs") else ""
            return value if "://" in value else f"{origin}{self._base}/{value.lstrip('/')}"
        other = self._read_value(argument)
        if other is not None and name == "append":
            return value + other
        if other is not None and name == "prepend":
            return other + value
        return value if name in ("escape", "strip", "uri_escape", "xml_escape") else None

    def _read_tag(self, inside: str, position: int) -> str:
        # Not the dash of `{%-`, which is a character of names.
        inside = inside.strip("-~ \t\n")
        found = _NAME.search(inside)
        name = found.group() if found else ""
        if name.startswith("end") or name in _SILENT:
            return ""
        rest = inside[found.end() :].strip() if found else ""
        plain, named = read_arguments(rest)
        new = self._find_replacement(name, rest, plain, named)
        if new is None:
            self._tally.add("template_tag", name, self._text, position)
        return new or ""

    def _find_replacement(
        self, name: str, rest: str, plain: list[str], named: dict[str, str]
    ) -> str | None:
        if not plain and name != "gist":
            return None
        if name in ("post_url", "link"):
            return self._read_reference(name, rest, plain)
        if name in ("img", "asset_img", "image", "asset_path"):
            return _read_picture(name, plain)
        return read_embed(name, plain, named)

    def _read_reference(self, name: str, target: str, plain: list[str]) -> str | None:
        if len(plain) > 1 and "://" in plain[1]:
            return write_link(plain[1], plain[0])
        if name == "post_url" or "_posts/" in target:
            return self._find_post(target.rpartition("/")[2].removesuffix(".md"))
        if target.endswith((".md", ".markdown")):
            return None
        return f"{self._origin}{self._base}/{quote(target.lstrip('/'))}"


def read_embed(name: str, plain: list[str], named: dict[str, str]) -> str | None:
    """Return a link to what an embedding tag or shortcode shows; None for one we do not know."""
    first = named.get("id") or named.get("url") or named.get("src") or next(iter(plain), "")
    if not first:
        return None
    if "://" in first:
        return write_link(first) if name in _PLACES or name in ("iframe", "tweet", "x") else None
    if name in _PLACES and _NAME.fullmatch(first):
        return write_link(_PLACES[name].format(first))
    if name == "gist" and all(_NAME.fullmatch(part) for part in "/".join(plain[:2]).split("/")):
        return write_link(f"https://gist.github.com/{'/'.join(plain[:2])}")
    if name in ("tweet", "x", "twitter") and first.isdecimal():
        user = named.get("user") or "i"
        return write_link(f"https://x.com/{user}/status/{first}")
    return None


_PLACES = {
    "youtube": "https://www.youtube.com/watch?v={}",
    "vimeo": "https://vimeo.com/{}",
    "instagram": "https://www.instagram.com/p/{}/",
    "speakerdeck": "https://speakerdeck.com/player/{}",
    "slideshare": "https://www.slideshare.net/slideshow/embed_code/key/{}",
}


def _read_picture(name: str, plain: list[str]) -> str | None:
    """Hexo: `asset_img file [width height] [title [alt]]`, `img [class] address …`."""
    if name == "asset_path":
        return plain[0]
    at = next((i for i, word in enumerate(plain) if "." in word or "/" in word), None)
    if at is None:
        return None
    words = [word for word in plain[at + 1 :] if not word.isdecimal()]
    return write_image(plain[at], words[-1].strip("'\"") if words else "")


def _find_language(tag: re.Match[str]) -> str:
    rest = tag["hugo"] if tag["liquid"] is None else tag["rest"]
    if tag["liquid"] == "codeblock":
        rest = rest.partition("lang:")[2]
    found = _LANGUAGE.search(rest)
    return found.group() if found else ""


def _write_fence(code: str, language: str, indent: str) -> str:
    runs = re.findall("`{3,}", code)
    mark = "`" * max([3, *(len(run) + 1 for run in runs)])
    inside = code.strip("\n")
    return f"{indent}{mark}{language}\n{inside}\n{indent}{mark}"
