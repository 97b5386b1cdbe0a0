"""What feeds may know posts by besides our own ids, and that no two are known by one name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from service.model.post import Article, Post
from service.store.post_paths import PostTrace


class EntryNames:
    """Hands out the names of entries; one that another post ever had gets the day behind it.

    Of several new posts at one address it is the newest that feeds show, so it has the address.
    """

    def __init__(
        self, traces: Iterable[PostTrace], arriving: Iterable[Article], now: datetime
    ) -> None:
        self._owners: dict[str, str] = {}
        for trace in traces:
            for name in (trace.uid, trace.site_id, trace.url_id):
                self._owners.setdefault(name, trace.uid)
        newest_last = sorted(arriving, key=lambda one: (one.published_at, one.path))
        self._shown = {article.url: article.path for article in newest_last}
        self._day = f"{now:%Y-%m-%d}"

    def name_post(self, post: Post) -> Post:
        """The post with names that are its own."""
        is_shown = self._shown.get(post.url, post.path) == post.path
        return replace(
            post,
            site_id=self._take(post.site_id, post.uid, is_shown=is_shown),
            url_id=self._take(post.url_id, post.uid, is_shown=is_shown),
        )

    def _take(self, wanted: str, uid: str, *, is_shown: bool) -> str:
        if not wanted:
            return ""
        name, nth = wanted, 1
        if not is_shown and wanted != uid:
            name, nth = f"{wanted}#{self._day}", 2
        while self._owners.setdefault(name, uid) != uid:
            name = f"{wanted}#{self._day}" if nth == 1 else f"{wanted}#{self._day}-{nth}"
            nth += 1
        return name
