"""Real processes killed at random points: nobody twice, nobody lost."""

from __future__ import annotations

import random
import secrets
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from service.model.edition import EditionState
from tests.fakes.house import MONDAY, WEEKLY, House

ROOT = Path(__file__).parents[2]
READERS = 400
KILLS = 12

WORKER = """
import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from service.app import build_app
from service.config import load_config
from service.delivery import plan
from service.engine.works import deliver_due, run_pass
from service.providers.base import Capabilities
from service.providers.outbox import OutboxProvider

# Small stretches and batches, so that there is much to interrupt.
plan._SPAN = 20

class Small(OutboxProvider):
    @property
    def capabilities(self):
        return replace(super().capabilities, batch_limit=5)

    def send(self, prepared, *, total_for, ready):
        outcome = super().send(prepared, total_for=total_for, ready=ready)
        with open(sys.argv[2], "ab", buffering=0) as calls:
            calls.write(f"{prepared.key} {prepared.digest}\\n".encode())
        return outcome

site, now = Path(sys.argv[1]), datetime.fromisoformat(sys.argv[3])
started = datetime.now(now.tzinfo)
clock = lambda: now + 100 * (datetime.now(now.tzinfo) - started)
app = build_app(load_config(site / "kawaraban.toml", {}))
provider = Small(site / "var" / "outbox")
works = replace(
    app.works,
    clock=clock,
    press=replace(app.works.press, capabilities=provider.capabilities),
    mailbag=replace(app.works.mailbag, provider=provider),
)
print("ready", flush=True)
run_pass(works, now)
deliver_due(works)
"""


def test_a_process_killed_again_and_again_sends_everything_once(
    open_house: Callable[[str], House], tmp_path: Path
) -> None:
    seed = secrets.randbits(32)
    print(f"seed {seed}")  # noqa: T201  (shown when the test fails)
    house = open_house(WEEKLY)
    house.tick(MONDAY - timedelta(hours=1))
    house.add_readers(*[f"reader{number}@example.com" for number in range(READERS)])
    house.clock.now = MONDAY + timedelta(days=1)
    house.write("new", house.clock.now)
    house.tick(MONDAY + timedelta(days=2))
    kill_some(house, tmp_path / "calls", random.Random(seed))  # noqa: S311
    house.tick(MONDAY + timedelta(days=7, hours=20))
    for minutes in range(1, 4):
        house.tick(MONDAY + timedelta(days=7, hours=20, minutes=minutes))
    edition = house.list_editions()[-1]
    accounting = house.count(edition)
    assert edition.state is EditionState.FINISHED, accounting
    assert (accounting.frozen, accounting.accepted) == (READERS, READERS)
    counted = house.count_mail()
    assert set(counted.values()) == {1}
    assert len(counted) == READERS
    assert_same_key_same_bytes(tmp_path / "calls")


def kill_some(house: House, calls: Path, chance: random.Random) -> None:
    """Start workers and kill each after a random while; a machine's clock goes on between."""
    now = MONDAY + timedelta(days=7)
    for _ in range(KILLS):
        command = [sys.executable, "-c", WORKER, str(house.site), str(calls), now.isoformat()]
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=ROOT
        ) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(chance.uniform(0.0, 0.5))
            process.kill()
        accounting = house.count(house.list_editions()[-1])
        assert accounting.adds_up
        now += timedelta(minutes=3)


def assert_same_key_same_bytes(calls: Path) -> None:
    lines = calls.read_text(encoding="ascii").splitlines() if calls.exists() else []
    digests: dict[str, set[str]] = {}
    for line in lines:
        key, digest = line.split()
        digests.setdefault(key, set()).add(digest)
    repeated = Counter(line.split()[0] for line in lines)
    assert all(len(found) == 1 for found in digests.values()), repeated
