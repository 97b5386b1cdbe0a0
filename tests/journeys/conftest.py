"""Houses to live in for the length of a test."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from service.store.database import Database
from tests.fakes.house import MONDAY, WEEKLY, House
from tests.fakes.played_site import played_week, site, week  # noqa: F401 (fixtures)

OpenHouse = Callable[[str], House]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def open_house(
    request: pytest.FixtureRequest, migrated_file: Path, tmp_path: Path
) -> Iterator[OpenHouse]:
    """Builds a house with the newsletter it is told, on either database."""
    opened: list[House] = []
    environment: dict[str, str] = {}
    if request.param == "postgres":
        database: Database = request.getfixturevalue("postgres")
        environment["DATABASE_URL"] = database.url.render_as_string(hide_password=False)

    def open_one(newsletter: str) -> House:
        folder = tmp_path / "site"
        (folder / "var").mkdir(parents=True)
        shutil.copyfile(migrated_file, folder / "var" / "kawaraban.db")
        house = House(folder, newsletter, environment)
        opened.append(house)
        return house

    yield open_one
    for house in opened:
        house.app.close()


@pytest.fixture
def house(open_house: OpenHouse) -> House:
    """A weekly newsletter, a first tick on the Monday before, and two readers."""
    house = open_house(WEEKLY)
    house.write("old", MONDAY - timedelta(days=3))
    house.tick(MONDAY - timedelta(hours=1))
    house.add_readers("a@example.com", "b@example.com")
    return house
