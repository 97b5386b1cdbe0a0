"""Languages by their tags, such as ja, en-GB or az-Arab."""

from __future__ import annotations

_RIGHT_TO_LEFT = frozenset({
    "aii", "ar", "arc", "arz", "ary", "azb", "bqi", "ckb", "dv", "fa", "glk", "he", "iw", "ji",
    "khw", "ks", "lrc", "mzn", "nqo", "pnb", "prs", "ps", "sd", "skr", "syr", "ug", "ur", "yi",
})  # fmt: skip
_SCRIPTS = frozenset({
    "adlm", "arab", "aran", "hebr", "mand", "mend", "nkoo", "rohg", "samr", "syrc", "thaa",
})  # fmt: skip


def find_direction(language: str) -> str:
    """The direction a language is written in, ltr or rtl; a script in its tag decides.

    Source: the scripts that Unicode's CLDR gives as the usual one of each language.
    """
    primary, *rest = _split(language)
    script = next((part for part in rest if len(part) == 4 and part.isalpha()), "")
    is_right_to_left = script in _SCRIPTS if script else primary in _RIGHT_TO_LEFT
    return "rtl" if is_right_to_left else "ltr"


def primary_subtag(language: str) -> str:
    """The language of a tag without its script and country: en of en-GB."""
    return _split(language)[0]


def _split(language: str) -> list[str]:
    return language.replace("_", "-").lower().split("-")
