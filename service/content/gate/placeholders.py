"""Words that stand where somebody meant to write something later."""

from __future__ import annotations

import re

from service.content.gate.manuscript import Manuscript, Trouble
from service.content.gate.windows import holds
from service.model.wording import word

_LATER = r"TODO|TBD|FIXME"
# A bare TODO is the name of a kind of program, with a colon or brackets it is a note.
_PLACEHOLDER = re.compile(
    rf"\b[Ll]orem ipsum\b|\b(?:{_LATER})[:：]|[\[【(（](?:{_LATER}|要確認|要追記)[\]】)）]"
    r"|ここに[^。\n]{0,20}(?:を|が)(?:入力|記入|挿入|入ります)|この文章はダミー|ダミーテキストです"
    r"|\[(?:Your|Insert|Add) [^\]\n]{1,40}\]"
)
_ALONE = re.compile(rf"\W*(?:{_LATER}|untitled|new post|無題|タイトル|title)\W*", re.IGNORECASE)
_SIGNS = (
    ("orem ipsum", ""), ("TODO", "T"), ("TBD", "B"), ("FIXME", "X"), ("要確認", "認"),
    ("要追記", "追"), ("ここに", ""), ("ダミー", "ミ"), ("[", ""),
)  # fmt: skip
_BEFORE, _LONGEST = 8, 80
"""Characters: none begins further before its sign, and none is longer."""


def find_placeholder(manuscript: Manuscript, _: float) -> Trouble | None:
    """A placeholder in the title or summary: lorem ipsum, TODO:, "untitled"."""
    for part, text in manuscript.mailed:
        found = _PLACEHOLDER.search(text) or _ALONE.fullmatch(text)
        if found:
            words = found.group().strip()
            return Trouble(
                word("the {part} holds a placeholder ('{found}')", part=part, found=words),
                part,
                words,
            )
    return None


def find_body_placeholder(manuscript: Manuscript, _: float) -> Trouble | None:
    """A placeholder in the text, outside of code."""
    signs = [sign for sign, rare in _SIGNS if holds(manuscript.article.text, sign, rare)]
    if not signs:
        return None
    found = _find_first(manuscript.prose, signs)
    if found is None:
        return None
    return Trouble(
        word("the text holds a placeholder ('{found}')", found=found.group()), "body", found.group()
    )


def _find_first(text: str, signs: list[str]) -> re.Match[str] | None:
    """Return the first placeholder of a text, looking only around the signs of one."""
    found = (_find_at(text, sign) for sign in signs)
    return min(filter(None, found), key=lambda match: match.start(), default=None)


def _find_at(text: str, sign: str) -> re.Match[str] | None:
    at = text.find(sign)
    while at >= 0:
        found = _PLACEHOLDER.search(text, max(0, at - _BEFORE), at + _LONGEST)
        if found:
            # Another one may overlap it that begins before and ends behind the window.
            return _PLACEHOLDER.search(text, max(0, found.start() - _LONGEST))
        at = text.find(sign, at + 1)
    return None
