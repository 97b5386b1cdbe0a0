from __future__ import annotations

import pytest

from tests.fakes.played_site import (  # noqa: F401 (fixtures)
    played_monday,
    played_week,
    sent,
    site,
    week,
)


@pytest.fixture(autouse=True)
def _logs_are_put_back(plain_logs: None) -> None:
    """Every command sets up logging; none of that outlives its test."""
