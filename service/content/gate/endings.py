"""Bodies that stop in the middle of a sentence."""

from __future__ import annotations

import html as html_entities
import re

from service.content.gate.manuscript import Manuscript, Trouble
from service.model.wording import word

_RELATED = re.compile(
    r"<(h[1-6]|p)>(?:<strong>)?[^<\w]{0,3}(?:関連記事|関連リンク|(?:あわせて|合わせて)読みたい|"
    r"おすすめ記事|[Rr]elated (?:posts|articles)|[Ss]ee also|[Ff]urther reading)[^<]{0,20}"
    r"(?:</strong>)?[^<]{0,4}</\1>"
)
_RELATED_SIGNS = ("関連", "読みたい", "おすすめ記事", "elated ", "ee also", "urther reading")
_TAG = re.compile(r"<[^<>]*>")
_RULE = "<hr />"
_TAIL = 8_000
_KANA = re.compile("[\u3041-\u3096\u30a1-\u30fa]")
_FINISHED = re.compile(
    r"[。．！？!?.…」』）)\]】》〉”\"’':：～~♪♫☆★^｣/ｗw笑]$|(?:です|ます|でした|ました|ません|ください|でしょう)$|[\u2600-\u27bf\U0001f000-\U0001faff]\ufe0f?$"
)
_LATIN_OPEN = re.compile(r",$|\b(?:the|a|an|of|and|or|with|for|to|from|by|that|which|is|are)$")
_LATIN_LONG = 60
_END = 12
"""No sign of an end is longer, in characters."""


def find_unfinished_body(manuscript: Manuscript, _: float) -> Trouble | None:
    """A last paragraph, before related links, that stops in the middle of a sentence."""
    paragraph = _find_last_paragraph(manuscript.article.html).rstrip()
    text = html_entities.unescape(_TAG.sub("", paragraph)).strip()
    if not text or not _stops_short(text) or paragraph.endswith("</a>"):
        return None
    return Trouble(word("the text stops in the middle of a sentence"), "body", text[-24:].strip())


def _find_last_paragraph(html: str) -> str:
    """The inside of the last paragraph, "" where something else comes last."""
    body = _cut_related(html[-_TAIL:]).rstrip()
    while body.endswith(_RULE):
        body = body.removesuffix(_RULE).rstrip()
    if not body.endswith("</p>"):
        return ""
    return body[body.rfind("<p>") + 3 : -4] if "<p>" in body else ""


def _cut_related(tail: str) -> str:
    if not any(sign in tail for sign in _RELATED_SIGNS):
        return tail
    found = None
    for found in _RELATED.finditer(tail):  # noqa: B007 - the last one is wanted
        pass
    return tail[: found.start()] if found else tail


def _stops_short(text: str) -> bool:
    if _FINISHED.search(text[-_END:]) or _is_note(text):
        return False
    if _KANA.search(text[-40:]):
        return True
    return len(text) >= _LATIN_LONG and bool(_LATIN_OPEN.search(text[-_END:]))


def _is_note(text: str) -> bool:
    return text[text.rfind("\n") + 1 :].startswith(("※", "*", "＊"))
