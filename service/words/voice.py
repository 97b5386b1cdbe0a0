"""A language with its sentences, numbers and dates: what a page or a mail speaks with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from gettext import NullTranslations

from babel import Locale
from babel.dates import (
    format_date,
    format_datetime,
    format_time,
    get_day_names,
    get_timezone_location,
)
from babel.lists import format_list

from service.errors import KawarabanError
from service.words.recognition import Recogniser

TOLD = "told"
"""The context of sentences that errors and kept texts are made of, and words inside them."""

_OURS = frozenset(
    {
        "cadence",
        "detail",
        "failure",
        "hold",
        "obstacles",
        "part",
        "problem",
        "reason",
        "state",
        "verdict",
        "wanted",
        "what",
        "where",
    }
)
"""The {names} whose values are words of ours; all others are what people call their things."""


@dataclass(frozen=True, slots=True)
class Told:
    """What came of telling something: `lang` is None where it is in the Voice's own language.

    Else it is the language for whoever reads it aloud, "" where nobody knows.
    """

    says: str
    lang: str | None = None

    def __str__(self) -> str:
        return self.says


@dataclass(frozen=True, slots=True)
class Voice:
    """One language. Sentences are asked for in English, which is also what an unknown one gets.

    {names} in a sentence are filled with the values given; nothing is escaped here.
    """

    language: str
    locale: Locale
    sentences: NullTranslations = field(default_factory=NullTranslations, repr=False)
    recogniser: Recogniser = field(default_factory=Recogniser, repr=False)

    def say(self, sentence: str, **values: object) -> str:
        """The sentence in this language."""
        # gettext answers nothing at all with the head of its file.
        return _fill(self.sentences.gettext(sentence) if sentence else "", values)

    def say_of(self, context: str, sentence: str, **values: object) -> str:
        """A sentence whose English means several things; `context` says which."""
        return _fill(self.sentences.pgettext(context, sentence), values)

    def say_count(self, one: str, many: str, count: int, **values: object) -> str:
        """The sentence for this many, as this language counts; {count} is written with commas."""
        said = self.sentences.ngettext(one, many, count)
        return _fill(said, {"count": f"{count:,}", **values})

    def say_count_of(self, context: str, one: str, many: str, count: int, **values: object) -> str:
        """The same for a sentence whose English means several things; `context` says which."""
        said = self.sentences.npgettext(context, one, many, count)
        return _fill(said, {"count": f"{count:,}", **values})

    def tell(self, error: KawarabanError) -> Told:
        """What an error says, in this language where it is known there, else in English."""
        said = self._tell(error.sentence, error.values)
        return Told(str(error), self._name_english()) if said is None else Told(said)

    def retell(self, text: str) -> Told:
        """An English text that was kept, in this language where it is one of our sentences.

        Lines that are no sentence together are told one by one; what others said stays as it is.
        """
        found = self.recogniser.find(text)
        said = self._tell(found.sentence, found.values) if found else None
        if said is not None:
            return Told(said)
        if "\n" in text:
            lines = [self.retell(line) for line in text.split("\n")]
            lang = next((line.lang for line in lines if line.lang is not None), None)
            return Told("\n".join(line.says for line in lines), lang)
        return Told(text, "" if self._name_english() else None)

    def _tell(self, sentence: str, values: Mapping[str, object]) -> str | None:
        """A sentence and what fills it, which may be ours too; None for an unknown sentence."""
        said = self.sentences.pgettext(TOLD, sentence)
        if said == sentence:
            return None
        return _fill(said, {name: self._tell_value(name, one) for name, one in values.items()})

    def _tell_value(self, name: str, value: object) -> str:
        if isinstance(value, KawarabanError):
            return self.tell(value).says
        return self.retell(str(value)).says if name in _OURS else str(value)

    def _name_english(self) -> str | None:
        return None if self.language == "en" else "en"

    def write_day(self, day: date) -> str:
        """A date without its year, such as November 21."""
        return self.write_by(self.say_of("a date by its CLDR pattern", "MMMM d"), day)

    def write_date(self, day: date) -> str:
        """A date with its year, such as November 21, 2026."""
        return self.write_by(self.say_of("a date by its CLDR pattern", "MMMM d, y"), day)

    def write_moment(self, moment: datetime) -> str:
        """A date with its time; `moment` in the zone wanted."""
        return f"{self.write_date(moment)} {moment:%H:%M}"

    def write_time(self, at: time) -> str:
        """A time of the day, such as 08:30."""
        if at.minute:
            pattern = self.say_of("a time by its CLDR pattern", "HH:mm")
        else:
            pattern = self.say_of("an hour sharp by its CLDR pattern", "HH:mm")
        return format_time(at, pattern, locale=self.locale)

    def write_appointment(self, moment: datetime) -> str:
        """A moment soon to come, such as Monday 30 November, 8:30; `moment` in the zone wanted."""
        if moment.minute:
            pattern = self.say_of("a date and time by its CLDR pattern", "EEEE d MMMM, H:mm")
        else:
            pattern = self.say_of("a date and hour by its CLDR pattern", "EEEE d MMMM, H:mm")
        return format_datetime(moment.replace(tzinfo=None), pattern, locale=self.locale)

    def name_weekday(self, weekday: int) -> str:
        """A day of the week, Monday being 0."""
        return str(get_day_names("wide", "stand-alone", self.locale)[weekday])

    def name_city(self, zone: str) -> str:
        """The city that a time zone is named after, such as New York for America/New_York."""
        named = get_timezone_location(zone, self.locale, return_city=True)
        # Argentina/Buenos Aires, where CLDR has no name for it.
        return named.rpartition("/")[2]

    def join(self, parts: list[str]) -> str:
        """A list as it is written out: A, B, and C."""
        return format_list(parts, "standard", self.locale)

    def join_names(self, names: Iterable[str]) -> str:
        """Names in a row, without an "and": A, B, C."""
        return self.say_of("between names in a row", ", ").join(names)

    def join_quoted(self, names: Iterable[str]) -> str:
        """Names in a row for a sentence that has quotation marks around them: A”, “B."""
        return self.say_of("between names in quotation marks", "”, “").join(names)

    def write_by(self, pattern: str, day: date) -> str:
        """A date by a CLDR pattern, which may hold words of this language."""
        return format_date(day, pattern, self.locale)


def _fill(sentence: str, values: dict[str, object]) -> str:
    return sentence.format(**values) if values else sentence
