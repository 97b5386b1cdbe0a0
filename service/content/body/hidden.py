"""Code set aside while the marks around it are read, so that no sample is taken for a mark."""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Iterator

# Non-characters: the door lets none in, so they can stand for something on the way.
_OPEN, _CLOSE, _LESS, _MORE, _BRACE = "\ufdd0", "\ufdd1", "\ufdd2", "\ufdd3", "\ufdd4"
_TOKEN = re.compile(f"{_OPEN}([0-9]+)\n*{_CLOSE}")
_NO_LINES = str.maketrans({_LESS: None, _MORE: None, _BRACE: "{"})

_FENCE = re.compile(
    r"^((?:[ \t>]|[-*+][ \t]|\d{1,9}[.)][ \t])*)(`{3,}|~{3,})([^\n]*)$", re.MULTILINE
)
_NOT_QUOTED = re.compile(r"\n(?![ \t]*>)")
_RUN = re.compile("`+")
_BLANK_LINE = re.compile(f"\n[ \t]*\n|{_OPEN}")
_HTML_CODE = re.compile(r"<(pre|code|textarea)\b[^<>]*>", re.IGNORECASE)
_HTML_ENDS = {
    name: re.compile(f"</{name}\\s*>", re.IGNORECASE) for name in ("pre", "code", "textarea")
}
_INDENTED = re.compile(r"^(?: {4}|\t)[^\n]*(?:\{[{%:#]|<|@\[|\$|---)", re.MULTILINE)
_ITEM = re.compile(r" {0,3}(?:[-*+]|\d{1,9}[.)])(?:[ \t]|$)")


class Hidden:
    """Texts put aside behind tokens that keep their number of lines."""

    def __init__(self) -> None:
        self._texts: list[str] = []

    def put(self, text: str) -> str:
        """Put `text` aside and return what stands for it."""
        self._texts.append(self._restore(text))
        lines = "\n" * text.count("\n")
        return f"{_OPEN}{len(self._texts) - 1}{lines}{_CLOSE}"

    def put_back(self, text: str) -> str:
        """Return `text` with everything where it was, and the marks of lines gone."""
        return self._restore(text).translate(_NO_LINES) if _has_signs(text) else text

    def _restore(self, text: str) -> str:
        if _OPEN not in text:
            return text
        return _TOKEN.sub(lambda token: self._texts[int(token.group(1))], text)


def keep_lines(old: str, new: str) -> str:
    """Return `new`, marked so that what follows keeps the line it had behind `old`."""
    change = count_lines(old) - count_lines(new)
    return new + (_LESS * change if change > 0 else _MORE * -change)


def count_lines(text: str, end: int | None = None) -> int:
    """Return how many line ends of the file lie before `end`."""
    ends = text.count("\n", 0, end)
    if _LESS in text or _MORE in text:
        ends += text.count(_LESS, 0, end) - text.count(_MORE, 0, end)
    return ends


def hide_braces(text: str) -> str:
    """Return a text whose braces open nothing until it is put back."""
    return text.replace("{", _BRACE)


def hide_code(text: str, hidden: Hidden) -> str:
    """Put fences, code spans, `pre` and `code` and indented code of a Markdown text aside."""
    if ("`" in text and "```" in text) or ("~" in text and "~~~" in text):
        text = _replace(text, list(_find_fences(text)), hidden)
    if "<" in text:
        text = _replace(text, list(_find_html_code(text)), hidden)
    if ("\n    " in text or "\n\t" in text or text[:1] in " \t") and _INDENTED.search(text):
        text = _replace(text, list(_find_indented(text)), hidden)
    if "`" in text:
        text = _replace(text, list(_find_spans(text)), hidden)
    return text


def _has_signs(text: str) -> bool:
    return any(sign in text for sign in (_OPEN, _LESS, _MORE, _BRACE))


def _replace(text: str, places: list[tuple[int, int]], hidden: Hidden) -> str:
    kept: list[str] = []
    position = 0
    for start, end in places:
        kept += (text[position:start], hidden.put(text[start:end]))
        position = end
    return "".join([*kept, text[position:]]) if places else text


def _find_fences(text: str) -> Iterator[tuple[int, int]]:
    """Yield where fences stand; one left open runs to the end, as in CommonMark.

    One in a list or a quotation may be indented code instead, so it counts only when closed.
    """
    fences = list(_FENCE.finditer(text))
    longest = _find_longest_closers(fences)
    index = 0
    while index < len(fences):
        fence = fences[index]
        prefix, mark, info = fence.groups()
        is_deep = bool(prefix.strip(" ")) or len(prefix) > 3
        is_closed = longest[index + 1].get(mark[0], 0) >= len(mark)
        index += 1
        if (mark[0] == "`" and "`" in info) or (is_deep and not is_closed):
            continue
        end = len(text)
        while index < len(fences) and not _closes(fences[index], mark, is_deep=is_deep):
            index += 1
        if index < len(fences):
            end = fences[index].end()
            index += 1
        outside = _NOT_QUOTED.search(text, fence.end(), end) if ">" in prefix else None
        if outside:
            end = outside.start()
            while fences[index - 1].start() > end:
                index -= 1
        yield fence.start() + len(prefix), end


def _find_longest_closers(fences: list[re.Match[str]]) -> list[dict[str, int]]:
    longest: list[dict[str, int]] = [{}]
    for fence in reversed(fences):
        mark, rest = fence.group(2), fence.group(3)
        known = longest[-1]
        if not rest.strip() and known.get(mark[0], 0) < len(mark):
            known = {**known, mark[0]: len(mark)}
        longest.append(known)
    return longest[::-1]


def _closes(fence: re.Match[str], mark: str, *, is_deep: bool) -> bool:
    prefix, closer, rest = fence.groups()
    if closer[0] != mark[0] or len(closer) < len(mark) or rest.strip():
        return False
    return not prefix.strip(" \t>") if is_deep else len(prefix) < 4 and not prefix.strip(" ")


def _find_html_code(text: str) -> Iterator[tuple[int, int]]:
    position = 0
    missing: set[str] = set()
    for tag in _HTML_CODE.finditer(text):
        name = tag.group(1).lower()
        if tag.start() < position or name in missing:
            continue
        closer = _HTML_ENDS[name].search(text, tag.end())
        if closer is None:
            missing.add(name)
            continue
        position = closer.end()
        yield tag.end(), closer.start()


def _find_indented(text: str) -> Iterator[tuple[int, int]]:
    """Yield the lines of indented code: after an empty line, and not inside a list."""
    position = 0
    after_blank, is_code, in_list = True, False, False
    for line in text.splitlines(keepends=True):
        if not line.strip():
            after_blank = True
        elif line.startswith(("    ", "\t")):
            is_code = (is_code or after_blank) and not in_list
            after_blank = False
            if is_code:
                yield position, position + len(line.rstrip("\n"))
        else:
            in_list = bool(_ITEM.match(line)) or (in_list and not after_blank)
            after_blank = is_code = False
        position += len(line)


def _find_spans(text: str) -> Iterator[tuple[int, int]]:
    """Yield code spans: equal runs of backticks with no empty line between them."""
    runs = [(run.start(), run.end()) for run in _RUN.finditer(text)]
    blanks = [blank.start() for blank in _BLANK_LINE.finditer(text)]
    following: dict[int, int] = {}
    closers: list[int] = []
    for index in range(len(runs) - 1, -1, -1):
        length = runs[index][1] - runs[index][0]
        closers.append(following.get(length, -1))
        following[length] = index
    closers.reverse()
    index = 0
    while index < len(runs):
        start, closer = runs[index][0], closers[index]
        is_escaped = text[start - 1 : start] == "\\" and text[start - 2 : start] != "\\\\"
        if (
            closer > 0
            and not is_escaped
            and bisect(blanks, start) == bisect(blanks, runs[closer][0])
        ):
            yield start, runs[closer][1]
            index = closer
        index += 1
