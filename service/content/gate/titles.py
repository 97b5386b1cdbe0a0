"""Titles that were cut, left unfinished, or glued together."""

from __future__ import annotations

import re

from service.content.gate.manuscript import Manuscript, Trouble
from service.model.wording import word

_PAIRS = tuple(zip("「『（(【〈《[“", "」』）)】〉》]”", strict=True))
# 〜とは, 〜では and 〜には end sound titles, other bare particles do not.
_UNFINISHED = re.compile(
    r"(?:[:：,，、;；・—–]|(?<!-)-|(?<![とでに])は|[ぁ-んァ-ヶ一-龠ー]が|[ァ-ヶ一-龠ーA-Za-z0-9]を|の[可真])$|"
    r"\s(?:the|a|an|of|and|or|with|for|to|from|by)$"
)
_GLUED = re.compile(
    r"[？?。！!](?:の|による|が(?:変える|もたらす))|(?:とは|のか)(?:の(?![かだでは])|による|がもたらす|が変える)|"
    r"[^とでに]はの(?:可|進|最|注|全|技)"
)


def find_cut_title(manuscript: Manuscript, _: float) -> Trouble | None:
    """A title or summary that was cut inside a character."""
    for part, text in manuscript.mailed:
        at = text.find("\ufffd")
        if at >= 0:
            message = word("the {part} was cut inside a character (U+FFFD)", part=part)
            return Trouble(message, part, text[max(0, at - 20) : at + 1])
    return None


def find_unfinished_title(manuscript: Manuscript, _: float) -> Trouble | None:
    """A title that stops in the middle: a bracket left open, a particle or a comma at its end."""
    title = manuscript.article.title
    for opener, closer in _PAIRS:
        if title.count(opener) > title.count(closer):
            return Trouble(
                word("the title opens {opener} and never closes it", opener=opener), "title", title
            )
    found = _UNFINISHED.search(title)
    if found is None:
        return None
    return Trouble(word("the title ends on '{end}'", end=found.group()), "title", title)


def find_glued_title(manuscript: Manuscript, _: float) -> Trouble | None:
    """A finished title to which another phrase was glued ("…のか？の全貌")."""
    found = _GLUED.search(manuscript.article.title)
    if found is None:
        return None
    message = word("the title goes on after its end ('{found}')", found=found.group())
    return Trouble(message, "title", manuscript.article.title)
