"""Real processes killed at random points: nobody twice, nobody lost."""

from __future__ import annotations

import random
import secrets
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from subprocess import PIPE

from service.model.edition import EditionState
from tests.fakes.forks import fork
from tests.fakes.hasty_sender import send_hastily
from tests.fakes.house import MONDAY, WEEKLY, House

READERS = 400
KILLS = 12


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
        with fork(send_hastily, house.site, calls, now, stdout=PIPE) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
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
