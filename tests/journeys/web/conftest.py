from __future__ import annotations

from tests.unit.web.conftest import (  # noqa: F401 (fixtures)
    cellar,
    client,
    furnish,
    furnished,
    house,
    shared,
    shared_house,
)
