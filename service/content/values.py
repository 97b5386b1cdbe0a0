"""What front matter holds: scalars as their author wrote them, lists and mappings."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import TypeAlias

from service.content.body.cleaning import clean_text
from service.errors import ContentError
from service.model.post import Finding
from service.model.wording import word

MAX_DEPTH = 32
MAX_NODES = 1_000
MAX_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one block of keys and values may be; `expands` says whether aliases are read."""

    what: str = word("front matter")
    nbytes: int = MAX_BYTES
    nodes: int = MAX_NODES
    expands: bool = False


FRONT_LIMITS = Limits()
SITE_LIMITS = Limits(word("the configuration"), 512 * 1024, 20_000, expands=True)
"""A site's own configuration is longer than front matter, and may use anchors."""

_TRUE = frozenset({"true", "yes", "on", "y", "1"})
_FALSE = frozenset({"false", "no", "off", "n", "0"})


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value as written; `quoted` decides what a date means, `line` is in the file."""

    text: str
    quoted: bool = False
    line: int | None = None


Value: TypeAlias = "Scalar | list[Value] | dict[str, Value] | None"


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """The first block of a file (keys in lower case) and the body below it."""

    values: dict[str, Value]
    body: str
    body_line: int
    warnings: tuple[Finding, ...] = field(default=())

    def scalar(self, *keys: str) -> Scalar | None:
        """Return the first of `keys` that holds a single value."""
        for key in keys:
            value = self.values.get(key)
            if isinstance(value, Scalar) and value.text.strip():
                return value
        return None

    def text(self, *keys: str) -> str:
        """Return the source text of the first of `keys` that holds one, else ""."""
        found = self.scalar(*keys)
        return found.text.strip() if found else ""

    def flag(self, key: str) -> bool | None:
        """Return a yes or no in any of YAML's spellings; None when absent or neither."""
        return read_flag(self.values.get(key))

    def texts(self, key: str) -> list[str]:
        """Return the texts of a list (or of one value), without nulls and mappings."""
        return list(list_texts(self.values.get(key)))


def read_flag(value: Value) -> bool | None:
    """Return what a yes or no says, None when it is neither."""
    word = value.text.strip().lower() if isinstance(value, Scalar) else ""
    if word in _TRUE:
        return True
    return False if word in _FALSE else None


def list_texts(value: Value) -> Iterator[str]:
    """Yield the non-empty texts of one value or of a list of them, nested ones in their order."""
    if isinstance(value, list):
        for item in value:
            yield from list_texts(item)
    elif isinstance(value, Scalar) and value.text.strip():
        yield value.text.strip()


def read_plain(value: object, limits: Limits = FRONT_LIMITS) -> Value:
    """Turn what a TOML or JSON parser returns into values; raises ContentError on too much."""
    return _Plain(limits).read(value, 0)


class _Plain:
    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._nodes = 0

    def read(self, value: object, depth: int) -> Value:
        self._nodes += 1
        check_bounds(depth, self._nodes, self._limits)
        if isinstance(value, dict):
            return {clean_text(str(key)): self.read(item, depth + 1) for key, item in value.items()}
        if isinstance(value, list):
            return [self.read(item, depth + 1) for item in value]
        return _read_leaf(value)


def check_bounds(depth: int, nodes: int, limits: Limits = FRONT_LIMITS) -> None:
    """Raise ContentError when a block is nested or counted beyond reason."""
    if depth > MAX_DEPTH:
        raise ContentError(
            "too_deep",
            "{what} is nested more than {most} deep",
            what=limits.what,
            most=MAX_DEPTH,
        )
    if nodes > limits.nodes:
        raise ContentError(
            "too_many",
            "{what} holds more than {most} values",
            what=limits.what,
            most=limits.nodes,
        )


def _read_leaf(value: object) -> Scalar | None:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, bool):
        return Scalar("true" if value else "false")
    if isinstance(value, datetime | date | time):
        return Scalar(value.isoformat())
    return Scalar(clean_text(str(value)), quoted=isinstance(value, str))
