"""Words that stand where somebody meant to write something later."""

from __future__ import annotations

import re

from service.content.gate.manuscript import Manuscript, Trouble

_LATER = r"TODO|TBD|FIXME"
# A bare TODO is the name of a kind of program, with a colon or brackets it is a note.
_PLACEHOLDER = re.compile(
    rf"\b[Ll]orem ipsum\b|\b(?:{_LATER})[:：]|[\[【(（](?:{_LATER}|要確認|要追記)[\]】)）]"
    r"|ここに[^。\n]{0,20}(?:を|が)(?:入力|記入|挿入|入ります)|この文章はダミー|ダミーテキストです"
    r"|\[(?:Your|Insert|Add) [^\]\n]{1,40}\]"
)
_ALONE = re.compile(rf"\W*(?:{_LATER}|untitled|new post|無題|タイトル|title)\W*", re.IGNORECASE)
_SIGNS = ("orem ipsum", "TODO")


def find_placeholder(manuscript: Manuscript, _: float) -> Trouble | None:
    """A placeholder in the title or summary: lorem ipsum, TODO:, "untitled"."""
    for part, text in manuscript.mailed:
        found = _PLACEHOLDER.search(text) or _ALONE.fullmatch(text)
        if found:
            words = found.group().strip()
            return Trouble(f"the {part} holds a placeholder ({words!r})", part, words)
    return None


def find_body_placeholder(manuscript: Manuscript, _: float) -> Trouble | None:
    """A placeholder in the text, outside of code."""
    text = manuscript.article.text
    if not any(sign in text for sign in _SIGNS):
        return None
    found = _PLACEHOLDER.search(manuscript.prose)
    if found is None:
        return None
    return Trouble(f"the text holds a placeholder ({found.group()!r})", "body", found.group())
