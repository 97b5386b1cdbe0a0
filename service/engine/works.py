"""The concrete parts that every pass works with, and one pass of the clock."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from service.delivery.consulting import consult_editors
from service.delivery.mailbag import Mailbag
from service.delivery.press import Press
from service.delivery.reconcile import Reconciled, reconcile
from service.delivery.recording import Ending
from service.delivery.send import send_batch
from service.delivery.telling import tell_editors
from service.engine.bell import Bell
from service.engine.rounds import insist_for, surviving
from service.membership import Register, admit_signups, complete_erasures, forget_unconfirmed
from service.model.edition import Edition
from service.outbound.repository import Repository
from service.publishing import FeedPress, PublishReport, publish_feeds
from service.scanning import ScanReport, ScanSettings, scan_posts
from service.scanning.pulling import PullReport, pass_over, pull_posts
from service.sending import Opened, find_next_due, freeze_waiting_editions, open_due_editions
from service.store.buckets import find_turn
from service.store.claims import list_due_batches
from service.store.database import Database
from service.store.installation import find_installation, require_no_send_hold
from service.webhooks.keeping import forget_old_messages

log = structlog.get_logger(__name__)

_LONGEST_REST = timedelta(minutes=1)
"""Whoever delivers once does not wait any longer than that for a provider's rate."""

Clock = Callable[[], datetime]
Progress = Callable[[str, int, int], None]
"""Told which step, how much of it is done, and how much there is."""


@dataclass(frozen=True, slots=True)
class Works:
    """Everything joined: what is read, made, sent, and by which clock leases are kept.

    `obstacles` say, by key, why no edition may be sent yet; usually there are none. Without a
    `repository` the posts are in a folder that others write. The `bell` is rung when an edition
    may be frozen.
    """

    database: Database
    scan: ScanSettings
    feeds: FeedPress
    press: Press
    mailbag: Mailbag
    register: Register
    clock: Clock
    obstacles: tuple[str, ...] = ()
    repository: Repository | None = None
    bell: Bell = field(default_factory=Bell)


@dataclass(frozen=True, slots=True)
class PassReport:
    """What one pass of the clock did, and when the next thing is due."""

    scan: ScanReport
    published: PublishReport
    opened: Opened
    reconciled: Reconciled
    next_due: datetime | None


def run_pass(works: Works, now: datetime, on_progress: Progress | None = None) -> PassReport:
    """Scan, publish, open and freeze what is due as of `now`; sends nothing itself.

    `now` is the editorial instant. Claims and recorded times use the works' clock.
    """
    scan = scan_works(works, now, _step(on_progress, "reading"))
    published = publish_feeds(
        works.database,
        works.feeds,
        now,
        on_progress=_step(on_progress, "feeds"),
        asked_at=works.clock(),
    )
    opened = open_due_editions(works.database, works.press, now, may_leave=may_leave(works))
    reconciled = reconcile(works.database, works.mailbag.provider, works.clock())
    forget_unconfirmed(works.database, works.clock())
    complete_erasures(works.database, works.mailbag.provider)
    _admit(works)
    forget_old_messages(works.database, works.clock())
    _consult(works, now)
    _tell(works, now)
    next_due = find_next_due(works.database, works.press, now)
    return PassReport(scan, published, opened, reconciled, next_due)


def freeze_between_passes(works: Works, now: datetime) -> list[Edition]:
    """Freeze what was let go since the last pass, and nothing while no mail may leave."""
    if not may_leave(works):
        return []
    return freeze_waiting_editions(works.database, works.press, now)


def may_leave(works: Works) -> bool:
    """Whether mail may leave at all; a database that was copied must not plan any either."""
    with works.database.reading() as connection:
        return not works.obstacles and not find_installation(connection).is_send_held


def pull_now(works: Works) -> PullReport | None:
    """Pull the repository before a pass; None when the posts are in a folder of others."""
    if works.repository is None:
        return None
    return pull_posts(works.database, works.repository, works.clock())


def scan_works(
    works: Works, now: datetime, on_read: Callable[[int, int], None] | None = None
) -> ScanReport:
    """Read what changed; of a repository whose files are not all there, nothing."""
    if works.repository is not None and not works.repository.find_revision():
        log.error("nothing is read: the files of the repository are not all there")
        return pass_over(works.database)
    return scan_posts(works.database, works.scan, now, on_read)


def deliver_due(
    works: Works,
    on_progress: Progress | None = None,
    rest: Callable[[float], None] = time.sleep,
) -> Counter[Ending]:
    """Send every batch that may leave now, one after the other; how each attempt ended.

    Where the provider's rate asks for it, rests so many seconds between them. Raises
    SendHoldError, also when nothing is due, while the database may be a copy.
    """
    with works.database.reading() as connection:
        require_no_send_hold(connection)
    endings: Counter[Ending] = Counter()
    if works.obstacles:
        return endings
    while batch_ids := _list_due(works, rest):
        missed = endings[Ending.NOT_CLAIMED]
        for batch_id in batch_ids:
            insist = insist_for(works.mailbag.claim_for, rest)
            ending = send_batch(works.database, works.mailbag, batch_id, works.clock, insist)
            endings[ending] += 1
            if on_progress is not None:
                on_progress("sending", endings.total(), endings.total() + len(batch_ids))
        if endings[Ending.NOT_CLAIMED] - missed == len(batch_ids):
            break
    reconcile(works.database, works.mailbag.provider, works.clock())
    return endings


def _admit(works: Works) -> None:
    """Answer sign-ups that had to wait; the pages see to the others right after each form."""
    with surviving("sign-ups cannot be answered"):
        admit_signups(works.database, works.register, works.clock())


def _consult(works: Works, now: datetime) -> None:
    """Ask editors about drafts, so that they are not told of those once more."""
    with surviving("editors could not be asked about drafts"):
        if may_leave(works):
            consult_editors(works.database, works.press, works.register.key_ring, now)


def _tell(works: Works, now: datetime) -> None:
    """Tell editors what needs them; whatever becomes of that, the pass has done its work."""
    source = works.repository.source.name if works.repository else ""
    with surviving("editors could not be told what needs them"):
        tell_editors(works.database, works.press, now, may_leave=may_leave(works), source=source)


def _list_due(works: Works, rest: Callable[[float], None]) -> list[int]:
    """Batches to try now; when the account's turn is all they wait for, after a rest."""
    while True:
        now, account = works.clock(), works.mailbag.provider.account
        with works.database.reading() as connection:
            due = list_due_batches(connection, now, limit=100, account=account)
            turn_at = find_turn(connection, account, now)
            if due or turn_at is None or turn_at > now + _LONGEST_REST:
                return due
            if not list_due_batches(connection, turn_at, limit=1, account=account):
                return []
        rest((turn_at - now).total_seconds())


def _step(on_progress: Progress | None, step: str) -> Callable[[int, int], None] | None:
    if on_progress is None:
        return None
    return lambda done, total: on_progress(step, done, total)
