from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from service.web.desk.moments import say_distance
from service.words.catalogues import find_voice

NOW = datetime(2025, 10, 13, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("distance", "english"),
    [
        (timedelta(minutes=100), "in 100 minutes"),
        (timedelta(hours=3), "in 3 hours"),
        (timedelta(hours=-26), "26 hours ago"),
        (timedelta(days=3), "in 3 days"),
        (timedelta(), "now"),
    ],
)
def test_a_distance_is_never_rounded_to_one_of_a_greater_unit(
    distance: timedelta, english: str
) -> None:
    assert say_distance(find_voice("en"), NOW + distance, NOW) == english
