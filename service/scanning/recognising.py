"""Which posts the articles of a scan are, and which paths change hands by it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from service.content.identity import Arrival, Decisions, Identity, KnownPost
from service.content.recognition import decide_identity
from service.content.spool import Spool
from service.model.post import Article
from service.store.post_paths import PostTrace, list_traces
from service.store.posts import load_bodies


@dataclass(frozen=True, slots=True)
class Recognised:
    """Who every article is, beside what was known of all posts before.

    `homes` says where each post is now that was read, or moved; `leaving` are paths their
    post has left, for good or before another one is written there; `gone` is how many posts
    have no file any more.
    """

    identities: tuple[Identity, ...]
    traces: dict[int, PostTrace]
    merged: dict[int, int]
    homes: dict[int, str]
    leaving: frozenset[str]
    gone: int

    @property
    def moves(self) -> dict[int, tuple[str, str]]:
        """Posts by id that are at another path now: from where, to where."""
        return {
            post_id: (self.traces[post_id].path, path)
            for post_id, path in self.homes.items()
            if self.traces[post_id].path != path
        }


def recognise_articles(
    connection: Connection,
    articles: Sequence[Article],
    spool: Spool,
    gone: Sequence[str],
    missing: Sequence[str],
    now: datetime,
) -> Recognised:
    """Decide who the articles are, whose bodies lie in `spool`.

    At `gone` and `missing` paths is no file; a post missing is kept unless it turns up elsewhere.
    """
    traces = {trace.post_id: trace for trace in list_traces(connection)}
    lost = {*gone, *missing}
    decisions = decide_identity(
        [_describe_article(article) for article in articles],
        [_describe_trace(trace, lost, now) for trace in traces.values() if trace.path],
        _Texts(connection, spool),
        now,
    )
    return _follow(decisions, traces, gone)


def _follow(decisions: Decisions, traces: dict[int, PostTrace], gone: Sequence[str]) -> Recognised:
    homes = {one.post_id: one.path for one in decisions.identities if one.post_id is not None}
    homes |= {old: traces[new].path for old, new in decisions.merged.items()}
    live = {trace.path: trace.post_id for trace in traces.values() if trace.gone_at is None}
    claimed = {one.path for one in decisions.identities if one.how != "duplicate"}
    claimed.update(homes.values())
    moved = {path for path, post_id in live.items() if homes.get(post_id, path) != path}
    replaced = {path for path in claimed if path in live and homes.get(live[path]) != path}
    leaving = {path for path in (*gone, *moved, *replaced) if path in live}
    without_file = {live[path] for path in leaving} - homes.keys()
    return Recognised(
        identities=decisions.identities,
        traces=traces,
        merged=decisions.merged,
        homes=homes,
        leaving=frozenset(leaving),
        gone=len(without_file - set(decisions.merged.values())),
    )


def _describe_article(article: Article) -> Arrival:
    return Arrival(article.path, article.title, article.published_at, article.explicit_id)


def _describe_trace(trace: PostTrace, lost: set[str], now: datetime) -> KnownPost:
    return KnownPost(
        post_id=trace.post_id,
        path=trace.path,
        title=trace.title,
        dated=trace.published_at,
        text_digest=trace.text_digest,
        first_seen_at=trace.first_seen_at,
        explicit_id=trace.explicit_id,
        gone_at=trace.gone_at or (now if trace.path in lost else None),
        is_news=trace.is_news,
    )


class _Texts:
    """Bodies of files as read by this scan, and of posts as they were written down."""

    def __init__(self, connection: Connection, spool: Spool) -> None:
        self._connection = connection
        self._spool = spool

    def of_file(self, path: str) -> str:
        return self._spool.read_text(path)

    def of_post(self, post_id: int) -> str:
        return load_bodies(self._connection, [post_id])[post_id].text
