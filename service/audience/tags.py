"""Another service's tags → topics, where a newsletter offers them."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping

_MAX_NAMED = 1000
"""Tags that are named; some services let every form make one."""


class TagReader:
    """Topics by newsletter, as readers may choose them; what is none of them is counted."""

    def __init__(self, offered: Mapping[str, Iterable[str]]) -> None:
        self._offered = {
            newsletter_id: {_fold(topic): topic for topic in topics}
            for newsletter_id, topics in offered.items()
        }
        self._ignored = Counter[str]()

    def read(self, newsletter_id: str, tags: Iterable[str]) -> tuple[str, ...]:
        """The topics among somebody's tags, each once and as it is spelled here."""
        topics = self._offered.get(newsletter_id, {})
        found: dict[str, None] = {}
        for tag in tags:
            if (topic := topics.get(_fold(tag))) is not None:
                found[topic] = None
            elif tag in self._ignored or len(self._ignored) < _MAX_NAMED:
                self._ignored[tag] += 1
        return tuple(found)

    def list_ignored(self) -> list[tuple[str, int]]:
        """Tags that no topic has, with how many readers have them, the commonest first."""
        return self._ignored.most_common()


def _fold(tag: str) -> str:
    return unicodedata.normalize("NFKC", tag).casefold().strip()
