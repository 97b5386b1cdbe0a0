"""Archives of the site's feed, as RFC 5005 has them: every post, month by month.

A month whose Atom would be too much for one document is halved by its days until every part
fits, so that a part has bounds of the calendar and does not move when another one grows. The
last part bears the name of the month alone, the others their first day too: what follows a month
names it by that name, however many parts it has.
"""

from __future__ import annotations

import calendar
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from service.feeds.window import sort_newest_first
from service.model.post import Post

LARGEST_PART = 4_000_000
"""Bytes of one document, by our measure; validators stop reading at five million."""


@dataclass(frozen=True, slots=True)
class Part:
    """A document of the archive: its name, such as 2026-03 or 2026-03-01, and its posts."""

    name: str
    posts: tuple[Post, ...]


def list_parts(
    posts: Sequence[Post], zone: ZoneInfo, size_of: Callable[[Post], int]
) -> tuple[Part, ...]:
    """The documents that hold all posts, the oldest first; in each the newest post comes first."""
    months: dict[str, dict[int, list[Post]]] = {}
    for post in reversed(sort_newest_first(posts)):
        at = _localise(post, zone)
        months.setdefault(f"{at[0]:04d}-{at[1]:02d}", {}).setdefault(at[2], []).append(post)
    parts: list[Part] = []
    for name, days in months.items():
        year, month = name.split("-")
        last = calendar.monthrange(int(year), int(month))[1]
        *earlier, latest = _divide(_Month(name, days, size_of), 1, last)
        parts += [*earlier, Part(name, latest.posts)]
    return tuple(parts)


@dataclass(frozen=True, slots=True)
class _Month:
    name: str
    days: dict[int, list[Post]]
    size_of: Callable[[Post], int]

    def list_posts(self, first: int, last: int) -> list[Post]:
        """The posts of these days, oldest first."""
        return [post for day in range(first, last + 1) for post in self.days.get(day, ())]


def _localise(post: Post, zone: ZoneInfo) -> tuple[int, int, int]:
    try:
        at = post.published_at.astimezone(zone)
    except OverflowError:  # the first or last day there is, seen from further west or east
        at = post.published_at
    return at.year, at.month, at.day


def _divide(month: _Month, first: int, last: int) -> list[Part]:
    posts = month.list_posts(first, last)
    if not posts:
        return []
    if len(posts) == 1 or sum(map(month.size_of, posts)) <= LARGEST_PART:
        return [_make_part(f"{month.name}-{first:02d}", posts)]
    if first == last:
        return _cut_day(f"{month.name}-{first:02d}", posts, month.size_of)
    middle = (first + last) // 2
    return [*_divide(month, first, middle), *_divide(month, middle + 1, last)]


def _cut_day(name: str, posts: Sequence[Post], size_of: Callable[[Post], int]) -> list[Part]:
    """A day too full for one document: filled one by one, the oldest posts first."""
    cut: list[list[Post]] = [[]]
    size = 0
    for post in posts:
        size += size_of(post)
        if size > LARGEST_PART and cut[-1]:
            cut.append([])
            size = size_of(post)
        cut[-1].append(post)
    return [_make_part(f"{name}-{number}", each) for number, each in enumerate(cut, start=1)]


def _make_part(name: str, posts: Sequence[Post]) -> Part:
    return Part(name, tuple(reversed(posts)))
