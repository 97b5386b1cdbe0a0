"""What sending in small steps needs, here as in tests/unit/delivery."""

from __future__ import annotations

from tests.unit.delivery.conftest import database, head  # noqa: F401 (fixtures)
