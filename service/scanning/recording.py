"""Articles are written down as the posts they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from service.content.gate import Neighbours, judge_reading, make_outline
from service.content.identity import Identity, mint_uid, write_explicit_id
from service.content.posting import Sighting, compose_post, take_over
from service.content.spool import Spool
from service.model.post import Article, Body, Hold, Post, Reading, Verdict
from service.model.wording import word
from service.scanning.naming import EntryNames
from service.scanning.recognising import Recognised, recognise_articles
from service.scanning.report import ScanSettings
from service.store import posts as post_rows
from service.store.files import FileRow
from service.store.holds import hold_posts
from service.store.installation import find_installation
from service.store.post_paths import PostTrace, record_moves, retire_posts

_AT_ONCE = timedelta(minutes=1)
"""Scans closer than this see one arrival of many posts, each a part of it."""


class Recorder:
    """Writes articles with their identity, within one transaction."""

    def __init__(
        self,
        connection: Connection,
        settings: ScanSettings,
        readings: Sequence[Reading],
        spool: Spool,
        known: Mapping[str, FileRow],
        now: datetime,
    ) -> None:
        self._connection = connection
        self._settings = settings
        self._readings = {reading.facts.path: reading for reading in readings}
        self._spool = spool
        self._digests = {
            row.post_id: row.digest
            for row in known.values()
            if row.verdict is not Verdict.QUARANTINED
        }
        self._now = now
        state = find_installation(connection)
        self._first_scan_at = state.first_scan_at or now
        self._last_scan_at = state.last_scan_at
        self.new: list[Post] = []
        self.changed = 0
        self.renamed = 0
        self.gone = 0
        self.post_ids: dict[str, int] = {}
        self.refused: dict[str, str] = {}
        self.reassigned: dict[str, int] = {}
        self._traces: dict[int, PostTrace] = {}
        self._at_path: Counter[str] = Counter()
        self._uids: set[str] = set()
        self._names = EntryNames((), (), now)
        self._neighbours = Neighbours(())

    def record_articles(self, gone: Sequence[str], missing: Sequence[str]) -> None:
        """Write every article as the post it is, and as gone the posts left without a file."""
        articles = [one.article for one in self._readings.values() if one.article is not None]
        if not articles and not gone:
            return
        found = recognise_articles(
            self._connection, articles, self._spool, gone, missing, self._now
        )
        self._traces = found.traces
        self._at_path.update(trace.path for trace in found.traces.values())
        self._uids.update(trace.uid for trace in found.traces.values())
        self._names = EntryNames(found.traces.values(), _list_arriving(articles, found), self._now)
        # A path is left before it is taken: two posts may have changed places.
        post_rows.record_gone(self._connection, sorted(found.leaving), self._now)
        record_moves(self._connection, found.moves, self._now)
        self._neighbours = self._gather_neighbours(articles)
        previous = post_rows.find_posts(self._connection, found.homes)
        for article, identity in zip(articles, found.identities, strict=True):
            self._record_article(article, identity, previous)
        self._merge_newcomers(found, previous)
        self.gone = found.gone
        self.renamed = len(found.moves)

    def hold_mass(self, *, is_first: bool) -> int:
        """Hold posts that came all at once with dates already past; how many."""
        if is_first or not self.new:
            return 0
        arrived = post_rows.list_first_seen(self._connection, self._now - _AT_ONCE)
        sudden = [post for post in arrived if self._is_sudden(post)]
        if len(sudden) <= self._settings.mass_limit:
            return 0
        note = word("{count} posts with past dates came in one scan", count=str(len(sudden)))
        to_hold = [post.post_id for post in sudden if post.hold in (None, Hold.GATE)]
        hold_posts(self._connection, to_hold, Hold.MASS, note)
        return len(to_hold)

    def _is_sudden(self, post: Post) -> bool:
        if post.is_known or post.draft or post.published_at > self._now or post.released_at:
            return False
        trace = self._traces.get(post.post_id)
        return trace is None or not trace.is_news

    def _record_article(
        self, article: Article, identity: Identity, previous: Mapping[int, Post]
    ) -> None:
        if identity.how == "duplicate":
            self.refused[article.path] = word(
                "another file has the id '{id}' too", id=str(article.explicit_id)
            )
        elif identity.post_id is None:
            self._record_new(self._spool.fill(article))
        else:
            self._record_changed(self._spool.fill(article), previous[identity.post_id])

    def _record_new(self, article: Article) -> None:
        uid = self._mint(article)
        self._at_path[article.path] += 1
        post = self._names.name_post(self._compose(article, uid, None))
        body = Body(article.html, article.text)
        post_id = post_rows.insert_post(self._connection, post, body)
        self.post_ids[article.path] = post_id
        self.new.append(replace(post, post_id=post_id))

    def _record_changed(self, article: Article, previous: Post) -> None:
        post = self._compose(article, previous.uid, previous)
        if (post.site_id, post.url_id) != (previous.site_id, previous.url_id):
            post = self._names.name_post(post)
        self.post_ids[article.path] = post.post_id
        self.changed += post != previous
        is_read_anew = _digest_body(post) != _digest_body(previous)
        body = Body(article.html, article.text) if is_read_anew else None
        if body or self._is_other(post, previous):
            post_rows.update_post(self._connection, post, body)

    def _is_other(self, post: Post, previous: Post) -> bool:
        """Whether anything of the row changes; equal moments may be of other zones."""
        trace = self._traces[post.post_id]
        is_back = trace.gone_at is not None or trace.path != post.path
        offsets = post.published_at.utcoffset(), previous.published_at.utcoffset()
        return is_back or post != previous or offsets[0] != offsets[1]

    def _merge_newcomers(self, found: Recognised, previous: Mapping[int, Post]) -> None:
        """Write posts whose copy was seen before their own file went as what the copy is."""
        retire_posts(self._connection, list(found.merged.values()))
        unread = {
            old: new
            for old, new in found.merged.items()
            if found.traces[new].path not in self._readings
        }
        newcomers = post_rows.find_posts(self._connection, unread.values())
        bodies = post_rows.load_bodies(self._connection, unread.values())
        for post_id, newcomer_id in unread.items():
            path = found.homes[post_id]
            post = take_over(newcomers[newcomer_id], previous[post_id], path)
            post_rows.update_post(self._connection, post, bodies[newcomer_id])
            self.reassigned[path] = post_id

    def _gather_neighbours(self, articles: Sequence[Article]) -> Neighbours:
        """All posts there will be: those of this scan, and the others as they were written."""
        read = {article.path for article in articles}
        others = post_rows.list_outlines(self._connection)
        unread = [outline for outline in others if outline.path not in read]
        return Neighbours((*unread, *(make_outline(article) for article in articles)))

    def _mint(self, article: Article) -> str:
        """An id nobody else has: a post that moved away took the one of its first path along."""
        uid = write_explicit_id(article.explicit_id) if article.explicit_id else ""
        nth = self._at_path[article.path]
        while not uid or uid in self._uids:
            uid = mint_uid(self._settings.host, article.published_at.year, article.path, nth)
            nth += 1
        self._uids.add(uid)
        return uid

    def _compose(self, article: Article, uid: str, previous: Post | None) -> Post:
        reading = self._readings[article.path]
        facts = reading.facts
        was_read_from = self._digests.get(previous.post_id) if previous else None
        sighting = Sighting(
            now=self._now,
            mtime_at=datetime.fromtimestamp(facts.mtime_ns // 1000 / 1e6, tz=UTC),
            first_scan_at=self._first_scan_at,
            last_scan_at=self._last_scan_at,
            has_same_bytes=was_read_from == facts.digest,
        )
        findings = judge_reading(reading, self._neighbours, self._settings.rules.gate)
        return compose_post(article, uid, previous, sighting, findings)


def _list_arriving(articles: Sequence[Article], found: Recognised) -> list[Article]:
    pairs = zip(articles, found.identities, strict=True)
    return [article for article, identity in pairs if identity.post_id is None]


def _digest_body(post: Post) -> tuple[str, str]:
    return post.body_digest, post.text_digest
