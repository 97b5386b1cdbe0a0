"""Both databases behind one fixture: what holds on one must hold on the other."""

from __future__ import annotations

import pytest

from service.store.database import Database

BOTH = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]


@pytest.fixture(params=BOTH)
def database(request: pytest.FixtureRequest) -> Database:
    """An empty, migrated database."""
    found: Database = request.getfixturevalue(request.param)
    return found
