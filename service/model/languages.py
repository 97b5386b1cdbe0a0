"""Languages by their tags, such as ja, en-GB or az-Arab."""

from __future__ import annotations

_RIGHT_TO_LEFT = frozenset({
    "aii", "ar", "arc", "arz", "ary", "azb", "bqi", "ckb", "dv", "fa", "glk", "he", "iw", "ji",
    "khw", "ks", "lrc", "mzn", "nqo", "pnb", "prs", "ps", "sd", "skr", "syr", "ug", "ur", "yi",
})  # fmt: skip
_SCRIPTS = frozenset({
    "adlm", "arab", "aran", "hebr", "mand", "mend", "nkoo", "rohg", "samr", "syrc", "thaa",
})  # fmt: skip

_OWN_NAMES = {
    "ar": "العربية", "de": "Deutsch", "en": "English", "es": "Español", "fr": "Français",
    "he": "עברית", "hi": "हिन्दी", "id": "Bahasa Indonesia", "it": "Italiano", "ja": "日本語",
    "ko": "한국어", "nl": "Nederlands", "pl": "Polski", "pt": "Português", "ru": "Русский",
    "th": "ไทย", "tr": "Türkçe", "uk": "Українська", "vi": "Tiếng Việt", "zh": "中文",
}  # fmt: skip

_CODES = frozenset({
    "aa", "ab", "ae", "af", "ak", "am", "an", "ar", "as", "av", "ay", "az", "ba", "be", "bg", "bh",
    "bi", "bm", "bn", "bo", "br", "bs", "ca", "ce", "ch", "co", "cr", "cs", "cu", "cv", "cy", "da",
    "de", "dv", "dz", "ee", "el", "en", "eo", "es", "et", "eu", "fa", "ff", "fi", "fj", "fo", "fr",
    "fy", "ga", "gd", "gl", "gn", "gu", "gv", "ha", "he", "hi", "ho", "hr", "ht", "hu", "hy", "hz",
    "ia", "id", "ie", "ig", "ii", "ik", "io", "is", "it", "iu", "iw", "ja", "ji", "jv", "ka", "kg",
    "ki", "kj", "kk", "kl", "km", "kn", "ko", "kr", "ks", "ku", "kv", "kw", "ky", "la", "lb", "lg",
    "li", "ln", "lo", "lt", "lu", "lv", "mg", "mh", "mi", "mk", "ml", "mn", "mo", "mr", "ms", "mt",
    "my", "na", "nb", "nd", "ne", "ng", "nl", "nn", "no", "nr", "nv", "ny", "oc", "oj", "om", "or",
    "os", "pa", "pi", "pl", "ps", "pt", "qu", "rm", "rn", "ro", "ru", "rw", "sa", "sc", "sd", "se",
    "sg", "sh", "si", "sk", "sl", "sm", "sn", "so", "sq", "sr", "ss", "st", "su", "sv", "sw", "ta",
    "te", "tg", "th", "ti", "tk", "tl", "tn", "to", "tr", "ts", "tt", "tw", "ty", "ug", "uk", "ur",
    "uz", "ve", "vi", "vo", "wa", "wo", "xh", "yi", "yo", "za", "zh", "zu",
})  # fmt: skip
_COUNTRIES = {"jp": "ja", "cn": "zh", "cz": "cs", "dk": "da", "gr": "el", "ua": "uk", "vn": "vi"}


def read_language(written: str) -> str:
    """The tag that was meant: ja by jp, which is a country; "" by two letters that are no language.

    Source: ISO 639-1 with the codes that it withdrew. Any three letters may be a language.
    """
    primary, *rest = written.replace("_", "-").split("-")
    code = primary.lower()
    meant = primary if len(code) > 2 or code in _CODES else _COUNTRIES.get(code, "")
    return "-".join([meant, *rest]) if meant else ""


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


def name_language(language: str) -> str:
    """What a language calls itself, with its tag where that says more; the tag when unknown."""
    name = _OWN_NAMES.get(primary_subtag(language))
    if name is None:
        return language
    return name if len(_split(language)) == 1 else f"{name} ({language})"


def _split(language: str) -> list[str]:
    return language.replace("_", "-").lower().split("-")
