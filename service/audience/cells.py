"""Cells of a sheet of readers: their text → values and back, and the guard against formulas."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, tzinfo
from typing import TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from service.errors import CellError

MAX_NAME_LENGTH = 200

# What spreadsheets take for a formula (their Japanese editions also in full width),
# behind any number of apostrophes, so that a real apostrophe there survives the trip.
_FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
_BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]+")
_MARKS = {"true": True, "yes": True, "1": True, "t": True,
          "false": False, "no": False, "0": False, "f": False}  # fmt: skip
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_SINGLE_DIGIT = re.compile(r"(?<!\d)(\d)(?!\d)")
# As programs write an instant for people: 2026-01-05 09:05:00.5 +0000 UTC.
_APART_OFFSET = re.compile(r"\s+([+-]\d{2}:?\d{2})(?:\s+\S{2,6})?$|\s+(?:UTC|GMT)$")

_Choice = TypeVar("_Choice")


def guard_cell(text: str) -> str:
    """Return the text as a spreadsheet may safely open it: formulas behind an apostrophe."""
    return f"'{text}" if _FORMULA.match(text) else text


def unguard_cell(text: str) -> str:
    """Return the text as it was before guard_cell; any other text as it is."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text


def parse_line(text: str) -> str:
    """Return the text on one line, trimmed, without control characters."""
    # Nearly every cell of a million rows is plain.
    return (text if text.isprintable() else _BREAKS.sub(" ", text)).strip()


def parse_passage(text: str) -> str:
    """Return the text with its line ends, without other control characters."""
    return _CONTROLS.sub("", text)


def parse_name(text: str) -> str:
    """Return a reader's name; raises CellError when it is no name but an essay."""
    name = parse_line(text)
    if len(name) > MAX_NAME_LENGTH:
        raise CellError("name: it is longer than {most} characters", most=MAX_NAME_LENGTH)
    return name


def parse_choice(column: str, text: str, choices: Mapping[str, _Choice]) -> _Choice | None:
    """Return what the cell names in `choices`, None when it is empty; raises CellError."""
    if not text or not (word := parse_line(text).casefold()):
        return None
    if word not in choices:
        raise CellError(
            "{column}: it must be one of {known}", column=column, known=", ".join(choices)
        )
    return choices[word]


def parse_topics(text: str) -> tuple[str, ...]:
    """Return the topics between the bars, each once; `%7C` is a bar inside one."""
    topics = (part.strip() for part in parse_line(text).split("|"))
    return tuple(
        dict.fromkeys(topic.replace("%7C", "|").replace("%25", "%") for topic in topics if topic)
    )


def parse_marked(column: str, text: str) -> bool | None:
    """Return whether a cell says yes or no, None when it is empty; raises CellError."""
    return parse_choice(column, text, _MARKS)


def parse_language(text: str) -> str:
    """Return a language tag, or nothing; raises CellError."""
    tag = parse_line(text)
    if tag and not _LANGUAGE.fullmatch(tag):
        raise CellError("language: it must be a language tag such as ja or en")
    return tag


def parse_hour(text: str) -> int | None:
    """Return an hour of the day, None when the cell is empty; raises CellError."""
    digits = parse_line(text)
    if not digits:
        return None
    if not re.fullmatch(r"[0-9]{1,2}", digits) or int(digits) > 23:
        raise CellError("send_hour: it must be an hour from 0 to 23")
    return int(digits)


def parse_timezone(text: str) -> str | None:
    """Return the name of a zone, None when the cell is empty; raises CellError."""
    name = parse_line(text)
    if not name:
        return None
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        # OSError: "Asia" alone is a folder of the zone database.
        raise CellError("timezone: it must be a zone such as Asia/Tokyo") from None


def parse_instant(column: str, text: str, zone: tzinfo) -> datetime | None:
    """Return an instant in UTC, None when the cell is empty; raises CellError.

    A time without an offset was written in `zone`.
    """
    if not text:
        return None
    if (instant := _try_instant(text, zone)) is not None:
        return instant
    written = parse_line(text).replace("/", "-")
    if not written:
        return None
    if " " in written:
        written = _APART_OFFSET.sub(lambda apart: apart[1] or "+00:00", written)
    # Spreadsheets write 2026/1/5 9:05; padded only where needed, for 12.5 seconds is not 12.05.
    for attempt in (written, _SINGLE_DIGIT.sub(r"0\1", written)):
        instant = _try_instant(attempt, zone)
        if instant is not None:
            return instant
    raise CellError("{column}: it must be a time such as 2026-11-20T08:00:00+09:00", column=column)


def render_topics(topics: Iterable[str]) -> str:
    """Return topics as parse_topics reads them."""
    return "|".join(topic.replace("%", "%25").replace("|", "%7C") for topic in topics)


def render_instant(instant: datetime | None) -> str:
    """Return an aware instant as ISO 8601 in UTC, nothing for None."""
    return "" if instant is None else instant.astimezone(UTC).isoformat()


def _try_instant(text: str, zone: tzinfo) -> datetime | None:
    try:
        written = datetime.fromisoformat(text)
        if written.tzinfo is UTC:
            return written
        aware = written if written.tzinfo else written.replace(tzinfo=zone)
        return aware.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
