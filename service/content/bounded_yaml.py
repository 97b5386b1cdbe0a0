"""YAML that cannot hurt: bounded before libyaml sees it, and while it is composed.

libyaml's binding recurses in C and overruns the stack on front matter nested some ten
thousand deep, which no handler can catch; hence the two bounds.
"""

from __future__ import annotations

import re

import yaml

from service.content.body.cleaning import clean_text
from service.content.values import (
    FRONT_LIMITS,
    MAX_DEPTH,
    Limits,
    Scalar,
    Value,
    check_bounds,
)
from service.errors import ContentError

_COMPACT = re.compile(rf"^[ \t]*(?:[-?:][ \t]+){{{MAX_DEPTH + 1}}}", re.MULTILINE)
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})


def check_size(text: str, limits: Limits = FRONT_LIMITS) -> None:
    """Raise ContentError when a block is more than any parser may see."""
    if len(text) > limits.nbytes or len(text.encode()) > limits.nbytes:
        raise ContentError(
            "too_large",
            "{what} is larger than {size} KiB",
            what=limits.what,
            size=limits.nbytes // 1024,
        )
    # Quotes are ignored here: they cannot be told apart without the parser we guard.
    if text.count("[") + text.count("{") > FRONT_LIMITS.nodes:
        raise ContentError(
            "too_deep",
            "{what} opens more than {most} brackets",
            what=limits.what,
            most=FRONT_LIMITS.nodes,
        )
    if _COMPACT.search(text):
        raise ContentError(
            "too_deep",
            "{what} is nested more than {most} deep",
            what=limits.what,
            most=MAX_DEPTH,
        )


def read_yaml(
    text: str, first_line: int = 1, limits: Limits = FRONT_LIMITS
) -> tuple[Value, list[tuple[str, int]]]:
    """Return the values of `text` and its duplicate keys with their lines.

    Scalars stay source text, only null is resolved; the last of duplicate keys wins.
    Raises ContentError with the line for invalid YAML and excess; for aliases and merge keys
    too, unless `limits` expands them.
    """
    check_size(text, limits)
    try:
        node = _compose(text, first_line, limits)
    except ContentError as error:
        if error.code != "yaml" or "\t" not in text:
            raise
        # Some builds of the parser take tabs and some do not; this makes it one behaviour.
        node = _compose(text.replace("\t", "  "), first_line, limits, error)
    reader = _Reader(first_line, limits)
    return (reader.read(node) if node is not None else None), reader.duplicates


def _compose(
    text: str, first_line: int, limits: Limits, earlier: ContentError | None = None
) -> yaml.Node | None:
    loader = _BoundedLoader(text, limits)
    try:
        return loader.get_single_node()
    except yaml.MarkedYAMLError as error:
        raise earlier or _explain(error, first_line, limits) from error
    except yaml.YAMLError as error:
        raise ContentError(
            "yaml",
            "{what} is not valid YAML: {problem}",
            first_line,
            what=limits.what,
            problem=error,
        ) from error
    finally:
        loader.dispose()


def _explain(error: yaml.MarkedYAMLError, first_line: int, limits: Limits) -> ContentError:
    mark = error.problem_mark or error.context_mark
    problem = error.problem or error.context or "invalid"
    if mark is None:
        return ContentError(
            "yaml",
            "{what} is not valid YAML: {problem}",
            first_line,
            what=limits.what,
            problem=problem,
        )
    line = first_line + mark.line
    return ContentError(
        "yaml",
        "invalid YAML at column {column}: {problem}",
        line,
        column=mark.column + 1,
        problem=problem,
    )


class _BoundedLoader(yaml.CSafeLoader):
    """Resolves no types, and counts depth and nodes at the hooks libyaml's binding calls."""

    def __init__(self, stream: str, limits: Limits) -> None:
        super().__init__(stream)
        self._limits = limits
        self._depth = 0
        self._nodes = 0

    def descend_resolver(self, current_node: object, current_index: object) -> None:  # noqa: ARG002
        self._depth += 1
        self._nodes += 1
        check_bounds(self._depth - 1, self._nodes, self._limits)

    def ascend_resolver(self) -> None:
        self._depth -= 1

    def resolve(self, kind: object, value: object, implicit: object) -> str:  # noqa: ARG002
        return "value"


class _Reader:
    """Reads composed nodes; meeting a node twice means somebody used an alias."""

    def __init__(self, first_line: int, limits: Limits) -> None:
        self.duplicates: list[tuple[str, int]] = []
        self._first_line = first_line
        self._limits = limits
        self._met: set[int] = set()
        self._nodes = 0

    def read(self, node: yaml.Node, depth: int = 0) -> Value:
        """Return the value of a node; raises ContentError for aliases it may not expand."""
        # Counted again here: an alias brings its whole tree along every time it is met.
        self._nodes += 1
        check_bounds(depth, self._nodes, self._limits)
        if isinstance(node, yaml.ScalarNode) and not node.style and node.value in _NULLS:
            return None
        if id(node) in self._met and not self._limits.expands:
            raise ContentError(
                "alias",
                "front matter uses an alias (*name) of what stands here; write it out",
                self._line(node),
            )
        self._met.add(id(node))
        if isinstance(node, yaml.ScalarNode):
            return Scalar(clean_text(node.value), bool(node.style), self._line(node))
        if isinstance(node, yaml.SequenceNode):
            return [self.read(item, depth + 1) for item in node.value]
        return self._read_mapping(node, depth)

    def _read_mapping(self, node: yaml.Node, depth: int) -> dict[str, Value]:
        values: dict[str, Value] = {}
        merged: dict[str, Value] = {}
        for key_node, value_node in node.value:
            if self._is_merge(key_node):
                merged.update(_flatten(self.read(value_node, depth + 1)))
                continue
            key = clean_text(str(key_node.value)) if isinstance(key_node, yaml.ScalarNode) else "?"
            if key in values:
                self.duplicates.append((key, self._line(key_node)))
            values[key] = self.read(value_node, depth + 1)
        return {**merged, **values}

    def _is_merge(self, node: yaml.Node) -> bool:
        if not isinstance(node, yaml.ScalarNode) or node.value != "<<" or node.style:
            return False
        if not self._limits.expands:
            raise ContentError("alias", "front matter uses a merge key (<<)", self._line(node))
        return True

    def _line(self, node: yaml.Node) -> int:
        return self._first_line + int(node.start_mark.line)


def _flatten(value: Value) -> dict[str, Value]:
    """Return what a merge key brings: one mapping, or several of which the first counts."""
    if isinstance(value, list):
        return {key: item for part in reversed(value) for key, item in _flatten(part).items()}
    return value if isinstance(value, dict) else {}
