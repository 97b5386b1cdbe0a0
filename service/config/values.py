"""How a value written in kawaraban.toml is read: one function a kind of value.

Each raises ValueError with the rest of a sentence that begins with the key.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date, time, timedelta
from difflib import get_close_matches
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo, available_timezones

import idna

from service.audience.addresses import normalise_address
from service.config.database import check_database
from service.errors import AddressError

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

_DURATION = re.compile(r"([0-9]{1,6})([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_TIME = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_MARK = re.compile(r"\{([^{}]*)\}")
_SUBJECT_MARKS = ("title", "date", "first", "count")
_LONGEST_SHOWN = 60
_LONGEST_SLUG = 63


def show(value: object) -> str:
    """Return a value as a mistake quotes it, in TOML's spelling and never long."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            cut = value if len(value) <= _LONGEST_SHOWN else value[:_LONGEST_SHOWN] + "…"
            return '"' + "".join(c if c.isprintable() else "�" for c in cut) + '"'
        case list():
            return "a list"
        case dict():
            return "a table"
        case date() | time():
            return value.isoformat()
    return str(value)


def read_text(value: object) -> str:
    """Return text of one or more lines, without blanks around it."""
    text = value.strip() if isinstance(value, str) else None
    if text is None:
        raise ValueError(f"{show(value)} is not text; write it in quotation marks")
    if any(unicodedata.category(c) in {"Cc", "Cs"} and c not in "\t\r\n" for c in text):
        raise ValueError("contains control characters; remove them")
    return text


def read_line(value: object) -> str:
    """Return text of one line; it may be empty."""
    text = read_text(value)
    if len(text.splitlines()) > 1:
        raise ValueError("has several lines; write it on one")
    return text


def read_words(value: object) -> str:
    """Return text of one line that says something."""
    text = read_line(value)
    if not text:
        raise ValueError("is empty; write something or remove the line")
    return text


def read_name(value: object) -> str:
    """Return the name of a category or tag, in the Unicode form that names are compared in."""
    return unicodedata.normalize("NFC", read_words(value))


def read_flag(value: object) -> bool:
    """Return true or false, and nothing that only resembles them."""
    if value is True or value is False:
        return value
    raise ValueError(f"{show(value)} is neither true nor false; write it without quotation marks")


def whole_number(low: int, high: int) -> Callable[[object], int]:
    """Return a reader of whole numbers from `low` to `high`."""

    def read_whole_number(value: object) -> int:
        # The type itself, because True is an int as well.
        if type(value) is not int:
            raise ValueError(f"{show(value)} is not a whole number; write one from {low} to {high}")
        if not low <= value <= high:
            raise ValueError(f"{value} is out of range; write a number from {low} to {high}")
        return value

    return read_whole_number


def one_of(*words: str) -> Callable[[object], str]:
    """Return a reader that takes exactly these words."""

    def read_choice(value: object) -> str:
        text = read_line(value)
        if text not in words:
            raise ValueError(f"{show(value)} is not known here; {suggest(text, words)}")
        return text

    return read_choice


def without_repeats(values: list[str]) -> list[str]:
    """Return the list as it is when nothing is in it twice."""
    repeated = next((value for n, value in enumerate(values) if value in values[:n]), None)
    if repeated is not None:
        raise ValueError(f"{show(repeated)} is in the list twice")
    return values


def without_repeated_addresses(addresses: list[str]) -> list[str]:
    """Return the list as it is when no mailbox is in it twice."""
    if len(set(addresses)) < len(addresses):
        # No address is quoted: they stay out of messages.
        raise ValueError("has the same address twice; remove one")
    return addresses


def read_subject(value: object) -> str:
    """Return a subject's form, whose marks are ones that will be filled in."""
    text = read_line(value)
    unknown = next((mark for mark in _MARK.findall(text) if mark not in _SUBJECT_MARKS), None)
    if unknown is not None:
        known = ", ".join(f"{{{mark}}}" for mark in _SUBJECT_MARKS)
        raise ValueError(f"{{{unknown}}} cannot be filled in; a subject knows {known}")
    return text


def read_duration(value: object) -> timedelta:
    """Return a length of time written as a number and s, m, h or d."""
    found = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError(f'{show(value)} is not a length of time; write "90s", "10m", "2h" or "7d"')
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def read_time(value: object) -> time:
    """Return a time of day, written as text or as TOML's own kind."""
    if isinstance(value, time):
        return value
    found = _TIME.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError(f'{show(value)} is not a time of day; write "08:00"')
    return time(int(found[1]), int(found[2]))


def read_weekday(value: object) -> int:
    """Return a weekday's number (Monday is 0) from its English name or its first three letters."""
    word = value.lower() if isinstance(value, str) else ""
    for number, name in enumerate(WEEKDAYS):
        if word in {name, name[:3]}:
            return number
    raise ValueError(f'{show(value)} is not a weekday; write "mon", "tue", … or "sun"')


def read_monthday(value: object) -> int:
    """Return a day that every month has: 1 to 28, or 0 for "last"."""
    if value == "last":
        return 0
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 28:
        return value
    raise ValueError(f'{show(value)} is not a day that every month has; write 1 to 28 or "last"')


def read_language(value: object) -> str:
    """Return a language tag such as ja, en or pt-BR."""
    if not isinstance(value, str) or not _LANGUAGE.fullmatch(value):
        raise ValueError(f'{show(value)} is not a language tag; write "ja", "en" or "pt-BR"')
    return value


def read_timezone(value: object) -> str:
    """Return the name of a time zone that this machine's zone data knows."""
    text = read_line(value)
    try:
        ZoneInfo(text)
    except (LookupError, ValueError, OSError):
        hint = _suggest_timezone(text)
        raise ValueError(f"{show(value)} is not a time zone; {hint}") from None
    return text


def _suggest_timezone(text: str) -> str:
    zones = sorted(available_timezones())
    word = text.lower().replace(" ", "_")
    same_city = [zone for zone in zones if word and zone.lower().rpartition("/")[2] == word]
    near = [zone for zone in zones if zone.lower() == word] or [z for z in same_city if "/" in z]
    near = near or get_close_matches(text, zones, n=1)
    return f'did you mean "{near[0]}"?' if near else 'write for example "Asia/Tokyo"'


def read_slug(value: object) -> str:
    """Return a short name for addresses: small ASCII letters, digits and hyphens."""
    text = read_words(value)
    if not _SLUG.fullmatch(text) or len(text) > _LONGEST_SLUG:
        raise ValueError(
            f'{show(value)} is not a short name; use a to z, 0 to 9 and hyphens, such as "weekly"'
        )
    return text


def read_url(value: object) -> str:
    """Return an http(s) address as ASCII, without a trailing slash."""
    text = read_words(value)
    parts = _split_url(text)
    if parts.username is not None or parts.password is not None:
        raise ValueError("names a user or a password; write the address without them")
    if parts.query or parts.fragment:
        raise ValueError(f"{show(value)} has a ? or # in it; write the address without that part")
    return f"{parts.scheme}://{_compose_host(parts)}{parts.path.rstrip('/')}"


def _split_url(text: str) -> SplitResult:
    try:
        parts = urlsplit(text)
        sound = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        sound = False
    if not sound or any(c.isspace() for c in text):
        raise ValueError(f'{show(text)} is not a web address; write "https://example.com"')
    return parts


def _compose_host(parts: SplitResult) -> str:
    host = parts.hostname or ""
    if not host.isascii():
        try:
            host = idna.encode(host, uts46=True).decode("ascii")
        except idna.IDNAError:
            raise ValueError(f"{show(host)} is not the name of a host") from None
    host = f"[{host}]" if ":" in host else host
    return host if parts.port is None else f"{host}:{parts.port}"


def read_email(value: object) -> str:
    """Return a mail address, or nothing when it is still empty."""
    text = read_line(value)
    if text and not _EMAIL.fullmatch(text):
        # The value is not quoted: addresses stay out of messages.
        raise ValueError('is not a mail address; write "news@example.com"')
    return text


def read_address(value: object) -> str:
    """Return a mail address in the one spelling under which its mailbox is known."""
    try:
        return normalise_address(read_words(value))
    except AddressError as error:
        raise ValueError(f'is not a mail address: {error}; write "news@example.com"') from error


def read_database(value: object) -> str:
    """Return a database's address without a password (that one is for DATABASE_URL)."""
    text = read_words(value)
    user = text.rpartition("@")[0].partition("://")[2]
    if ":" in user or "password=" in text.lower():
        raise ValueError("holds a password; take the line out and set DATABASE_URL instead")
    return check_database(text)


def suggest(word: str, known: tuple[str, ...]) -> str:
    """Return a hint at what was meant, or at everything that could have been."""
    near = get_close_matches(word.lower(), known, n=1)
    if near:
        return f'did you mean "{near[0]}"?'
    return "known: " + ", ".join(f'"{each}"' for each in known)
