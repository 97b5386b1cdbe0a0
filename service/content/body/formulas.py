"""Formulas, whose source is shown as code: mail and feeds cannot set them."""

from __future__ import annotations

import re

from service.content.body.hidden import Hidden
from service.content.body.tags import replace_marks

_BLOCK = re.compile(
    r"^[ \t]*\$\$[ \t]*\n((?:(?!\n[ \t]*\n)[^$]){1,4000}?)\n[ \t]*\$\$[ \t]*$", re.MULTILINE
)
_DOUBLE = re.compile(r"\$\$([^$\n]{1,1000}(?:\n(?![ \t]*\n)[^$\n]{0,1000}){0,40})\$\$")
_SINGLE = re.compile(r"(?<![\w$\\])\$(?![\s$])([^$\n]{1,300})(?<![\s\\])\$(?![\w$])")
_BLANK_LINE = re.compile(r"\n[ \t]*\n")
_LOOKS_LIKE_MATH = re.compile(r"[\\^_={}]|^\w(?:['′]|\d)?$|^\w\([\w, ]*\)$")


def hide_formulas(text: str, hidden: Hidden) -> str:
    r"""Put `$$ $$`, `\\( \\)`, `\\[ \\]` and what reads like `$x_1$` aside as code."""
    if "$$" in text:
        text = _BLOCK.sub(lambda found: hidden.put(_write_block(found.group(1))), text)
        text = _DOUBLE.sub(lambda found: hidden.put(_write_span(found.group(1))), text)
    if "\\\\(" in text or "\\\\[" in text:
        for opener, closer in (("\\\\(", "\\\\)"), ("\\\\[", "\\\\]")):
            text = replace_marks(text, opener, closer, lambda inside, _: _hide_span(inside, hidden))
    if "$" in text:
        text = _SINGLE.sub(lambda found: _hide_single(found, hidden), text)
    return text


def _hide_single(found: re.Match[str], hidden: Hidden) -> str:
    formula = found.group(1)
    is_math = _LOOKS_LIKE_MATH.search(formula) and formula.isascii()
    return hidden.put(_write_span(formula)) if is_math else found.group()


def _hide_span(formula: str, hidden: Hidden) -> str | None:
    return None if _BLANK_LINE.search(formula) else hidden.put(_write_span(formula))


def _write_block(formula: str) -> str:
    mark = "`" * max(3, _longest_run(formula) + 1)
    return f"{mark}latex\n{formula}\n{mark}"


def _write_span(formula: str) -> str:
    mark = "`" * (_longest_run(formula) + 1)
    pad = " " if formula.startswith("`") or formula.endswith("`") else ""
    return f"{mark}{pad}{formula.strip()}{pad}{mark}"


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)
