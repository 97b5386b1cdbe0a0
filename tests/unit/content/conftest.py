"""What the tests of reading share: one moment, one set of rules, and a reader of text."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from service.content.gate import GateSettings
from service.content.library import read_bytes
from service.content.rules import ReadingRules
from service.model.post import FileFacts, Reading

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def make_rules(generator: str = "jekyll", permalink: str = "") -> ReadingRules:
    return ReadingRules(
        generator=generator,
        site_url="https://news.test",
        zone=ZoneInfo("Asia/Tokyo"),
        language="ja",
        permalink=permalink,
        author="",
        future=False,
        gate=GateSettings(),
    )


Read = Callable[..., Reading]


@pytest.fixture
def read() -> Read:
    """Read a text as if it were a file of `generator`."""

    def read_text(
        text: str | bytes,
        path: str = "2026-01-31-a-slug.md",
        generator: str = "jekyll",
        permalink: str = "",
        now: datetime = NOW,
    ) -> Reading:
        raw = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
        facts = FileFacts(path, len(raw), 1, "")
        return read_bytes(raw, facts, make_rules(generator, permalink), now)

    return read_text
