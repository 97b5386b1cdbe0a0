"""Addresses as links write them: what of one is compared, and whether it looks like a post's."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

_YEAR = re.compile(r"(?:19|20)\d\d")
_NUMBER = re.compile(r"\d{1,2}")


@dataclass(frozen=True, slots=True)
class Address:
    """An address taken apart: `key` is the same for all spellings of it, `ending` its last name.

    `form` says for each part of the path whether it is a year, a number or a name; `month` is
    the year and month the path names, None where it names none.
    """

    key: str
    form: tuple[str, ...]
    ending: str
    month: tuple[int, int] | None


def read_address(url: str) -> Address:
    """Take an absolute address apart; one that nobody can read has an empty key."""
    try:
        split = urlsplit(url)
        host = split.netloc.lower()
    except ValueError:
        return Address("", (), "", None)
    path = unquote(split.path).removesuffix("index.html").removesuffix(".html")
    parts = [part for part in path.split("/") if part]
    form = tuple(_classify(part) for part in parts)
    return Address(
        f"{host}/{'/'.join(parts)}", form, parts[-1] if parts else "", _find_month(parts, form)
    )


def _classify(part: str) -> str:
    if _YEAR.fullmatch(part):
        return "year"
    return "number" if _NUMBER.fullmatch(part) else "name"


def _find_month(parts: list[str], form: tuple[str, ...]) -> tuple[int, int] | None:
    for at, kind in enumerate(form[:-2]):
        if kind == "year" and form[at + 1] == "number":
            return int(parts[at]), int(parts[at + 1])
    return None
