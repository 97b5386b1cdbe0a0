"""The language of a post, read from the names of its file and folders."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

_LANGUAGES = frozenset({
    "af", "ar", "az", "be", "bg", "bn", "bs", "ca", "cs", "cy", "da", "de", "el", "en", "eo",
    "es", "et", "eu", "fa", "fi", "fr", "ga", "gl", "gu", "he", "hi", "hr", "hu", "hy", "id",
    "is", "it", "ja", "ka", "kk", "km", "kn", "ko", "ky", "lo", "lt", "lv", "mk", "ml", "mn",
    "mr", "ms", "my", "nb", "ne", "nl", "nn", "no", "pa", "pl", "pt", "ro", "ru", "si", "sk",
    "sl", "sq", "sr", "sv", "sw", "ta", "te", "th", "tl", "tr", "uk", "ur", "uz", "vi", "zh",
})  # fmt: skip
# Folders are also called it, hr, ml or cs: one of these alone speaks for itself ...
_PLAIN = frozenset({
    "da", "de", "en", "eo", "es", "fi", "fr", "hu", "ja", "ko", "nl", "pl", "pt", "ro", "sv", "tr",
    "zh",
})  # fmt: skip
# ... and these only where the text is written in their letters.
_SCRIPTS = {
    "ar": "\u0600-\u06ff", "fa": "\u0600-\u06ff", "ur": "\u0600-\u06ff", "he": "\u0590-\u05ff",
    "ru": "\u0400-\u04ff", "uk": "\u0400-\u04ff", "be": "\u0400-\u04ff", "bg": "\u0400-\u04ff",
    "sr": "\u0400-\u04ff", "mk": "\u0400-\u04ff", "el": "\u0370-\u03ff", "hi": "\u0900-\u097f",
    "mr": "\u0900-\u097f", "ne": "\u0900-\u097f", "bn": "\u0980-\u09ff", "ta": "\u0b80-\u0bff",
    "te": "\u0c00-\u0c7f", "kn": "\u0c80-\u0cff", "ml": "\u0d00-\u0d7f", "th": "\u0e00-\u0e7f",
    "lo": "\u0e80-\u0eff", "my": "\u1000-\u109f", "ka": "\u10a0-\u10ff", "km": "\u1780-\u17ff",
    "hy": "\u0530-\u058f", "si": "\u0d80-\u0dff", "gu": "\u0a80-\u0aff", "pa": "\u0a00-\u0a7f",
}  # fmt: skip
_REGION = r"(?:[-_](?:[A-Za-z]{2}|[A-Z][a-z]{3}|419))?"
_SUFFIX = re.compile(rf"(.+)\.([a-z]{{2}}{_REGION})")
_FOLDER = re.compile(
    r"(?:_?(?:posts?|articles?|content|blog|pages?|entries|news|docs)[-_.])?"
    rf"([a-z]{{2}}{_REGION})"
)


def split_language(stem: str, codes: Collection[str] = ()) -> tuple[str, str]:
    """Split `index.ja` into name and language; `codes` are those the site knows, if it says."""
    found = _SUFFIX.fullmatch(stem)
    if found and _is_one(found.group(2), codes):
        return found.group(1), found.group(2)
    return stem, ""


def find_folder_language(folders: Sequence[str]) -> str:
    """Return the language of the first folder that is named after one: `en`, `posts_he`."""
    for folder in folders:
        found = _FOLDER.fullmatch(folder)
        if found and found.group(1)[:2] in _LANGUAGES:
            return found.group(1).replace("_", "-")
    return ""


def is_spoken(language: str, text: str) -> bool:
    """Whether a folder with this name can be meant as the language of `text`."""
    code = language[:2]
    if code in _PLAIN:
        return True
    return code in _SCRIPTS and re.search(f"[{_SCRIPTS[code]}]", text) is not None


def _is_one(written: str, codes: Collection[str]) -> bool:
    if codes:
        return written.lower() in codes
    return written[:2] in _LANGUAGES
