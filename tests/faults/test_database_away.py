"""PostgreSQL restarted, and its connections cut, while workers send: nobody twice, nobody lost."""

from __future__ import annotations

import os
import random
import secrets
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from service.engine.waking import Waking
from service.store.database import Database
from service.store.migrate import migrate
from tests.fakes.cluster import Cluster, open_cluster
from tests.fakes.emptying import empty_database
from tests.fakes.waiting import wait_until
from tests.proof.ground import Ground, open_ground
from tests.proof.mishaps import Mishap, MishapKind
from tests.proof.provider import ProviderClass
from tests.proof.sender import Orders
from tests.proof.trial import Plan, Trial

pytestmark = pytest.mark.postgres

BATCH, WORKERS, THREADS = 5, 4, 2
RESTARTS = 30 if os.environ.get("KAWARABAN_FAULTS") == "whole" else 2
BATCHES_BETWEEN = 25
EVERY = 29
"""Words from one cut to the next: a batch has about forty, so that the cuts come everywhere."""

CLASSES = (ProviderClass.KEYS, ProviderClass.NOTHING)
of_each_class = pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.name.lower())


@pytest.fixture(scope="module")
def ground() -> Iterator[Ground]:
    with open_ground() as opened:
        yield opened


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """A server that may be restarted: what it has committed survives that."""
    with open_cluster("synchronous_commit=on") as opened:
        database = Database(opened.url)
        migrate(database)
        database.close()
        yield opened


@pytest.fixture
def restarted(cluster: Cluster) -> Cluster:
    """The same, with nothing in its tables."""
    database = Database(cluster.url)
    empty_database(database)
    database.close()
    return cluster


@of_each_class
def test_four_workers_survive_the_server_s_restarts_and_send_everything_once(
    ground: Ground, restarted: Cluster, tmp_path: Path, kind: ProviderClass
) -> None:
    seed, log = secrets.randbits(32), tmp_path / "log"
    readers = BATCH * BATCHES_BETWEEN * (RESTARTS + 1)
    with closing(open_trial(ground, kind, tmp_path, restarted.url, readers)) as trial:
        trial.prepare()
        trial.start_workers(WORKERS, str(log))
        with waking(trial):
            restart_now_and_then(ground, restarted, random.Random(seed))  # noqa: S311
            ground.wait_for_end()
        assert ground.bury_senders() == [0] * WORKERS, log.read_text()
        # An answer in hand is kept; only a claim whose commit was not confirmed is lost track of.
        judge(trial, f"seed {seed}", 2 * RESTARTS)


@of_each_class
@pytest.mark.parametrize("fault", [MishapKind.CUT, MishapKind.LOST_ANSWER])
def test_connections_cut_at_any_word_lose_nobody_and_repeat_nobody(
    ground: Ground, postgres: Database, tmp_path: Path, kind: ProviderClass, fault: MishapKind
) -> None:
    url, log = postgres.url.render_as_string(hide_password=False), tmp_path / "log"
    with closing(open_trial(ground, kind, tmp_path, url, readers=100)) as trial:
        trial.prepare()
        status = trial.send_amid(Orders(Mishap(fault, EVERY, repeats=True), log=str(log)))
        assert status == 0, log.read_text()
        words = int(log.read_text().rpartition("words=")[2])
        judge(trial, fault, words // EVERY)


def restart_now_and_then(ground: Ground, cluster: Cluster, chance: random.Random) -> None:
    """Restart the server at a random call of each stretch: by its own will, and as in a crash."""
    for n in range(RESTARTS):
        calls = n * BATCHES_BETWEEN + chance.randint(5, BATCHES_BETWEEN)
        wait_until(lambda: ground.ask("/ledger")["called"] >= calls, f"{calls} calls")  # noqa: B023
        cluster.restart(("fast", "immediate")[n % 2])


@contextmanager
def waking(trial: Trial) -> Iterator[None]:
    """The clock's part, in this process."""
    clock = Waking(trial.app.works, 0.1)
    clock.start()
    try:
        yield
    finally:
        clock.stop()


def judge(trial: Trial, what: str, unknown: int) -> None:
    """Send the rest, and count; so many batches may be unknown where there are no keys."""
    trial.settle()
    result = trial.count()
    assert (result.twice, result.lost, result.altered) == (0, 0, 0), what
    assert (result.twice_at_last, result.lost_at_last) == (0, 0), what
    is_bare = result.plan.kind is ProviderClass.NOTHING
    assert result.unknown_batches <= (unknown if is_bare else 0), what


def open_trial(ground: Ground, kind: ProviderClass, site: Path, url: str, readers: int) -> Trial:
    plan = Plan(
        engine="distributed",
        database="postgres",
        kind=kind,
        workers=THREADS,
        recipients=readers,
        batch_limit=BATCH,
        kills=0,
        trouble=0.0,
        seed=0,
        slow=0.05,
    )
    return Trial(ground, plan, site, {"DATABASE_URL": url})
