"""How the rules under [gate] are written: a level alone, or a table with thresholds."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any, TypeGuard, cast

from service.config import values
from service.content.gate import LEVELS, NEVER, RULES, Terms

_NEVER_WORD = "never"


def spread_rule(value: object) -> object:
    """Return the table that a rule stands for; a word is its level."""
    if isinstance(value, str):
        return {"level": values.one_of(*LEVELS)(value)}
    if isinstance(value, dict):
        return value
    advice = 'write "hold", "warn" or "off", or { level = "warn", threshold = 0.3 }'
    raise ValueError(f"{values.show(value)} is neither a level nor a table; {advice}")


def read_measure(value: object) -> float:
    """Return a threshold: a number above 0."""
    if not _is_number(value):
        raise ValueError(f"{values.show(value)} is not a number; write it without quotation marks")
    if value <= 0:
        raise ValueError(f"{value} is out of range; write a number above 0")
    return float(value)


def read_hold_from(value: object) -> float:
    """Return from where on a rule holds whatever its level; "never" is beyond everything."""
    return NEVER if value == _NEVER_WORD else read_measure(value)


def find_rule_mistakes(document: Mapping[str, Any]) -> Iterator[str]:
    """Yield a mistake for each rule that the gate does not have, and each measure out of place."""
    gate = document.get("gate")
    for name, table in gate.items() if isinstance(gate, dict) else ():
        if name not in RULES:
            yield f"gate.{name}: is not a rule of the gate; {values.suggest(name, tuple(RULES))}"
        elif isinstance(table, dict):
            yield from _find_misplaced(name, table, RULES[name])


def _find_misplaced(name: str, table: Mapping[str, Any], own: Terms) -> Iterator[str]:
    for key, term in (("threshold", own.threshold), ("hold_from", own.hold_from)):
        if key not in table:
            continue
        if term is None:
            yield f"gate.{name}.{key}: this rule has none; remove it"
        elif (range_ := _find_range(table[key], own)) is not None:
            yield f"gate.{name}.{key}: {table[key]} is out of range; write {range_}"
    threshold = table.get("threshold", own.threshold)
    hold_from = table.get("hold_from", own.hold_from)
    if _is_number(threshold) and _is_number(hold_from) and hold_from < threshold:
        yield f"gate.{name}.hold_from: {hold_from:g} is less than the threshold ({threshold:g})"


def _find_range(value: object, own: Terms) -> str | None:
    """The range that a measure is outside of, None where it is inside or no number at all."""
    if not _is_number(value) or value <= 0:
        return None
    if own.is_count:
        return None if value == int(value) else "a whole number from 1"
    return None if value <= 1 else "a share from 0.01 to 1"


# The type itself, because True is an int as well.
def _is_number(value: object) -> TypeGuard[float]:
    return type(value) in (int, float) and math.isfinite(cast("float", value))
