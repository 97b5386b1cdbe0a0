"""The words of a language, for a mail to readers."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from service.editions.word_forms import Words
from service.editions.words_english import ENGLISH
from service.editions.words_japanese import JAPANESE
from service.model.languages import primary_subtag

_LANGUAGES: Mapping[str, Words] = MappingProxyType({"en": ENGLISH, "ja": JAPANESE})


def find_words(language: str) -> Words:
    """The words for a language tag such as ja or en-GB; English for those we do not speak."""
    return _LANGUAGES.get(primary_subtag(language), ENGLISH)
