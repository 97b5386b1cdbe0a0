"""A language with its sentences, numbers and dates: what a page or a mail speaks with."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from gettext import NullTranslations

from babel import Locale
from babel.dates import format_date, get_day_names
from babel.lists import format_list

_ENGLISH_DAY = "d MMMM y"


@dataclass(frozen=True, slots=True)
class Voice:
    """One language. Sentences are asked for in English, which is also what an unknown one gets.

    {names} in a sentence are filled with the values given; nothing is escaped here.
    """

    language: str
    locale: Locale
    sentences: NullTranslations = field(default_factory=NullTranslations, repr=False)

    def say(self, sentence: str, **values: object) -> str:
        """The sentence in this language."""
        return _fill(self.sentences.gettext(sentence), values)

    def say_of(self, context: str, sentence: str, **values: object) -> str:
        """A sentence whose English means several things; `context` says which."""
        return _fill(self.sentences.pgettext(context, sentence), values)

    def say_count(self, one: str, many: str, count: int, **values: object) -> str:
        """The sentence for this many, as this language counts; {count} is written with commas."""
        said = self.sentences.ngettext(one, many, count)
        return _fill(said, {"count": f"{count:,}", **values})

    def write_day(self, day: date) -> str:
        """A date without its year, such as 21 November."""
        return self._write(day, self.say_of("a date by its CLDR pattern", "d MMMM"))

    def write_date(self, day: date) -> str:
        """A date with its year, such as 21 November 2026."""
        return self._write(day, self.say_of("a date by its CLDR pattern", _ENGLISH_DAY))

    def write_moment(self, moment: datetime) -> str:
        """A date with its time; `moment` in the zone wanted."""
        return f"{self.write_date(moment)} {moment:%H:%M}"

    def name_weekday(self, weekday: int) -> str:
        """A day of the week, Monday being 0."""
        return str(get_day_names("wide", "stand-alone", self.locale)[weekday])

    def join(self, parts: list[str]) -> str:
        """A list as it is written out: A, B, and C."""
        return format_list(parts, "standard", self.locale)

    def _write(self, day: date, pattern: str) -> str:
        return format_date(day, pattern, self.locale)


def _fill(sentence: str, values: dict[str, object]) -> str:
    return sentence.format(**values) if values else sentence
