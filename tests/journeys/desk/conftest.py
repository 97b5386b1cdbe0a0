"""A desk in a house that has a week of news behind it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.fakes.desk import OpenDesk, open_desk
from tests.fakes.house import MONDAY, WEEKLY, House


@pytest.fixture
def desk(migrated_file: Path, tmp_path: Path) -> Iterator[OpenDesk]:
    """A weekly newsletter, a first scan on the Monday before, and two readers."""
    folder = tmp_path / "site"
    (folder / "var").mkdir(parents=True)
    shutil.copyfile(migrated_file, folder / "var" / "kawaraban.db")
    house = House(folder, WEEKLY)
    house.write("old", MONDAY - timedelta(days=3))
    house.tick(MONDAY - timedelta(hours=1))
    house.add_readers("a@example.com", "b@example.com")
    with open_desk(house) as opened:
        yield opened
    house.app.close()
