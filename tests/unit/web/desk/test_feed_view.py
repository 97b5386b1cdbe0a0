from __future__ import annotations

from datetime import timedelta

import pytest

from service.model.publication import Publication
from service.store.pings import HubHealth
from service.web.desk.feed_view import show_hub, write_size
from service.words.catalogues import find_voice
from tests.fakes.world import NOON

SITE = Publication("瓦版", "https://a.example", "https://a.example", "", "ja", "Asia/Tokyo", "")


@pytest.mark.parametrize(
    ("size", "written"),
    [(None, ""), (0, "0.0 KB"), (1_540, "1.5 KB"), (999_999, "1,000.0 KB"), (1_240_000, "1.2 MB")],
)
def test_sizes_are_written_for_people(size: int | None, written: str) -> None:
    assert write_size(size) == written


@pytest.mark.parametrize(
    ("health", "label", "says"),
    [
        (HubHealth("h"), "not told yet", ""),
        (HubHealth("h", taken_at=NOON), "well", "Told last "),
        (
            HubHealth("h", failing_since_at=NOON, failure="it answered 500", taken_at=NOON),
            "failing",
            "Since ",
        ),
    ],
)
def test_a_hub_says_how_it_is(health: HubHealth, label: str, says: str) -> None:
    shown = show_hub(find_voice("en"), SITE, health, 3, NOON + timedelta(hours=2))
    assert (shown.badge.label, shown.waiting) == (label, 3)
    assert shown.says.startswith(says)
