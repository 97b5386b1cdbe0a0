"""A worker stopped past its lease (SIGSTOP), like a laptop that sleeps, and let go again."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from service.delivery.settling import settle_batch
from service.model.editor import COMMAND
from service.store.database import Database
from service.store.history import list_unvouched
from tests.fakes.waiting import wait_until
from tests.proof.ground import Ground, open_ground
from tests.proof.provider import ProviderClass
from tests.proof.sender import Orders
from tests.proof.syscalls import is_stopped
from tests.proof.trial import Plan, Trial

BATCH, BATCHES = 10, 2


@dataclass(frozen=True, slots=True)
class Case:
    """What happens while the worker is stopped, and how often the provider is called in all."""

    name: str
    kind: ProviderClass
    is_sent: bool
    is_alone: bool = False
    is_settled_by_hand: bool = False
    calls: int = BATCHES


CASES = [
    Case("unsent, its lease ran out", ProviderClass.NOTHING, is_sent=False, is_alone=True),
    Case("unsent, unknown", ProviderClass.NOTHING, is_sent=False),
    Case("unsent, sent anew", ProviderClass.NOTHING, is_sent=False, is_settled_by_hand=True),
    Case("unsent, sent under its key", ProviderClass.KEYS, is_sent=False),
    Case("sent, unknown", ProviderClass.NOTHING, is_sent=True),
    Case("sent, sent under its key", ProviderClass.KEYS, is_sent=True, calls=BATCHES + 1),
]


@pytest.fixture(scope="module")
def ground() -> Iterator[Ground]:
    with open_ground() as opened:
        yield opened


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_worker_stopped_past_its_lease_sends_nothing_twice_with_the_embedded_engine(
    ground: Ground, migrated_file: Path, tmp_path: Path, case: Case
) -> None:
    (tmp_path / "var").mkdir()
    shutil.copyfile(migrated_file, tmp_path / "var" / "kawaraban.db")
    stop_and_go_on(ground, case, tmp_path, "")


@pytest.mark.postgres
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_worker_stopped_past_its_lease_sends_nothing_twice_with_the_distributed_engine(
    ground: Ground, postgres: Database, tmp_path: Path, case: Case
) -> None:
    stop_and_go_on(ground, case, tmp_path, postgres.url.render_as_string(hide_password=False))


def stop_and_go_on(ground: Ground, case: Case, site: Path, url: str) -> None:
    """Nobody has anything twice, nothing is unknown, and no request left that need not have."""
    with closing(open_trial(ground, case.kind, site, url)) as trial:
        trial.prepare()
        pid = stop_sender(ground, trial, case)
        trial.expire_claims()
        if not case.is_alone:
            trial.send_beside()
        if case.is_settled_by_hand:
            settle_by_hand(trial)
            trial.send_beside()
        os.kill(pid, signal.SIGCONT)
        ground.wait_for_end()
        assert ground.bury_senders() == [0]
        trial.settle()
        result = trial.count()
    assert (result.twice, result.lost, result.unknown) == (0, 0, 0)
    assert ground.ask("/ledger")["called"] == case.calls


def stop_sender(ground: Ground, trial: Trial, case: Case) -> int:
    """Start a sender that is stopped in its first call: right before the first byte, or after."""
    if not case.is_sent:
        pid = trial.start_sender(Orders(stops=True))
    else:
        pid = trial.start_sender(Orders(waits=True))
        wait_until(lambda: is_stopped(pid), "the sender waits")
        ground.tell("/kill", pid=pid, after=1, seconds=0, signal="SIGSTOP")
        os.kill(pid, signal.SIGCONT)
        wait_until(lambda: ground.ask("/ledger")["called"] == 1, "it has called")
        ground.tell("/spare")
    wait_until(lambda: is_stopped(pid), "it is stopped")
    return pid


def settle_by_hand(trial: Trial) -> None:
    """What an editor does who is sure that nothing was taken."""
    works = trial.app.works
    with works.database.reading() as connection:
        unknown = [one.batch_id for one in list_unvouched(connection)]
    assert len(unknown) == 1
    settle_batch(works.database, unknown[0], works.clock(), was_accepted=False, by=COMMAND)


def open_trial(ground: Ground, kind: ProviderClass, site: Path, url: str) -> Trial:
    plan = Plan(
        engine="distributed" if url else "embedded",
        database="postgres" if url else "sqlite",
        kind=kind,
        workers=1,
        recipients=BATCH * BATCHES,
        batch_limit=BATCH,
        kills=0,
        trouble=0.0,
        seed=0,
    )
    return Trial(ground, plan, site, {"DATABASE_URL": url} if url else {})
