"""MDX: imports and exports dropped, components and expressions too, their inner text kept."""

from __future__ import annotations

import re
from collections.abc import Iterator

from service.content.body.hidden import keep_lines
from service.content.body.tally import Tally

_IMPORT = re.compile(
    r"^import[ \t]+(?:[\w*{][^;'\"\n]{0,300}?(?:\n[^;'\"\n]{0,200}){0,30}?[ \t\n]from[ \t]+)?"
    r"(?P<quote>['\"])[^'\"\n]{1,300}(?P=quote);?[ \t]*$",
    re.MULTILINE,
)
_EXPORT = re.compile(r"^export[ \t]+(?:const|let|var|default|function|async|class)\b", re.MULTILINE)
_BLANK_LINE = re.compile(r"\n[ \t]*\n")
_TAG_START = re.compile(r"<(/?)([A-Z][\w.]*)(?=[\s/>])|</?>")
_COMMENT = re.compile(r"\s*/\*.*\*/\s*", re.DOTALL)
_STRING = re.compile(r"""\s*(["'`])([^"'`{}]*)\1\s*""")
_STOPS = re.compile(r"[{}<>\"'`]|\n[ \t]*\n")
_LONGEST = 4_000


def replace_components(text: str, tally: Tally) -> str:
    """Take MDX out of a source that shows itself to be MDX; any other is left as it is."""
    may_be = "<" in text or "import " in text or "export " in text
    if not may_be or not _is_mdx(text):
        return text
    text = _drop_exports(_IMPORT.sub(lambda found: keep_lines(found.group(), ""), text))
    if "<" in text:
        text = _drop_tags(text, tally)
    return _drop_expressions(text, tally) if "{" in text else text


def _is_mdx(text: str) -> bool:
    if ("import " in text and _IMPORT.search(text)) or ("export " in text and _EXPORT.search(text)):
        return True
    names: set[str] = set()
    for tag, end in _find_tags(text):
        name = tag.group(2)
        if name and (text[end - 2] == "/" or (tag.group(1) and name in names)):
            return True
        names.add(name)
    return False


def _drop_exports(text: str) -> str:
    kept: list[str] = []
    position = 0
    for export in _EXPORT.finditer(text):
        if export.start() < position:
            continue
        blank = _BLANK_LINE.search(text, export.end())
        end = blank.start() if blank else len(text)
        kept += (text[position : export.start()], keep_lines(text[export.start() : end], ""))
        position = end
    return "".join([*kept, text[position:]])


def _drop_tags(text: str, tally: Tally) -> str:
    kept: list[str] = []
    position = 0
    for tag, end in _find_tags(text):
        if tag.group(2) and not tag.group(1):
            tally.add("component", tag.group(2), text, tag.start())
        kept += (text[position : tag.start()], keep_lines(text[tag.start() : end], ""))
        position = end
    return "".join([*kept, text[position:]])


def _find_tags(text: str) -> Iterator[tuple[re.Match[str], int]]:
    """Yield components' tags and where they end; what never ends is looked through only once."""
    position = 0
    for tag in _TAG_START.finditer(text):
        if tag.start() < position:
            continue
        is_whole, position = _find_end(text, tag.end()) if tag.group(2) else (True, tag.end())
        if is_whole:
            yield tag, position


def _find_end(text: str, position: int) -> tuple[bool, int]:
    """Return whether a tag ends, and where it or the search for it does.

    Its properties may hold braces and quotes. Outside of them a second `<` ends the search.
    """
    depth, limit = 0, position + _LONGEST
    while found := _STOPS.search(text, position, limit):
        sign, position = found.group(), found.end()
        if sign in "\"'`":
            # In braces an apostrophe may be one: a string of code closes on its line.
            line_end = text.find("\n", position, limit) if depth else limit
            closing = text.find(sign, position, line_end if line_end > 0 else limit)
            if closing < 0 and not depth:
                return False, position
            position = closing + 1 or position
        elif sign == "{":
            depth += 1
        elif sign == "}":
            depth -= 1
        elif depth == 0:
            return sign == ">", position if sign == ">" else found.start()
        if depth < 0:
            return False, position
    return False, position


def _drop_expressions(text: str, tally: Tally) -> str:
    """Drop `{expressions}`; a plain string in one is kept as text."""
    kept: list[str] = []
    position, depth, start = 0, 0, 0
    for brace in re.finditer(r"[{}]|\n[ \t]*\n", text):
        sign = brace.group()
        if sign == "{":
            start = start if depth else brace.start()
            depth += 1
        elif sign == "}" and depth:
            depth -= 1
            if not depth:
                new = _read_expression(text, start, brace.end(), tally)
                kept += (text[position:start], keep_lines(text[start : brace.end()], new))
                position = brace.end()
        elif sign not in "{}":
            depth = 0
    return "".join([*kept, text[position:]])


def _read_expression(text: str, start: int, end: int, tally: Tally) -> str:
    inside = text[start + 1 : end - 1]
    string = _STRING.fullmatch(inside)
    if string:
        return string.group(2)
    if not _COMMENT.fullmatch(inside):
        tally.add("component", "{…}", text, start)
    return ""
