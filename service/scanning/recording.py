"""Articles get their identity and are written down as the posts they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import Connection

from service.content.gate import find_findings
from service.content.identity import (
    Identity,
    KnownPost,
    decide_identity,
    mint_uid,
    write_explicit_id,
)
from service.content.posting import Sighting, compose_post
from service.model.post import Article, Body, Hold, Post, Reading
from service.scanning.report import ScanSettings
from service.store import posts as post_rows
from service.store.installation import find_installation


class Recorder:
    """Gives articles their identity and writes them, within one transaction."""

    def __init__(
        self,
        connection: Connection,
        settings: ScanSettings,
        readings: Mapping[str, Reading],
        now: datetime,
    ) -> None:
        self._connection = connection
        self._settings = settings
        self._readings = readings
        self._now = now
        state = find_installation(connection)
        self._first_scan_at = state.first_scan_at or now
        self._last_scan_at = state.last_scan_at
        self.new: list[Post] = []
        self.changed = 0
        self.renamed = 0
        self.post_ids: dict[str, int] = {}
        self.refused: dict[str, str] = {}
        self._at_path: Counter[str] = Counter()
        self._uids: set[str] = set()

    def record_articles(self, articles: Sequence[Article]) -> None:
        """Write every article as the post it is."""
        if not articles:
            return
        known = self._load_known()
        self._at_path.update(post.path for post, _ in known.values())
        self._uids.update(post.uid for post, _ in known.values())
        described = [_describe(post, gone_at) for post, gone_at in known.values()]
        for identity in decide_identity(articles, described, self._load_text, self._now):
            self._record_article(identity, known)

    def hold_mass(self, *, is_first: bool) -> int:
        """Hold posts that came all at once with dates already past; how many."""
        sudden = [
            post
            for post in self.new
            if not post.is_known and not post.draft and post.published_at <= self._now
        ]
        if is_first or len(sudden) <= self._settings.mass_limit:
            return 0
        note = f"{len(sudden)} posts with past dates came in one scan"
        post_rows.hold_posts(self._connection, [post.post_id for post in sudden], Hold.MASS, note)
        return len(sudden)

    def _load_known(self) -> dict[int, tuple[Post, datetime | None]]:
        """Every post ever, by id; of those at one path the one that is there comes last."""
        known: dict[int, tuple[Post, datetime | None]] = {}
        for post, gone_at in post_rows.list_gone_posts(self._connection):
            known[post.post_id] = (post, gone_at)
        for post in post_rows.list_posts(self._connection):
            known[post.post_id] = (post, None)
        return known

    def _load_text(self, post_id: int) -> str:
        return post_rows.load_bodies(self._connection, [post_id])[post_id].text

    def _record_article(
        self, identity: Identity, known: Mapping[int, tuple[Post, datetime | None]]
    ) -> None:
        article = identity.article
        if identity.how == "duplicate":
            self.refused[article.path] = f"another file has the id {article.explicit_id!r} too"
            return
        if identity.post_id is None:
            self._record_new(article)
            return
        post, _ = known[identity.post_id]
        self.post_ids[article.path] = post.post_id
        self.renamed += identity.how == "rename"
        self._record_changed(article, post)

    def _record_new(self, article: Article) -> None:
        uid = self._mint(article)
        if self._at_path[article.path]:
            post_rows.vacate_path(self._connection, article.path, self._now)
        self._at_path[article.path] += 1
        post = self._compose(article, uid, None)
        body = Body(article.html, article.text)
        post_id = post_rows.insert_post(self._connection, post, body)
        self.post_ids[article.path] = post_id
        self.new.append(replace(post, post_id=post_id))

    def _record_changed(self, article: Article, previous: Post) -> None:
        post = self._compose(article, previous.uid, previous)
        if post != previous:
            self.changed += 1
        post_rows.update_post(self._connection, post, Body(article.html, article.text))

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
        mtime_ns = self._readings[article.path].facts.mtime_ns
        sighting = Sighting(
            now=self._now,
            mtime_at=datetime.fromtimestamp(mtime_ns // 1000 / 1e6, tz=UTC),
            first_scan_at=self._first_scan_at,
            last_scan_at=self._last_scan_at,
        )
        findings = (*article.warnings, *find_findings(article, self._settings.rules.gate))
        return compose_post(article, uid, previous, sighting, findings)


def _describe(post: Post, gone_at: datetime | None) -> KnownPost:
    return KnownPost(
        post_id=post.post_id,
        path=post.path,
        explicit_id=post.explicit_id,
        title=post.title,
        dated=post.published_at.isoformat(),
        text_digest=post.text_digest,
        gone_at=gone_at,
    )
