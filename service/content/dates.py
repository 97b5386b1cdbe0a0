"""Dates as people write them, read the way their generator reads them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from service.errors import ContentError

_TIME = r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?P<second>:\d{2}(?:[.,]\d{0,9})?)?"
_HALF = r"(?:[ \t]*(?P<half>[AaPp])\.?[Mm]\.?)?"
_ZONE = r"(?P<zone>[Zz]|[+-]\d{1,2}(?::?\d{2})?|[A-Za-z]{3,4})"
_REST = rf"(?:(?:[Tt]|,?[ \t]+){_TIME}{_HALF}(?:[ \t]*{_ZONE})?)?"
_ISO = re.compile(rf"(?P<year>\d{{4}})-(?P<month>\d{{1,2}})-(?P<day>\d{{1,2}}){_REST}")
_FORMS = (
    _ISO,
    re.compile(rf"(?P<year>\d{{4}})/(?P<month>\d{{1,2}})/(?P<day>\d{{1,2}}){_REST}"),
    re.compile(rf"(?P<year>\d{{4}})年(?P<month>\d{{1,2}})月(?P<day>\d{{1,2}})日{_REST}"),
    re.compile(rf"(?P<name>[A-Za-z]{{3,9}})\.? (?P<day>\d{{1,2}}),? (?P<year>\d{{4}}){_REST}"),
    re.compile(
        r"(?:[A-Za-z]{3,9},? )?(?P<day>\d{1,2}) (?P<name>[A-Za-z]{3,9})\.? "
        rf"(?P<year>\d{{4}}){_REST}"
    ),
)
_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip
_ZONE_HOURS = {
    "UTC": 0, "GMT": 0, "Z": 0, "WET": 0, "BST": 1, "WEST": 1, "CET": 1, "CEST": 2, "EET": 2,
    "EEST": 3, "MSK": 3, "KST": 9, "JST": 9, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5,
    "MST": -7, "MDT": -6, "PST": -8, "PDT": -7, "AKST": -9, "AKDT": -8, "HST": -10,
}  # fmt: skip
_EARLIEST, _LATEST = 1900, 2999


def read_date(text: str, *, quoted: bool, dialect: str, zone: ZoneInfo) -> datetime:
    """Return the instant `text` means in `dialect`, aware, with the offset as written.

    A time without an offset is in `zone`, except that Jekyll's unquoted `Y-m-d H:M:S` is UTC;
    a date alone is midnight in `zone`. Raises ContentError("date") for anything else.
    """
    stripped = text.strip()
    found = _find_form(stripped)
    if found is None:
        raise ContentError("date", "cannot read the date '{written}'", written=stripped[:60])
    # Ruby's YAML makes UTC of exactly this form; everything else is read in the site's zone.
    is_stamp = found.re is _ISO and bool(found["second"]) and not found["half"]
    is_utc = dialect == "jekyll" and not quoted and is_stamp
    try:
        return _place(_read_local(found), found["zone"], UTC if is_utc else zone)
    except (ValueError, OverflowError) as error:
        raise ContentError(
            "date", "no such date: '{written}' ({problem})", written=stripped[:60], problem=error
        ) from error


def _find_form(text: str) -> re.Match[str] | None:
    return next((found for form in _FORMS if (found := form.fullmatch(text))), None)


def _read_local(found: re.Match[str]) -> datetime:
    year = int(found["year"])
    if not _EARLIEST <= year <= _LATEST:
        raise ValueError(f"the year is not between {_EARLIEST} and {_LATEST}")
    day = datetime(year, _read_month(found.groupdict()), int(found["day"]))  # noqa: DTZ001 - its zone is decided by the dialect
    return day + _read_time(found) if found["hour"] else day


def _read_time(found: re.Match[str]) -> timedelta:
    """Return the time of day: 24:00 is the day's end, and a leap second the next minute."""
    second, _, fraction = (found["second"] or ":0")[1:].replace(",", ".").partition(".")
    hour, minute, whole = _read_hour(found), int(found["minute"]), int(second)
    of_day = timedelta(hours=hour, minutes=minute, seconds=whole)
    if minute > 59 or whole > 60 or of_day > timedelta(days=1):
        raise ValueError("there is no such time of day")
    return of_day + timedelta(microseconds=int(fraction.ljust(6, "0")[:6]))


def _read_hour(found: re.Match[str]) -> int:
    hour = int(found["hour"])
    if not found["half"]:
        return hour
    if not 1 <= hour <= 12:
        raise ValueError("there is no such time of day")
    return hour % 12 + (12 if found["half"] in "pP" else 0)


def _read_month(parts: dict[str, str | None]) -> int:
    if parts.get("month"):
        return int(parts["month"] or 0)
    name = (parts.get("name") or "").lower()
    for number, month in enumerate(_MONTHS, start=1):
        if month == name or (month[:3] == name[:3] and len(name) in (3, 4) and month[0:4] >= name):
            return number
    raise ValueError(f"{name!r} is no month")


def _place(local: datetime, written: str | None, zone: tzinfo) -> datetime:
    if written:
        return local.replace(tzinfo=timezone(_read_offset(written)))
    return pin_offset(local.replace(tzinfo=zone))


def _read_offset(written: str) -> timedelta:
    name = written.upper()
    if name in _ZONE_HOURS:
        return timedelta(hours=_ZONE_HOURS[name])
    if name[0] not in "+-":
        raise ValueError(f"the time zone {written!r} is not known")
    digits = name[1:].replace(":", "")
    hours, minutes = (digits[:-2], digits[-2:]) if len(digits) > 2 else (digits, "0")
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    return -offset if name[0] == "-" else offset


def pin_offset(moment: datetime) -> datetime:
    """Return `moment` with its offset fixed, so that no later rule of its zone moves it."""
    return moment.replace(tzinfo=timezone(moment.utcoffset() or timedelta()))
