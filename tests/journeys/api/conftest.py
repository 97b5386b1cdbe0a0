"""The API of a house with a draft that waits for approval, and readers who wait for it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.fakes.house import MONDAY, WEEKLY, House
from tests.fakes.programs import OpenApi, open_api

_ASKING = 'approval = "required"\nnotice = "48h"\n'


@pytest.fixture
def house(migrated_file: Path, tmp_path: Path) -> Iterator[House]:
    """Six posts since the first scan, three readers, and the draft of Monday's edition."""
    yield from build_house(migrated_file, tmp_path)


@pytest.fixture
def api(house: House) -> Iterator[OpenApi]:
    with open_api(house) as opened:
        yield opened


@pytest.fixture(scope="module")
def shared_house(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The same house for tests that leave it as it is."""
    yield from build_house(migrated_file, tmp_path_factory.mktemp("shared"))


@pytest.fixture(scope="module")
def shared_api(shared_house: House) -> Iterator[OpenApi]:
    with open_api(shared_house) as opened:
        yield opened


def build_house(migrated_file: Path, root: Path) -> Iterator[House]:
    folder = root / "site"
    (folder / "var").mkdir(parents=True)
    shutil.copyfile(migrated_file, folder / "var" / "kawaraban.db")
    house = House(folder, WEEKLY + _ASKING)
    house.write("old", MONDAY - timedelta(days=5))
    house.tick(MONDAY - timedelta(days=3))
    house.add_readers("a@example.com", "b@example.com", "c@example.com")
    for number in range(6):
        house.write(f"n{number}", MONDAY - timedelta(days=2, hours=23))
    house.tick(MONDAY - timedelta(days=2, hours=12))
    house.tick(MONDAY - timedelta(hours=12))
    yield house
    house.app.close()
