"""Addresses from patterns with `:placeholders`, and the slugs that go into them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import SplitResult, quote, unquote, urlsplit

from service.errors import ContentError

_ESCAPED = re.compile(r"%(?![0-9A-Fa-f]{2})")
_PARTS = re.compile(r"([^?#]*)(\?[^#]*)?(#.*)?", re.DOTALL)
_SEGMENT = re.compile(r"[/\\]")
_SAFE = "/~!$&'()*+,;=:@-._"
# Written out: strftime would follow the machine's locale.
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_PLACEHOLDER = re.compile(r":([a-z_]+)")


def fill_pattern(pattern: str, values: Mapping[str, str]) -> str:
    """Return `pattern` with its placeholders filled; raises ContentError for an unknown one."""

    def fill(found: re.Match[str]) -> str:
        name = found.group(1)
        # `:title_` is :title and an underscore, as Jekyll reads it.
        for known, rest in ((name, ""), (name.removesuffix("_"), "_")):
            if known in values:
                return values[known] + rest
        raise ContentError(
            "permalink", "the permalink has an unknown placeholder :{name}", name=name
        )

    return re.sub(r"/{2,}", "/", _PLACEHOLDER.sub(fill, pattern))


def list_date_values(moment: datetime) -> dict[str, str]:
    """Return what the date placeholders of Jekyll and Hugo stand for."""
    week = moment.isocalendar()
    month, day = _MONTHS[moment.month - 1], _DAYS[moment.weekday()]
    return {
        "year": f"{moment.year:04d}",
        "short_year": f"{moment.year % 100:02d}",
        "month": f"{moment.month:02d}",
        "i_month": str(moment.month),
        "day": f"{moment.day:02d}",
        "i_day": str(moment.day),
        "hour": f"{moment.hour:02d}",
        "minute": f"{moment.minute:02d}",
        "second": f"{moment.second:02d}",
        "w_year": str(week.year),
        "week": f"{week.week:02d}",
        "w_day": str(week.weekday),
        "weekday": str(moment.isoweekday() % 7),
        "yearday": str(moment.timetuple().tm_yday),
        "y_day": f"{moment.timetuple().tm_yday:03d}",
        "short_month": month[:3],
        "long_month": month,
        "monthname": month.lower(),
        "short_day": day[:3],
        "long_day": day,
        "weekdayname": day.lower(),
    }


def slugify(text: str, kept: str = "", *, cased: bool = False) -> str:
    """Return letters, marks and digits of any script and `kept`, the rest turned into `-`."""
    if text.isascii() and text.isalnum():
        slug = text
    else:
        slug = "".join(char if is_word(char) or char in kept else " " for char in text)
        slug = "-".join(slug.split())
    return slug if cased else slug.lower()


def check_permalink(written: str, site_url: str) -> str:
    """Return the path a permalink in front matter means; raises ContentError for a foreign one.

    A path is an address here and never a file name, so `..` in any spelling has no meaning.
    """
    try:
        parts = urlsplit(written)
    except ValueError as error:
        raise ContentError(
            "permalink", "the permalink is no address: {problem}", problem=error
        ) from error
    if parts.scheme or parts.netloc:
        site = urlsplit(site_url)
        if parts.scheme not in ("", "http", "https") or not _is_same_host(parts, site):
            raise ContentError("permalink", "the permalink leads to another site")
        written = parts.path.removeprefix(site.path.rstrip("/"))
    if any(segment in (".", "..") for segment in _SEGMENT.split(unquote(unquote(written)))):
        raise ContentError("permalink", "the permalink climbs out of the site (..)")
    return "/" + re.sub(r"/{2,}", "/", written).lstrip("/")


def _is_same_host(one: SplitResult, other: SplitResult) -> bool:
    return bool(one.netloc) and one.netloc.lower() == other.netloc.lower()


def escape_path(path: str, *, is_escaped: bool) -> str:
    """Return a path in ASCII, percent-encoded once."""
    safe = _SAFE + ("%" if is_escaped else "")
    return quote(_ESCAPED.sub("%25", path) if is_escaped else path, safe=safe)


def normalise_path(path: str) -> str:
    """Return a path as Ruby's Addressable writes it: in NFC, escaped where it has to be.

    A question mark or a number sign in it begins what they begin in any address.
    """
    found = _PARTS.fullmatch(path)
    parts = found.groups("") if found else (path, "", "")
    return "".join(
        quote(unicodedata.normalize("NFC", unquote(part)), safe=safe)
        for part, safe in zip(parts, (_SAFE, f"{_SAFE}?", f"{_SAFE}?#"), strict=True)
    )


def is_word(char: str) -> bool:
    """Whether a character is a letter, a mark or a digit of any script."""
    return char.isalpha() or char.isdecimal() or unicodedata.category(char)[0] == "M"
