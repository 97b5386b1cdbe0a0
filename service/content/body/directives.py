"""`:::` boxes, alerts and `@[card](…)` embeds, as Zenn, Docusaurus and GitHub write them."""

from __future__ import annotations

import re

from service.content.body.hidden import keep_lines
from service.content.body.liquid import read_embed
from service.content.body.tags import write_link
from service.content.body.tally import Tally

_BOX = re.compile(r"^([ \t>]*)(:{3,})[ \t]*(.*)$", re.MULTILINE)
_BOX_NAME = re.compile(r"\{?\.?([A-Za-z][\w-]*)\}?[ \t]*(?:\[(.*?)\])?(?:\{[^{}]*\})?[ \t]*(.*)")
_UNTITLED = frozenset({"message", "alert", "details", "callout", "div", "box"})
_ALERT = re.compile(r"^([ \t]*>[ \t>]*)\[!(\w{1,20})\][+-]?[ \t]*(.*)$", re.MULTILINE)
_EMBED = re.compile(r"^([ \t]*)@\[(\w{1,30})\]\(([^()\s]{0,2000})\)", re.MULTILINE)
_SPACED = re.compile(
    r"\]\(((?:https?://|\.{0,2}/|[\w-]{1,80}[/.])[^()<>\n\"'=]{0,300}[^()<>\s\"'=] "
    r"[^()<>\n\"'=]{0,300}\.\w{2,5})\)"
)
_SIZED_PICTURE = re.compile(r"(!\[[^\[\]\n]{0,300}\]\([^()\s]{1,2000})[ \t]{1,9}=\d{0,5}x\d{0,5}\)")


def replace_directives(text: str, tally: Tally) -> str:
    """Turn boxes and alerts into quotations with their title, embeds into links."""
    if ":::" in text:
        text = _replace_boxes(text)
    if "[!" in text:
        text = _ALERT.sub(_write_alert, text)
    if "@" in text and "@[" in text:
        text = _replace_embeds(text, tally)
    text = _SPACED.sub(r"](<\1>)", text)
    return _SIZED_PICTURE.sub(r"\1)", text) if "=" in text and " =" in text else text


def has_spaced_link(text: str) -> bool:
    """Whether an address with a space in it needs its pointed brackets."""
    return bool(_SPACED.search(text))


def _replace_boxes(text: str) -> str:
    kept: list[str] = []
    open_boxes: list[tuple[int, bool]] = []
    position = 0
    for line in _BOX.finditer(text):
        prefix, colons, rest = line.groups()
        name = _BOX_NAME.match(rest.strip())
        if rest.strip() and not name:
            continue
        if name:
            is_plain = rest.lstrip().startswith("{")
            open_boxes.append((len(colons), is_plain))
            new = "" if is_plain else _open_box(name, prefix)
        elif not open_boxes:
            continue
        else:
            new = _close_boxes(open_boxes, len(colons), prefix)
        kept += (text[position : line.start()], keep_lines(line.group(), new))
        position = line.end()
    kept.append(text[position:])
    return "".join(kept)


def _open_box(name: re.Match[str], prefix: str) -> str:
    kind, label, rest = name.groups()
    title = (label or rest).strip()
    if kind == "message" and title == "alert":
        title = ""
    if not title and kind.lower() not in _UNTITLED:
        title = kind.capitalize()
    lines = ["", "<blockquote>", "", *([f"**{title}**", ""] if title else [])]
    if title.startswith(("**", "<")):
        lines[3] = title
    return "\n".join(prefix + line for line in lines)


def _close_boxes(open_boxes: list[tuple[int, bool]], colons: int, prefix: str) -> str:
    """Close the innermost box with as many colons, or the innermost where none has."""
    at = next((i for i in range(len(open_boxes) - 1, -1, -1) if open_boxes[i][0] == colons), None)
    closed = open_boxes[at if at is not None else -1 :]
    del open_boxes[at if at is not None else -1 :]
    ends = ["</blockquote>" for _, is_plain in closed if not is_plain]
    return "\n".join(prefix + line for line in ["", *ends, ""]) if ends else ""


def _write_alert(found: re.Match[str]) -> str:
    prefix, kind, title = found.groups()
    return f"{prefix}**{title or kind.capitalize()}**  "


def _replace_embeds(text: str, tally: Tally) -> str:
    def read(found: re.Match[str]) -> str:
        indent, name, target = found.groups()
        if target.startswith(("http://", "https://")):
            return indent + write_link(target)
        link = read_embed(name, [target], {})
        if link is None:
            tally.add("directive", name, text, found.start())
        return indent + (link or target)

    return _EMBED.sub(read, text)
