from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from service.config import Config, load_config
from service.errors import ConfigError

PUBLICATION = """\
[publication]
title = "瓦版"
url = "https://example.com"
"""

Load = Callable[..., Config]
Blame = Callable[..., tuple[str, ...]]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Loads a kawaraban.toml with these further tables, beside an empty folder of posts."""
    (tmp_path / "content").mkdir()

    def load_text(
        tables: str = "",
        environment: Mapping[str, str] | None = None,
        publication: str = PUBLICATION,
    ) -> Config:
        path = tmp_path / "kawaraban.toml"
        path.write_text(publication + tables, encoding="utf-8")
        return load_config(path, environment or {})

    return load_text


@pytest.fixture
def blame(load: Load) -> Blame:
    """Loads the same and returns the mistakes it is refused for."""

    def load_wrong(*arguments: str, **named: str | Mapping[str, str]) -> tuple[str, ...]:
        with pytest.raises(ConfigError) as refused:
            load(*arguments, **named)
        return refused.value.mistakes

    return load_wrong
