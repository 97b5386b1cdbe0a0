"""The long form, `make faults`: what it counts becomes the table of docs/guarantees.md.

KAWARABAN_FAULTS_SHARE=10 runs a tenth of it. The table is written when every way was tried.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from service.store.database import Database
from tests.proof.ground import Ground, open_ground
from tests.proof.table import compose_table, write_table
from tests.proof.trial import Result, run_trial
from tests.proof.ways import WAYS, Way, judge, plan_trial

PAGE = Path(__file__).parents[2] / "docs" / "guarantees.md"
SHARE = int(os.environ.get("KAWARABAN_FAULTS_SHARE", "1"))
FORM = "The long form" if SHARE == 1 else f"1/{SHARE} of the long form"
READERS = 11_200 // SHARE
KILLS = 112 // SHARE
"""In each of nine ways: 1,008 kills over 100,800 recipients."""
BATCH = 5


@pytest.fixture(scope="module")
def ground() -> Iterator[Ground]:
    with open_ground() as opened:
        yield opened


@pytest.fixture(scope="module")
def results() -> Iterator[list[Result]]:
    """What was counted so far; it becomes the table."""
    counted: list[Result] = []
    yield counted
    today = datetime.now(UTC).date()
    print("\n" + compose_table(FORM, counted, today))  # noqa: T201
    if len(counted) == len(WAYS):
        write_table(PAGE, FORM, counted, today)


@pytest.mark.parametrize("way", [one for one in WAYS if one.database == "sqlite"], ids=str)
def test_the_promise_holds_on_sqlite(
    ground: Ground, results: list[Result], way: Way, migrated_file: Path, tmp_path: Path
) -> None:
    (tmp_path / "var").mkdir()
    shutil.copyfile(migrated_file, tmp_path / "var" / "kawaraban.db")
    prove(ground, results, way, tmp_path, {})


@pytest.mark.postgres
@pytest.mark.parametrize("way", [one for one in WAYS if one.database == "postgres"], ids=str)
def test_the_promise_holds_on_postgres(
    ground: Ground, results: list[Result], way: Way, postgres: Database, tmp_path: Path
) -> None:
    url = postgres.url.render_as_string(hide_password=False)
    prove(ground, results, way, tmp_path, {"DATABASE_URL": url})


def prove(
    ground: Ground, results: list[Result], way: Way, site: Path, environment: dict[str, str]
) -> None:
    seed = secrets.randbits(32)
    plan = plan_trial(way, recipients=READERS, batch_limit=BATCH, kills=KILLS, seed=seed)
    results.append(run_trial(ground, plan, site, environment))
    assert judge(results[-1]) == [], results[-1]
