"""Senders killed with -9 in the middle of an edition, for each class of provider: the short form.

`make faults` is the long one, and writes the table of docs/guarantees.md.
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.store.database import Database
from tests.proof.ground import Ground, open_ground
from tests.proof.trial import run_trial
from tests.proof.ways import WAYS, Way, judge, plan_trial

READERS = 560
BATCH = 10
KILLS = 6
"""In each of nine ways: 54 kills over 5,040 recipients."""


@pytest.fixture(scope="module")
def ground() -> Iterator[Ground]:
    with open_ground() as opened:
        yield opened


@pytest.mark.parametrize("way", [one for one in WAYS if one.database == "sqlite"], ids=str)
def test_killed_senders_send_everything_once_on_sqlite(
    ground: Ground, way: Way, migrated_file: Path, tmp_path: Path
) -> None:
    (tmp_path / "var").mkdir()
    shutil.copyfile(migrated_file, tmp_path / "var" / "kawaraban.db")
    prove(ground, way, tmp_path, {})


@pytest.mark.postgres
@pytest.mark.parametrize("way", [one for one in WAYS if one.database == "postgres"], ids=str)
def test_killed_senders_send_everything_once_on_postgres(
    ground: Ground, way: Way, postgres: Database, tmp_path: Path
) -> None:
    url = postgres.url.render_as_string(hide_password=False)
    prove(ground, way, tmp_path, {"DATABASE_URL": url})


def prove(ground: Ground, way: Way, site: Path, environment: dict[str, str]) -> None:
    seed = secrets.randbits(32)
    plan = plan_trial(way, recipients=READERS, batch_limit=BATCH, kills=KILLS, seed=seed)
    result = run_trial(ground, plan, site, environment)
    assert judge(result) == [], result
