"""What the tests of reading share: one moment, one set of rules, and a reader of text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from service.content.articles import FindAddedAt
from service.content.gate import GateSettings
from service.content.generators import NO_HABITS, Habits
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
        habits: Habits = NO_HABITS,
        find_added_at: FindAddedAt | None = None,
    ) -> Reading:
        raw = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
        facts = FileFacts(path, len(raw), 1, "")
        rules = replace(make_rules(generator, permalink), habits=habits)
        return read_bytes(raw, facts, rules, now, find_added_at)

    return read_text
