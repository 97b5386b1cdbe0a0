from __future__ import annotations

from datetime import UTC, datetime

import pytest

from service.content.gate import RULES, GateSettings, find_findings
from service.model.post import Article, Level

DAY = datetime(2026, 1, 31, tzinfo=UTC)


def judge(
    title: str = "題", summary: str = "要約", text: str = "本文", **levels: str
) -> list[tuple[str, Level]]:
    article = Article("a.md", title, "u", DAY, summary, "", text, "ja")
    return [(found.rule, found.level) for found in find_findings(article, GateSettings(levels))]


def test_a_sound_post_passes() -> None:
    assert judge() == []
    assert judge(text="a deliberate \ufffd in the body") == []


@pytest.mark.parametrize(
    ("post", "found"),
    [
        ({"title": "AIの可\ufffd"}, ("cut_title", Level.HOLD)),
        ({"summary": "AIの可\ufffd"}, ("cut_title", Level.HOLD)),
        ({"summary": "end ---END---"}, ("marker", Level.HOLD)),
        ({"text": "the mark 「---END---」"}, ("body_marker", Level.WARN)),
        ({"summary": "", "text": " "}, ("empty", Level.HOLD)),
    ],
)
def test_each_rule_finds_its_fault(post: dict[str, str], found: tuple[str, Level]) -> None:
    assert judge(**post) == [found]


def test_levels_can_be_changed_and_rules_switched_off() -> None:
    assert judge(title="\ufffd", cut_title="warn") == [("cut_title", Level.WARN)]
    assert judge(title="\ufffd", cut_title="off") == []
    assert judge(text="---END---", body_marker="hold") == [("body_marker", Level.HOLD)]


def test_rules_are_listed_by_name() -> None:
    assert set(RULES) == {"cut_title", "marker", "body_marker", "empty"}
