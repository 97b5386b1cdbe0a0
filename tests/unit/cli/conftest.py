from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from tests.unit.cli.small_site import READERS, Site


@pytest.fixture(autouse=True)
def plain_logs() -> Iterator[None]:
    """Take our handler off again: it writes to the standard error of a run that is over."""
    yield
    root = logging.getLogger()
    root.handlers = [one for one in root.handlers if one.get_name() != "kawaraban"]
    root.setLevel(logging.WARNING)
    structlog.reset_defaults()


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


@pytest.fixture
def week(site: Site, migrated_file: Path) -> Site:
    """A first scan, three readers, and then two posts that are news."""
    (site.folder / "var").mkdir()
    shutil.copyfile(migrated_file, site.folder / "var" / "kawaraban.db")
    site.fine("tick", "--at", "2026-01-06T00:00:00+09:00")
    sheet = site.folder / "readers.csv"
    sheet.write_text(READERS, encoding="utf-8")
    site.fine("subscribers", "import", str(sheet), "--newsletter", "weekly", "--as", "confirmed")
    site.write_post("yu", "2026-01-07", more="tags: [銭湯]\n")
    site.write_post("hashi", "2026-01-08")
    site.fine("tick", "--at", "2026-01-08T12:00:00+09:00")
    return site
