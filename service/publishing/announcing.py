"""Of which published files hubs are to be told (WebSub)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from service.feeds.paths import is_topic
from service.store.published import PublishedRow


def list_news(
    rows: Iterable[PublishedRow],
    known: Mapping[str, PublishedRow],
    removed: Collection[str],
) -> Iterator[str]:
    """The paths of feeds whose bytes changed for somebody who may follow them.

    `known` is what was published before, and `removed` what was once: a feed that is neither
    was never there to be followed.
    """
    for row in rows:
        if is_topic(row.path, row.content_type) and _is_news(row, known, removed):
            yield row.path


def _is_news(
    row: PublishedRow, known: Mapping[str, PublishedRow], removed: Collection[str]
) -> bool:
    before = known.get(row.path)
    return row.path in removed if before is None else before.digest != row.digest
