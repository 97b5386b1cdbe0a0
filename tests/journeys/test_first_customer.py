from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from service.model.edition import EditionState
from tests.fakes.house import TOKYO, WEEKLY, House

CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "allforces"
FIRST = datetime(2025, 10, 13, tzinfo=TOKYO)


@pytest.fixture
def site(open_house: Callable[[str], House]) -> House:
    if not CORPUS.is_dir():
        pytest.skip("the first customer's posts (shared/corpus/allforces) are not here")
    return open_house(WEEKLY)


def test_a_week_of_the_first_customer_goes_to_a_thousand_readers_once(site: House) -> None:
    site.tick(FIRST)
    site.add_readers(*[f"reader{number}@example.jp" for number in range(1000)])
    site.tick(FIRST.replace(hour=8))
    for day in range(13, 20):
        for path in CORPUS.glob(f"2025-10-{day}*.md"):
            shutil.copy(path, site.site / "posts")
        site.tick(FIRST + timedelta(days=day - 13, hours=23, minutes=30))
    assert site.count_mail() == {}
    monday = datetime(2025, 10, 20, 8, tzinfo=TOKYO)
    site.tick(monday)
    counted = site.count_mail()
    assert len(counted) == 1000
    assert set(counted.values()) == {1}
    site.tick(monday)
    site.tick(monday + timedelta(minutes=1))
    assert site.count_mail() == counted
    edition = site.list_editions()[-1]
    accounting = site.count(edition)
    assert (edition.key, edition.state) == ("2025-10-20", EditionState.FINISHED)
    assert (accounting.frozen, accounting.accepted) == (1000, 1000)
