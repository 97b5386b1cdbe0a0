"""Hugo's patterns of addresses: their tokens filled, and the path as Hugo writes it."""

from __future__ import annotations

import re

from service.content.generators.base import Page
from service.content.generators.permalinks import is_word, list_date_values
from service.errors import ContentError

_PLACEHOLDER = re.compile(r":(\w+)(?:\[([^\]]*)\])?", re.ASCII)
_SLICE = re.compile(r"(\d*)(:?)(\d*)")


def fill_tokens(pattern: str, page: Page) -> str:
    """Return a pattern filled for a page; raises ContentError for an unknown token."""
    values, folders = _list_values(page), page.place.folders

    def fill(found: re.Match[str]) -> str:
        name, part = found.group(1), found.group(2)
        if name in ("sections", "sectionslugs"):
            return "/".join(folders if part is None else _slice(folders, part))
        if name in ("section", "sectionslug"):
            return folders[0] if folders else ""
        if name not in values:
            raise ContentError(
                "permalink", "the permalink has an unknown placeholder :{name}", name=name
            )
        return values[name]

    return _PLACEHOLDER.sub(fill, pattern)


def urlize(text: str) -> str:
    """Return a path as Hugo writes it: lower case, spaces as hyphens, other marks dropped."""
    kept: list[str] = []
    waits = False
    for char in text:
        if char.isspace():
            waits = bool(kept) and kept[-1] != "-"
        elif char in "./_#+~-@" or is_word(char):
            if waits and char != "-":
                kept.append("-")
            kept.append(char)
            waits = False
    return "".join(kept).lower()


def _list_values(page: Page) -> dict[str, str]:
    # Hugo takes the day from the date as it is written, in its own offset.
    place, slug = page.place, page.slug
    values = list_date_values(page.dated_at)
    return {
        **values,
        "yearday": str(page.dated_at.timetuple().tm_yday),
        "title": page.title,
        "slug": slug or page.title,
        "filename": place.stem,
        "contentbasename": place.stem,
        "slugorfilename": slug or place.stem,
        "slugorcontentbasename": slug or place.stem,
        "2006": values["year"],
        "06": values["short_year"],
        "01": values["month"],
        "1": values["i_month"],
        "02": values["day"],
        "2": values["i_day"],
        "Jan": values["short_month"],
        "January": values["long_month"],
        "Mon": values["short_day"],
        "Monday": values["long_day"],
    }


def _slice(folders: tuple[str, ...], part: str) -> tuple[str, ...]:
    """Return `[1:]`, `[:2]`, `[0]` or `[last]` of the sections."""
    if part == "last":
        return folders[-1:]
    found = _SLICE.fullmatch(part.replace("last", str(max(len(folders) - 1, 0))))
    if not found:
        raise ContentError(
            "permalink", "the permalink takes an unknown part :sections[{part}]", part=part
        )
    start = int(found.group(1) or 0)
    end = int(found.group(3) or len(folders)) if found.group(2) else start + 1
    return folders[start:end]
