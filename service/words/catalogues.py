"""The languages there are: English, and one gettext file for each other below templates/words/."""

from __future__ import annotations

from functools import cache
from gettext import GNUTranslations
from io import BytesIO

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from service.model.languages import primary_subtag
from service.words.places import find_templates
from service.words.recognition import Recogniser
from service.words.voice import TOLD, Voice

SOURCE = "en"
"""The language that sentences are written in where they are asked for."""


def find_voice(language: str) -> Voice:
    """The voice for a language tag such as ja or en-GB; English for those we do not speak."""
    code = primary_subtag(language)
    return _open_voice(code if code in list_languages() else SOURCE)


@cache
def list_languages() -> tuple[str, ...]:
    """The languages that pages and mails are written in, English first."""
    return (SOURCE, *sorted(file.stem for file in (find_templates() / "words").glob("*.po")))


@cache
def _open_voice(language: str) -> Voice:
    locale = Locale.parse(language)
    if language == SOURCE:
        return Voice(language, locale)
    with (find_templates() / "words" / f"{language}.po").open("rb") as file:
        catalogue = read_po(file, locale=locale, abort_invalid=True)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    told = Recogniser(str(one.id) for one in catalogue if one.context == TOLD)
    return Voice(language, locale, GNUTranslations(compiled), told)
