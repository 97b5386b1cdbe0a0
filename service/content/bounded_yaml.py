"""YAML that cannot hurt: bounded before libyaml sees it, and while it is composed.

libyaml's binding recurses in C and overruns the stack on front matter nested some ten
thousand deep, which no handler can catch; hence the two bounds.
"""

from __future__ import annotations

import re

import yaml

from service.content.cleaning import clean_text
from service.content.values import MAX_BYTES, MAX_DEPTH, MAX_NODES, Scalar, Value, check_bounds
from service.errors import ContentError

_COMPACT = re.compile(rf"^[ \t]*(?:[-?:][ \t]+){{{MAX_DEPTH + 1}}}", re.MULTILINE)
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})


def check_size(text: str) -> None:
    """Raise ContentError when a block is more than any parser may see."""
    if len(text) > MAX_BYTES or len(text.encode()) > MAX_BYTES:
        raise ContentError("too_large", f"front matter is larger than {MAX_BYTES // 1024} KiB")
    # Quotes are ignored here: they cannot be told apart without the parser we guard.
    if text.count("[") + text.count("{") > MAX_NODES:
        raise ContentError("too_deep", f"front matter opens more than {MAX_NODES} brackets")
    if _COMPACT.search(text):
        raise ContentError("too_deep", f"front matter is nested more than {MAX_DEPTH} deep")


def read_yaml(text: str, first_line: int = 1) -> tuple[Value, list[tuple[str, int]]]:
    """Return the values of `text` and its duplicate keys with their lines.

    Scalars stay source text, only null is resolved; the last of duplicate keys wins.
    Raises ContentError with the line for invalid YAML, aliases, merge keys and excess.
    """
    check_size(text)
    try:
        node = _compose(text, first_line)
    except ContentError as error:
        if error.code != "yaml" or "\t" not in text:
            raise
        # Some builds of the parser take tabs and some do not; this makes it one behaviour.
        node = _compose(text.replace("\t", "  "), first_line, error)
    reader = _Reader(first_line)
    return (reader.read(node) if node is not None else None), reader.duplicates


def _compose(text: str, first_line: int, earlier: ContentError | None = None) -> yaml.Node | None:
    loader = _BoundedLoader(text)
    try:
        return loader.get_single_node()
    except yaml.MarkedYAMLError as error:
        raise earlier or _explain(error, first_line) from error
    except yaml.YAMLError as error:
        raise ContentError(
            "yaml", f"front matter is not valid YAML: {error}", first_line
        ) from error
    finally:
        loader.dispose()


def _explain(error: yaml.MarkedYAMLError, first_line: int) -> ContentError:
    mark = error.problem_mark or error.context_mark
    problem = error.problem or error.context or "invalid"
    if mark is None:
        return ContentError("yaml", f"front matter is not valid YAML: {problem}", first_line)
    line = first_line + mark.line
    return ContentError("yaml", f"invalid YAML at column {mark.column + 1}: {problem}", line)


class _BoundedLoader(yaml.CSafeLoader):
    """Resolves no types, and counts depth and nodes at the hooks libyaml's binding calls."""

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self._depth = 0
        self._nodes = 0

    def descend_resolver(self, current_node: object, current_index: object) -> None:  # noqa: ARG002
        self._depth += 1
        self._nodes += 1
        check_bounds(self._depth - 1, self._nodes)

    def ascend_resolver(self) -> None:
        self._depth -= 1

    def resolve(self, kind: object, value: object, implicit: object) -> str:  # noqa: ARG002
        return "value"


class _Reader:
    """Reads composed nodes; meeting a node twice means somebody used an alias."""

    def __init__(self, first_line: int) -> None:
        self.duplicates: list[tuple[str, int]] = []
        self._first_line = first_line
        self._met: set[int] = set()

    def read(self, node: yaml.Node) -> Value:
        """Return the value of a node; raises ContentError for aliases and merge keys."""
        if isinstance(node, yaml.ScalarNode) and not node.style and node.value in _NULLS:
            return None
        if id(node) in self._met:
            raise ContentError("alias", "front matter uses an alias (*name)", self._line(node))
        self._met.add(id(node))
        if isinstance(node, yaml.ScalarNode):
            return Scalar(clean_text(node.value), node.style in ("'", '"'), self._line(node))
        if isinstance(node, yaml.SequenceNode):
            return [self.read(item) for item in node.value]
        return self._read_mapping(node)

    def _read_mapping(self, node: yaml.Node) -> dict[str, Value]:
        values: dict[str, Value] = {}
        for key_node, value_node in node.value:
            key = clean_text(str(key_node.value)) if self._is_key(key_node) else "?"
            if key in values:
                self.duplicates.append((key, self._line(key_node)))
            values[key] = self.read(value_node)
        return values

    def _is_key(self, node: yaml.Node) -> bool:
        if not isinstance(node, yaml.ScalarNode):
            return False
        if node.value == "<<" and not node.style:
            raise ContentError("alias", "front matter uses a merge key (<<)", self._line(node))
        return True

    def _line(self, node: yaml.Node) -> int:
        return self._first_line + int(node.start_mark.line)
