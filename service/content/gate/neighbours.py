"""The other posts of a publication, as far as rules that compare posts need them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from functools import cached_property

from service.content.gate.addresses import Address, read_address
from service.content.gate.frames import find_frame
from service.model.post import Outline
from service.model.titles import TitleShape, read_title

_WITHIN = timedelta(days=3)
_MOST_COMPARED = 200
"""However many posts one day has, a title is compared with no more than these."""


class Neighbours:
    """All posts of a publication side by side: made once for many comparisons, then only asked.

    What a question needs is worked out when it is first asked: most scans change one post.
    """

    def __init__(self, posts: Iterable[Outline]) -> None:
        self._posts = sorted(posts, key=_place_in_time)
        self._shapes: dict[str, TitleShape] = {}

    def list_before(self, post: Outline) -> list[Outline]:
        """The other posts of the three days before `post`, the nearest first."""
        place, earliest = _place_in_time(post), post.published_at - _WITHIN
        day = _find_day(post)
        near: list[Outline] = []
        for back in range(_WITHIN.days + 1):
            for other in reversed(self._days.get(day - timedelta(days=back), ())):
                if _place_in_time(other) < place and other.published_at >= earliest:
                    near.append(other)
                if len(near) == _MOST_COMPARED:
                    return near
        return near

    def read_shape(self, title: str) -> TitleShape:
        """The shape of a title, read once."""
        shape = self._shapes.get(title)
        if shape is None:
            shape = self._shapes[title] = read_title(title)
        return shape

    def count_frame(self, frame: str) -> int:
        """How many posts have a summary with this frame."""
        return self._frames[frame]

    def is_known(self, address: Address) -> bool:
        """Whether a post has, or had, this address."""
        return address.key in self._addresses

    def could_know(self, address: Address) -> bool:
        """Whether an address looks like those of posts here, dated between first and last."""
        if address.form not in self._forms or address.month is None or not self._posts:
            return False
        first, last = self._posts[0].published_at, self._posts[-1].published_at
        return (first.year, first.month) <= address.month <= (last.year, last.month)

    def find_namesake(self, address: Address) -> str:
        """The one post whose address ends alike, "" where there is none or more."""
        found = self._endings.get(address.ending, ())
        return found[0] if len(found) == 1 else ""

    @cached_property
    def _days(self) -> dict[date, list[Outline]]:
        days: dict[date, list[Outline]] = {}
        for post in self._posts:
            days.setdefault(_find_day(post), []).append(post)
        return days

    @cached_property
    def _frames(self) -> Counter[str]:
        frames = (find_frame(post.title, post.summary) for post in self._posts)
        return Counter(frame for frame in frames if frame)

    @cached_property
    def _addresses(self) -> frozenset[str]:
        return frozenset(
            read_address(url).key for post in self._posts for url in (post.url, *post.former_urls)
        )

    @cached_property
    def _forms(self) -> frozenset[tuple[str, ...]]:
        return frozenset(read_address(post.url).form for post in self._posts)

    @cached_property
    def _endings(self) -> dict[str, list[str]]:
        endings: dict[str, list[str]] = {}
        for post in self._posts:
            endings.setdefault(read_address(post.url).ending, []).append(post.url)
        return endings


def _place_in_time(post: Outline) -> tuple[datetime, str]:
    return post.published_at, post.path


def _find_day(post: Outline) -> date:
    return post.published_at.astimezone(UTC).date()
