"""Bytes to text: UTF-8 with or without a mark, LF line ends, nothing that XML forbids."""

from __future__ import annotations

import codecs
import re

from service.content.body.cleaning import clean_text, has_controls, may_hold_non_characters
from service.errors import ContentError
from service.model.post import Finding, Level
from service.model.wording import word

_MARKS = (
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)
_JAPANESE = (("euc_jp", "EUC-JP"), ("cp932", "Shift_JIS"))
_SHIFTS = (b"\x1b$B", b"\x1b$@")
_KANA = re.compile("[\u3041-\u3096\u30a1-\u30fc]")
_SAMPLE = 20_000


def decode_text(raw: bytes) -> tuple[str, list[Finding]]:
    """Return the text of a file and what was odd; raises ContentError for other encodings."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _explain(raw, error.start) from error
    is_doubtful = has_controls(raw)
    if is_doubtful and (_SHIFTS[0] in raw or _SHIFTS[1] in raw):
        raise _explain(raw, raw.index(b"\x1b$"))
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    is_doubtful = is_doubtful or may_hold_non_characters(raw, text)
    cleaned = clean_text(text) if is_doubtful else text
    if len(cleaned) == len(text):
        return text, []
    message = word("{count} control character(s) taken out", count=str(len(text) - len(cleaned)))
    pairs = enumerate(zip(text, cleaned, strict=False))
    first = next((at for at, (old, new) in pairs if old != new), len(cleaned))
    return cleaned, [Finding("control", Level.WARN, message, text.count("\n", 0, first) + 1)]


def _explain(raw: bytes, at: int) -> ContentError:
    guess = _guess_encoding(raw)
    line = raw.count(b"\n", 0, at) + 1
    if not guess:
        return ContentError(
            "encoding", "not UTF-8 at byte {at}; save the file as UTF-8", line, at=at
        )
    return ContentError(
        "encoding",
        "not UTF-8 at byte {at} (it looks like {guess}); save the file as UTF-8",
        line,
        at=at,
        guess=guess,
    )


def _guess_encoding(raw: bytes) -> str:
    """Return the likely name of an encoding that is not UTF-8, "" when nothing speaks for one.

    Kana are in every Japanese text; read in the wrong encoding they are something else.
    """
    for mark, name in _MARKS:
        if raw.startswith(mark):
            return name
    sample = raw[:_SAMPLE]
    if sample.count(0) * 5 > len(sample):
        return "UTF-16"
    if _SHIFTS[0] in raw or _SHIFTS[1] in raw:
        return "ISO-2022-JP"
    counts = [(len(_KANA.findall(_decode(sample, codec))), name) for codec, name in _JAPANESE]
    kana, name = max(counts)
    return name if kana else ""


def _decode(sample: bytes, codec: str) -> str:
    try:
        return codecs.getincrementaldecoder(codec)().decode(sample)
    except UnicodeDecodeError:
        return ""
