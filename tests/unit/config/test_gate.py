from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from service.config import Config
from service.content.gate import NEVER, RuleSettings

PAGE = (Path(__file__).parents[3] / "docs" / "gate.md").read_text(encoding="utf-8")
Blame = Callable[..., tuple[str, ...]]
Load = Callable[..., Config]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (
            'repetitions = "warn"',
            'gate.repetitions: is not a rule of the gate; did you mean "repetition"?',
        ),
        (
            'repetition = "stop"',
            'gate.repetition: "stop" is not known here; known: "hold", "warn", "off"',
        ),
        (
            "repetition = 0.3",
            (
                "gate.repetition: 0.3 is neither a level nor a table; "
                'write "hold", "warn" or "off", or { level = "warn", threshold = 0.3 }'
            ),
        ),
        (
            'repetition = { level = "wran" }',
            'gate.repetition.level: "wran" is not known here; did you mean "warn"?',
        ),
        (
            "repetition = { treshold = 0.3 }",
            'gate.repetition.treshold: is unknown; did you mean "threshold"?',
        ),
        (
            'repetition = { threshold = "0.3" }',
            'gate.repetition.threshold: "0.3" is not a number; write it without quotation marks',
        ),
        (
            "repetition = { threshold = true }",
            "gate.repetition.threshold: true is not a number; write it without quotation marks",
        ),
        (
            "repetition = { threshold = 0 }",
            "gate.repetition.threshold: 0 is out of range; write a number above 0",
        ),
        (
            "repetition = { threshold = 20 }",
            "gate.repetition.threshold: 20 is out of range; write a share from 0.01 to 1",
        ),
        (
            "repetition = { hold_from = 0.1 }",
            "gate.repetition.hold_from: 0.1 is less than the threshold (0.2)",
        ),
        (
            "template = { threshold = 2.5 }",
            "gate.template.threshold: 2.5 is out of range; write a whole number from 1",
        ),
        ("empty = { threshold = 1 }", "gate.empty.threshold: this rule has none; remove it"),
        ("template = { hold_from = 9 }", "gate.template.hold_from: this rule has none; remove it"),
    ],
)
def test_a_mistake_in_a_rule_is_told_by_its_key(blame: Blame, written: str, said: str) -> None:
    assert said in blame(f"[gate]\n{written}\n")


def test_the_example_in_the_documentation_loads(load: Load) -> None:
    (example,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    config = load(example)
    assert config.gate["near_duplicate"] == RuleSettings("hold")
    assert config.gate["repetition"] == RuleSettings(None, 0.3, 0.4)


def test_a_rule_may_be_told_never_to_hold(load: Load) -> None:
    config = load('[gate]\nrepetition = { threshold = 0.3, hold_from = "never" }\n')
    assert config.gate["repetition"] == RuleSettings(None, 0.3, NEVER)
