from __future__ import annotations

from tests.fakes.played_site import site  # noqa: F401 (a fixture)
