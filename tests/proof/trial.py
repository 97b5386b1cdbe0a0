"""One trial: an edition to many readers, sent by processes that are killed again and again."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, Interval, func, literal, select, text, update

from service.app import App
from service.audience.exchange import ImportRow
from service.delivery.by_hand import ByHand
from service.delivery.inspecting import list_faults
from service.delivery.settling import settle_batch
from service.membership import import_readers
from service.model.delivery import Accounting, BatchState
from service.model.edition import EditionState
from service.model.editor import COMMAND
from service.model.subscriber import SubscriptionState
from service.outbound.client import OutboundClient
from service.scanning import scan_posts
from service.sending import send_by_hand
from service.store.accounting import count_deliveries
from service.store.accounts import list_accounts, resume_account
from service.store.editions import find_edition
from service.store.history import UnknownBatch, list_unvouched
from service.store.tables import Instant, accounts, attempts, batches
from tests.fakes.harbour import HARBOUR
from tests.proof.ground import Ground
from tests.proof.provider import LAG, ProviderClass
from tests.proof.sender import Orders, Setting, join, send

BETWEEN = timedelta(minutes=3)
"""From one process to the next: the claims of the one that was killed have run out."""

_LATEST_KILL = 0.01
"""Seconds: within that after a call came, whoever made it is killed; half of them at once."""

_SETTLE_LIMIT = 500
_AGE_JOBS = (
    text("UPDATE kawaraban_jobs.procrastinate_jobs SET scheduled_at = scheduled_at - :step"),
    text("UPDATE kawaraban_jobs.procrastinate_workers SET last_heartbeat = last_heartbeat - :step"),
)
_POST = "---\ntitle: 船の話\ndate: 2026-01-05 09:00:00 +0900\n---\n本文です。\n"


@dataclass(frozen=True, slots=True)
class Plan:
    """What is tried. `trouble`: the share of calls that the provider ends badly by itself.

    `slow`: seconds until it answers.
    """

    engine: str
    database: str
    kind: ProviderClass
    workers: int
    recipients: int
    batch_limit: int
    kills: int
    trouble: float
    seed: int
    slow: float = 0.0


@dataclass(frozen=True, slots=True)
class Result:
    """What was counted; all but `kills`, `troubled` and `batches` in readers.

    `unknown` readers are in `unknown_batches`, all of which `kawaraban unknown list` shows;
    `twice_at_last` and `lost_at_last` are counted once more after those were settled by hand.
    """

    plan: Plan
    kills: int
    troubled: int
    twice: int
    lost: int
    unknown: int
    unknown_batches: int
    altered: int
    twice_at_last: int
    lost_at_last: int


def run_trial(ground: Ground, plan: Plan, site: Path, environment: Mapping[str, str]) -> Result:
    """Send an edition while its senders are killed, settle what can be, and count."""
    trial = Trial(ground, plan, site, environment)
    try:
        trial.prepare()
        trial.kill_again_and_again()
        trial.settle()
        return trial.count()
    finally:
        trial.close()


class Trial:
    """One site, its edition, and what was done to it so far."""

    def __init__(
        self, ground: Ground, plan: Plan, site: Path, environment: Mapping[str, str]
    ) -> None:
        self._ground = ground
        self._plan = plan
        self._chance = random.Random(plan.seed)  # noqa: S311
        self._setting = Setting(
            site=str(site),
            environment=dict(environment),
            kind=plan.kind.value,
            url=ground.url,
            batch_limit=plan.batch_limit,
            engine=plan.engine,
            workers=plan.workers,
        )
        self._ahead = timedelta(0)
        self._kills = 0
        _write_site(site)
        self.app: App = join(self._setting, self._ahead, OutboundClient())

    def prepare(self) -> None:
        """A post, its readers, and the edition frozen; nothing has left."""
        works = self.app.works
        self._open_provider()
        now = datetime.now(UTC)
        scan_posts(works.database, works.scan, now)
        import_readers(
            works.database,
            works.register,
            [ImportRow(address=one, line=n) for n, one in enumerate(self._list_readers(), 1)],
            newsletter_id="weekly",
            state=SubscriptionState.ACTIVE,
            source="proof",
            now=now,
        )
        asked = ByHand("weekly", "proof", posts=("fune.md",))
        self._edition_id = send_by_hand(
            works.database, works.press, asked, now, by=COMMAND
        ).edition_id

    def kill_again_and_again(self) -> None:
        """Start senders and kill each; a while passes between one and the next."""
        while self._kills < self._plan.kills and (left := self._count_left()):
            kill = self._draw_calls(left), self._chance.choice((0.0, self._draw_delay()))
            self._kills += self._ground.run_sender(self._setting, self._ahead, kill)
            assert self._count_edition().adds_up
            self._let_time_pass(BETWEEN)
            self._resume()

    def settle(self) -> None:
        """Send the rest in peace, until time and the provider's log can settle no more."""
        before = None
        for _ in range(_SETTLE_LIMIT):
            self._ground.run_sender(self._setting, self._ahead)
            accounting = self._count_edition()
            if accounting.is_settled or (accounting == before and not accounting.waiting):
                return
            # What is looked up without a whole answer is asked again after a while.
            before = accounting if self._plan.kind is not ProviderClass.LOG else None
            self._let_time_pass(BETWEEN if accounting.waiting else LAG)
            self._resume()
        raise AssertionError(f"not settled: {accounting}")

    def send_amid(
        self, orders: Orders, meddle: Callable[[int], AbstractContextManager[None]] | None = None
    ) -> int:
        """Send by one process to which something happens; how it ended, as wait(2) says it.

        `meddle` is told its number, and does what it does until the process ended.
        """
        pid = self.start_sender(orders)
        with meddle(pid) if meddle is not None else nullcontext():
            self._ground.wait_for_end()
        status = self._ground.bury_senders()[0]
        assert self._count_edition().adds_up
        self._let_time_pass(BETWEEN)
        self._resume()
        return status

    def start_sender(self, orders: Orders) -> int:
        """Start one process that sends, and leave it to itself; its number."""
        return self._ground.start_senders(self._setting, self._ahead, orders)[0]

    def start_workers(self, count: int, log: str) -> list[int]:
        """Start so many processes that send what they are woken for; their numbers."""
        setting = replace(self._setting, engine="workers")
        return self._ground.start_senders(setting, self._ahead, Orders(log=log), count)

    def send_beside(self) -> None:
        """Send in this process what another leaves, until nothing may leave any more."""
        send(self._setting, self._ahead, OutboundClient())

    def expire_claims(self) -> None:
        """Let every claim run out, by everybody's clock; no worker was heard of for as long."""
        works = self.app.works
        now = works.clock()
        with works.database.writing() as connection:
            claimed = batches.c.state == BatchState.CLAIMED
            connection.execute(update(batches).where(claimed).values(claimed_until=now))
            if not works.database.is_sqlite:
                _age_jobs(connection, BETWEEN)

    def rewind(self, files: Mapping[Path, bytes]) -> None:
        """Be as when these files were kept; the SQLite file keeps its inode, and so its home."""
        self.app.works.database.close()
        for path in self._list_files():
            if path not in files:
                path.unlink()
        for path, content in files.items():
            path.write_bytes(content)
        self._ahead = timedelta(0)
        self._open_provider()

    def keep_files(self) -> dict[Path, bytes]:
        """The SQLite file and whatever lies beside it, as it is."""
        self.app.works.database.close()
        return {path: path.read_bytes() for path in self._list_files()}

    def count(self) -> Result:
        """What became of everybody, before and after unknown batches are settled by hand."""
        with self.app.works.database.reading() as connection:
            unknown = list_unvouched(connection)
            assert list_faults(connection, self.app.works.clock() + self._ahead) == []
        accounting = self._count_edition()
        in_doubt = {one for batch in unknown for one in self._list_addresses(batch)}
        assert len(in_doubt) == accounting.unknown
        twice, lost = self._compare(in_doubt)
        self._settle_by_hand(unknown)
        twice_at_last, lost_at_last = self._compare(set())
        told = self._ground.ask("/ledger")
        return Result(
            plan=self._plan,
            kills=self._kills,
            troubled=told["troubled"],
            twice=twice,
            lost=lost,
            unknown=len(in_doubt),
            unknown_batches=len(unknown),
            altered=told["altered"],
            twice_at_last=twice_at_last,
            lost_at_last=lost_at_last,
        )

    def close(self) -> None:
        """Leave nothing behind that runs."""
        self._ground.end_senders()
        self.app.close()

    def _list_files(self) -> list[Path]:
        folder = Path(self._setting.site) / "var"
        return [path for path in folder.rglob("*") if path.is_file()]

    def _open_provider(self) -> None:
        plan = self._plan
        self._ground.tell(
            "/open",
            has_keys=plan.kind is ProviderClass.KEYS,
            lag=LAG.total_seconds(),
            trouble=plan.trouble,
            slow=plan.slow,
            seed=plan.seed,
        )

    def _draw_calls(self, left: int) -> int:
        """After how many calls to kill the next, so that there is something left for all."""
        share = left // (self._plan.kills - self._kills + 1)
        return self._chance.randint(1, max(1, share * 3 // 2))

    def _draw_delay(self) -> float:
        return self._chance.uniform(0.0, _LATEST_KILL)

    def _compare(self, in_doubt: set[str]) -> tuple[int, int]:
        """How many the provider has twice or oftener, and how many never though we say so."""
        counted: Counter[str] = Counter(self._ground.ask("/ledger")["counted"])
        readers = set(self._list_readers())
        assert counted.keys() <= readers
        return sum(n > 1 for n in counted.values()), len(readers - counted.keys() - in_doubt)

    def _settle_by_hand(self, unknown: list[UnknownBatch]) -> None:
        """Do what an editor does with the provider's own log before them."""
        counted = self._ground.ask("/ledger")["counted"]
        for batch in unknown:
            was_accepted = set(self._list_addresses(batch)) <= counted.keys()
            database, now = self.app.works.database, self.app.works.clock() + self._ahead
            settle_batch(database, batch.batch_id, now, was_accepted=was_accepted, by=COMMAND)
        if unknown:
            self._ground.run_sender(self._setting, self._ahead)
        edition = self._find_edition_state()
        assert edition is EditionState.FINISHED, edition

    def _list_readers(self) -> list[str]:
        return [f"reader{number}@example.jp" for number in range(self._plan.recipients)]

    def _list_addresses(self, batch: UnknownBatch) -> list[str]:
        query = select(batches.c.envelope).where(batches.c.batch_id == batch.batch_id)
        with self.app.works.database.reading() as connection:
            envelope = connection.execute(query).scalar_one()
        return [row[3] for row in envelope["rows"]]

    def _count_left(self) -> int:
        """Batches that may still leave by themselves."""
        states = [BatchState.PLANNED, BatchState.CLAIMED]
        if self._plan.kind is not ProviderClass.NOTHING:
            states.append(BatchState.UNKNOWN)
        query = select(func.count()).where(batches.c.state.in_(states))
        with self.app.works.database.reading() as connection:
            return int(connection.execute(query).scalar_one())

    def _count_edition(self) -> Accounting:
        with self.app.works.database.reading() as connection:
            return count_deliveries(connection, self._edition_id)

    def _find_edition_state(self) -> EditionState:
        with self.app.works.database.reading() as connection:
            return find_edition(connection, self._edition_id).state

    def _let_time_pass(self, step: timedelta) -> None:
        """Nobody waits: the embedded engine is handed a later time.

        Jobs of the distributed one start by the server's clock, so there the ledger grows older.
        """
        self._ground.tell("/advance", seconds=step.total_seconds())
        if self._plan.engine in {"embedded", "once"}:
            self._ahead += step
            return
        with self.app.works.database.writing() as connection:
            for table in (batches, attempts, accounts):
                moments = [one for one in table.c if isinstance(one.type, Instant)]
                older = {one: one - literal(step, Interval) for one in moments}
                connection.execute(update(table).values(older))
            _age_jobs(connection, step)

    def _resume(self) -> None:
        """Let the account go on, as a person would who knows that the provider is back."""
        with self.app.works.database.writing() as connection:
            for one in list_accounts(connection):
                if one.paused_at is not None:
                    resume_account(connection, one.account)


def _age_jobs(connection: Connection, step: timedelta) -> None:
    for statement in _AGE_JOBS:
        connection.execute(statement, {"step": step})


def _write_site(site: Path) -> None:
    (site / "posts").mkdir(parents=True, exist_ok=True)
    (site / "posts" / "fune.md").write_text(_POST, encoding="utf-8")
    (site / "kawaraban.toml").write_text(HARBOUR, encoding="utf-8")
