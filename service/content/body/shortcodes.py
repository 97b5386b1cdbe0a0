"""Hugo's shortcodes: those of Hugo itself become links, pictures and text, the rest is dropped."""

from __future__ import annotations

import re
from collections.abc import Callable

from service.content.body.hidden import Hidden, hide_braces
from service.content.body.liquid import read_embed
from service.content.body.tags import read_arguments, replace_marks, write_image
from service.content.body.tally import Tally

_ESCAPED = re.compile(r"\{\{([<%])\s{0,9}/\*([^{}]{0,500}?)\*/\s{0,9}([%>])\}\}")

FindPage = Callable[[str], "str | None"]
"""Says the address of the page at a path such as `posts/name.md`, where the path tells."""


class Shortcodes:
    """What shortcodes become; `find_page` knows the site's addresses as far as names tell."""

    def __init__(self, tally: Tally, find_page: FindPage) -> None:
        self._tally = tally
        self._find_page = find_page
        self._text = ""

    def replace(self, text: str) -> str:
        """Replace `{{< >}}` and `{{% %}}`; what stands between a pair is kept."""
        self._text = text
        text = replace_marks(text, "{{<", ">}}", self._read)
        self._text = text
        return replace_marks(text, "{{%", "%}}", self._read)

    def _read(self, inside: str, position: int) -> str:
        name, _, rest = inside.strip().rstrip("/").partition(" ")
        name = name.strip()
        if name.startswith("/"):
            return "\n\n</blockquote>\n\n" if (name + rest).strip("/ ") == "details" else ""
        plain, named = read_arguments(rest)
        new = self._find_replacement(name, plain, named)
        if new is None:
            self._tally.add("shortcode", name, self._text, position)
        return new or ""

    def _find_replacement(self, name: str, plain: list[str], named: dict[str, str]) -> str | None:
        if name in ("figure", "img", "image"):
            return _write_figure(plain, named)
        if name == "details":
            title = named.get("summary") or named.get("title") or " ".join(plain)
            return f"\n\n<blockquote>\n\n**{title or '…'}**\n\n"
        if name in ("ref", "relref"):
            return self._read_reference(named.get("path") or next(iter(plain), ""))
        return read_embed(name, plain, named)

    def _read_reference(self, target: str) -> str | None:
        path, mark, anchor = target.partition("#")
        if not path:
            return target or None
        address = self._find_page(path)
        return address and f"{address}{mark}{anchor}"


def show_escaped(text: str, hidden: Hidden) -> str:
    """Turn `{{</* name */>}}`, which Hugo prints as a shortcode, into code that shows it."""

    def show(found: re.Match[str]) -> str:
        opener, inside, closer = found.groups()
        return hidden.put(hide_braces("`{{" + f"{opener}{inside}{closer}" + "}}`"))

    return _ESCAPED.sub(show, text)


def unescape_code(text: str) -> str:
    """Show in code what Hugo shows of an escaped shortcode."""
    return _ESCAPED.sub(r"{{\1\2\3}}", text) if "{{" in text and "/*" in text else text


def _write_figure(plain: list[str], named: dict[str, str]) -> str | None:
    address = named.get("src") or next(iter(plain), "")
    if not address:
        return None
    picture = write_image(address, named.get("alt", ""))
    if named.get("link"):
        picture = f"[{picture}](<{named['link']}>)"
    title = f"**{named['title']}** " if named.get("title") else ""
    below = title + (named.get("caption") or named.get("attr", ""))
    return f"{picture}<br>{below.strip()}" if below.strip() else picture
