"""A language model that speaks of its task instead of doing it: apologies, promises, prompts."""

from __future__ import annotations

import re
from dataclasses import dataclass

from service.content.gate.manuscript import Manuscript, Trouble
from service.content.gate.windows import holds, list_windows
from service.model.wording import word

_OPENING = 400
"""Characters of the body that are its first lines."""

_ITEM = "- "
_CANNOT = r"でき(?:ない|ません|かね)"
_ACKNOWLEDGED = (
    r"^(?:(?:はい|もちろん(?:です)?|それでは)[、。！!] ?)?"
    r"(?:承知(?:いた)?しました|かしこまりました)"
)
_MADE = (
    r"(?:以下|下記)[にはが]、?[^。\n]{0,80}(?:記事|原稿|文章)[をの][^。\n]{0,20}"
    r"(?:作成|執筆)(?:いた)?しま(?:す|した)"
)
_AS_ORDERED = (
    r"ご(?:依頼|要望|指定|指示)[^。\n]{0,20}(?:記事|文体|文字数|要件|補完)"
    rf"[^。\n]{{0,30}}(?:作成|執筆|完成|書|{_CANNOT})"
)
_SORRY = r"^(?:I[’']?m sorry|I am sorry|I apologi[sz]e|My apologies|Sorry),? but\b"
_WILLING = r"^(?:Certainly|Sure|Of course)[!,.] (?:Here(?:[’']?s| is| are)|I[’']ll|Let me)\b"


@dataclass(frozen=True, slots=True)
class _Tell:
    """A sign that is looked for first, because that is quick, and what must stand around it."""

    sign: str
    pattern: re.Pattern[str]
    rare: str


def _tell(sign: str, pattern: str, rare: str = "") -> _Tell:
    return _Tell(sign, re.compile(pattern, re.MULTILINE), rare)


_PLAIN_TELLS = (
    _tell("承知", _ACKNOWLEDGED, rare="承"),
    _tell(
        "申し訳",
        r"申し訳(?:ありません|ございません)が[^。\n]{0,60}(?:再度お試し|情報源を|"
        rf"(?:お答え|作成|生成|アクセス|提供|対応)(?:することが)?{_CANNOT})",
        rare="訳",
    ),
    _tell(
        "記事の",
        r"記事の続きを[^。\n]{0,40}(?:書[いきく]|完成|作成|補完|執筆)|(?:既存|提供された)の?記事の最後",
        rare="記",
    ),
    _tell(
        "unable to",
        r"\bI(?: am|[’']m)(?: currently)? unable to "
        r"(?:perform|browse|access|provide|complete|generate|fulfil|search|write)",
    ),
)
# Each search of a long text costs time, and these are nearly always at the start.
_OPENING_TELLS = (
    *_PLAIN_TELLS,
    _tell(
        "an AI",
        r"\b[Aa]s an AI(?: language)?(?: model| assistant)?,? I\b|\b[Aa]s an AI language model\b"
        r"|\bI am an AI (?:language model|assistant)\b",
    ),
    _tell("apologi", _SORRY),
    _tell("かしこまり", _ACKNOWLEDGED),
    _tell("ご依頼", _AS_ORDERED),
    _tell("ご要望", _AS_ORDERED),
    _tell("作成しま", _MADE),
    _tell("作成いたしま", _MADE),
    _tell("デルとして", rf"言語モデルとして、?(?:私は|お答え|[^。\n]{{0,20}}{_CANNOT})"),
    _tell("orry", _SORRY),
    _tell("Certainly", _WILLING),
    _tell("Sure", _WILLING),
    _tell("Of course", _WILLING),
)
_APOLOGY_FIRST = re.compile(r"(?:大変|誠に)?申し訳(?:ありません|ございません)が")


def find_voice(manuscript: Manuscript, _: float) -> Trouble | None:
    """A language model's apology or promise in the title, the summary or the first lines."""
    for part, text in manuscript.mailed:
        found = _APOLOGY_FIRST.match(text)
        quote = text[: found.end() + 40] if found else _find_tell(text, _OPENING_TELLS)
        if quote:
            return Trouble(word("a language model speaks in the {part}", part=part), part, quote)
    quote = _find_tell(_take_opening(manuscript), _OPENING_TELLS)
    if not quote:
        return None
    return Trouble(word("a language model speaks in the first lines"), "body", quote)


def find_body_voice(manuscript: Manuscript, _: float) -> Trouble | None:
    """The same further down in the text."""
    quote = _find_tell(manuscript.article.text, _PLAIN_TELLS, len(_take_opening(manuscript)))
    if not quote:
        return None
    return Trouble(word("a language model speaks in the text"), "body", quote)


def _take_opening(manuscript: Manuscript) -> str:
    text = manuscript.article.text
    end = text.find("\n", _OPENING)
    return text if end < 0 else text[:end]


def _find_tell(text: str, tells: tuple[_Tell, ...], start: int = 0) -> str:
    """The words in which a model betrays itself after `start`, "" where there are none."""
    for tell in tells:
        if not holds(text, tell.sign, tell.rare):
            continue
        for window in list_windows(text, tell.sign, start):
            found = tell.pattern.search(window)
            # The items of a list may name other posts.
            if found and not window.startswith(_ITEM):
                return window[found.start() : found.end() + 40].split("\n")[0]
    return ""
