"""The road from files to Posts, with verdicts, identity and gate findings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection

from service.content.gate import find_findings
from service.content.identity import (
    Identity,
    KnownPost,
    decide_identity,
    mint_uid,
    write_explicit_id,
)
from service.content.library import FileStat, digest_file, list_files, read_file
from service.content.posting import Sighting, compose_post
from service.content.rules import ReadingRules
from service.model.post import Article, Body, Hold, Post, Reading, Verdict
from service.store import files as file_rows
from service.store import posts as post_rows
from service.store.database import Database
from service.store.files import FileRow
from service.store.installation import find_installation, record_scan

Progress = Callable[[int, int], None]
"""Told how many of how many files were read."""


@dataclass(frozen=True, slots=True)
class ScanSettings:
    """Where the posts lie and how they are read; `host` goes into the ids minted for them."""

    root: Path
    rules: ReadingRules
    host: str
    mass_limit: int


@dataclass(frozen=True, slots=True)
class ScanReport:
    """What one scan found."""

    files: int
    read: int
    new: int
    changed: int
    renamed: int
    gone: int
    held_as_mass: int
    verdicts: Mapping[Verdict, int]
    quarantined: tuple[FileRow, ...]
    is_first: bool

    @property
    def changed_anything(self) -> bool:
        """Whether any post is other than before."""
        return bool(self.new or self.changed or self.renamed or self.gone)

    def after(self, earlier: ScanReport) -> ScanReport:
        """This scan and the one right before it as if they were one."""
        return replace(
            self,
            read=self.read + earlier.read,
            new=self.new + earlier.new,
            changed=self.changed + earlier.changed,
            renamed=self.renamed + earlier.renamed,
            gone=self.gone + earlier.gone,
            held_as_mass=self.held_as_mass + earlier.held_as_mass,
            is_first=self.is_first or earlier.is_first,
        )


def scan_posts(
    database: Database,
    settings: ScanSettings,
    now: datetime,
    on_progress: Progress | None = None,
) -> ScanReport:
    """Read what changed since the last scan and record every file's verdict.

    One bad file never stops the rest: it is quarantined with its reason.
    """
    stats = list_files(settings.root, settings.rules.generator)
    with database.reading() as connection:
        known = file_rows.list_files(connection)
    changes = _pass_over_touched(settings, find_changes(stats, known, settings.rules.digest), known)
    readings = _read_files(settings, changes.to_read, now, on_progress)
    with database.writing() as connection:
        return _record(connection, settings, changes, readings, known, now)


@dataclass(frozen=True, slots=True)
class Changes:
    """What differs between the folder and what was known of it.

    `touched` are files with another size or mtime and the same bytes, as after a checkout.
    """

    to_read: tuple[FileStat, ...]
    gone: tuple[str, ...]
    total: int
    touched: tuple[FileStat, ...] = ()

    @property
    def is_none(self) -> bool:
        """Whether nothing has to be written down."""
        return not (self.to_read or self.gone or self.touched)


def find_changes(
    stats: Sequence[FileStat], known: Mapping[str, FileRow], rules_digest: str
) -> Changes:
    """Files to read (new, other size or mtime, read under other rules) and files gone."""
    to_read = []
    for stat in stats:
        row = known.get(stat.path)
        if row is None or (row.size, row.mtime_ns, row.rules_digest) != (
            stat.size,
            stat.mtime_ns,
            rules_digest,
        ):
            to_read.append(stat)
    gone = sorted(set(known) - {stat.path for stat in stats})
    return Changes(tuple(to_read), tuple(gone), len(stats))


def _pass_over_touched(
    settings: ScanSettings, changes: Changes, known: Mapping[str, FileRow]
) -> Changes:
    """Leave out of the reading what a hash shows to be as it was."""
    rules_digest = settings.rules.digest
    touched = [
        stat
        for stat in changes.to_read
        if (row := known.get(stat.path)) is not None
        and row.rules_digest == rules_digest
        and row.digest
        and row.digest == digest_file(settings.root, stat)
    ]
    passed = {stat.path for stat in touched}
    to_read = tuple(stat for stat in changes.to_read if stat.path not in passed)
    return replace(changes, to_read=to_read, touched=tuple(touched))


def _read_files(
    settings: ScanSettings,
    stats: Sequence[FileStat],
    now: datetime,
    on_progress: Progress | None,
) -> list[Reading]:
    readings = []
    for done, stat in enumerate(stats, start=1):
        readings.append(read_file(settings.root, stat, settings.rules, now))
        if on_progress is not None:
            on_progress(done, len(stats))
    return readings


def _record(
    connection: Connection,
    settings: ScanSettings,
    changes: Changes,
    readings: Sequence[Reading],
    known: Mapping[str, FileRow],
    now: datetime,
) -> ScanReport:
    first_scan_at = find_installation(connection).first_scan_at
    gone = _record_gone(connection, changes, readings, now)
    articles = [reading.article for reading in readings if reading.article is not None]
    recorder = _Recorder(connection, settings, {r.facts.path: r for r in readings}, now)
    recorder.record_articles(articles)
    held = recorder.hold_mass(is_first=first_scan_at is None)
    _record_rows(connection, settings, readings, known, recorder)
    file_rows.forget_files(connection, changes.gone)
    file_rows.touch_files(
        connection, [(stat.path, stat.size, stat.mtime_ns) for stat in changes.touched]
    )
    record_scan(connection, now)
    rows = (known if changes.is_none else file_rows.list_files(connection)).values()
    return ScanReport(
        files=changes.total,
        read=len(readings),
        new=len(recorder.new),
        changed=recorder.changed,
        renamed=recorder.renamed,
        gone=gone - recorder.renamed,
        held_as_mass=held,
        verdicts=Counter(row.verdict for row in rows),
        quarantined=tuple(row for row in rows if row.verdict is Verdict.QUARANTINED),
        is_first=first_scan_at is None,
    )


def _record_gone(
    connection: Connection, changes: Changes, readings: Sequence[Reading], now: datetime
) -> int:
    """Take away posts whose file vanished, or says no more that it is a post.

    A file that merely broke keeps its last good version.
    """
    stopped = [r.facts.path for r in readings if r.verdict is Verdict.NOT_A_POST]
    return post_rows.record_gone(connection, [*changes.gone, *stopped], now)


class _Recorder:
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


def _record_rows(
    connection: Connection,
    settings: ScanSettings,
    readings: Sequence[Reading],
    known: Mapping[str, FileRow],
    recorder: _Recorder,
) -> None:
    rules_digest = settings.rules.digest
    rows = []
    for reading in readings:
        before = known.get(reading.facts.path)
        post_id = recorder.post_ids.get(reading.facts.path)
        if reading.verdict is Verdict.QUARANTINED and before is not None:
            post_id = before.post_id
        refusal = recorder.refused.get(reading.facts.path)
        rows.append(
            FileRow(
                path=reading.facts.path,
                size=reading.facts.size,
                mtime_ns=reading.facts.mtime_ns,
                digest=reading.facts.digest,
                rules_digest=rules_digest,
                verdict=Verdict.QUARANTINED if refusal else reading.verdict,
                code="duplicate-id" if refusal else reading.code,
                message=refusal or reading.message,
                line=reading.line,
                post_id=post_id,
            )
        )
    file_rows.record_files(connection, rows)
