from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _logs_are_put_back(plain_logs: None) -> None:
    """Every command sets up logging; none of that outlives its test."""
