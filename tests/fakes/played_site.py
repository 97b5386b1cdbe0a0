"""Fixtures with a small publication, played up to a moment once and copied for each test.

A conftest.py whose tests want them imports them. The one above all does not: these bring the
whole program along, which the process that only hands out tests to others needs not.
"""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

import pytest

from service.model.editor import COMMAND
from service.store.database import Database
from service.store.installation import release_send_hold
from tests.fakes.small_site import MONDAY, READERS, Site


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


@pytest.fixture(scope="session")
def played_week(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of `week`."""
    site = Site(tmp_path_factory.mktemp("week"))
    (site.folder / "var").mkdir()
    shutil.copyfile(migrated_file, site.folder / "var" / "kawaraban.db")
    site.fine("tick", "--at", "2026-01-06T00:00:00+09:00")
    sheet = site.folder / "readers.csv"
    sheet.write_text(READERS, encoding="utf-8")
    site.fine("subscribers", "import", str(sheet), "--newsletter", "weekly", "--as", "confirmed")
    site.write_post("yu", "2026-01-07", more="tags: [銭湯]\n")
    site.write_post("hashi", "2026-01-08")
    site.fine("tick", "--at", "2026-01-08T12:00:00+09:00")
    return site.folder


@pytest.fixture(scope="session")
def played_monday(played_week: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of `sent`."""
    site = _copy_site(played_week, tmp_path_factory.mktemp("monday"))
    site.fine("tick", "--at", MONDAY)
    return site.folder


@pytest.fixture
def week(played_week: Path, tmp_path: Path) -> Site:
    """A first scan, three readers, and then two posts that are news."""
    return _copy_site(played_week, tmp_path)


@pytest.fixture
def sent(played_monday: Path, tmp_path: Path) -> Site:
    """The same week, and its Monday edition sent to three readers."""
    return _copy_site(played_monday, tmp_path)


def _copy_site(played: Path, folder: Path) -> Site:
    """A copy that may send: the program would take it for somebody's backup."""
    shutil.copytree(played, folder, dirs_exist_ok=True)
    database = Database(f"sqlite:///{folder}/var/kawaraban.db")
    release_send_hold(database, datetime.fromisoformat(MONDAY), by=COMMAND)
    database.close()
    return Site(folder)
