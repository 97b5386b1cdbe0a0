"""Front matter in every notation we meet, through guarded handlers of python-frontmatter."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import replace
from typing import Any

import frontmatter
from frontmatter.default_handlers import BaseHandler

from service.content.bounded_yaml import check_size, read_yaml
from service.content.values import (
    FRONT_LIMITS,
    MAX_BYTES,
    FrontMatter,
    Limits,
    Scalar,
    Value,
    check_bounds,
    read_plain,
)
from service.errors import ContentError
from service.model.post import Finding, Level
from service.model.wording import word

_YAML_CLOSER = re.compile(r"^(?:---|\.\.\.)[ \t]*$\n?", re.MULTILINE)
_TOML_CLOSER = re.compile(r"^\+\+\+[ \t]*$\n?", re.MULTILINE)
_SECOND_CLOSER = re.compile(r"---[ \t]*(?:\n|$)")
_KEY_LINE = re.compile(r"[ \t]*(?:#[^\n]*\n[ \t]*)*[\"']?[\w.-]+[\"']?[ \t]*[:=]")
_HEADER = re.compile(r"([A-Za-z][\w-]{0,60}):[ \t]*(.*)")
_MOST_DOTS = 500
_JSON_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+(?:"|\Z)|[{}\[\]]', re.DOTALL)
_TOML_LINE = re.compile(r"at line (\d+), ")
_TOML_KEY = re.compile(r"^(?:\[|(?P<quote>[\"']?)(?P<key>[\w-]+)(?P=quote)[ \t]*=)", re.MULTILINE)


def read_front_matter(text: str, *, header_lines: bool) -> FrontMatter | None:
    """Return the first block of `text` and its body; None when it has none.

    `text` is decoded and has LF line ends. `header_lines` also takes `Title: x` lines for
    front matter. Raises ContentError for a block that is unclosed, invalid or too much.
    """
    handlers = _ALL_HANDLERS if header_lines else _HANDLERS
    handler = frontmatter.detect_format(text, handlers)
    if handler is None:
        return None
    try:
        block, body = handler.split(text)
        values = handler.load(block)
    except _NoBlockError:
        return None
    line = text.count("\n", 0, len(text) - len(body)) + 1
    lowered = {key.lower(): value for key, value in values.items()}
    return FrontMatter(lowered, body, line, tuple(getattr(values, "warnings", ())))


class _NoBlockError(ValueError):
    """What looked like front matter is text: the way python-frontmatter's handlers say it."""


class _Block(dict[str, Any]):
    """The values of a block, with what was odd about it."""

    warnings: tuple[Finding, ...] = ()


class _Fenced(BaseHandler):
    """A block between two fences; a body that merely opens with a rule has no block."""

    closer: re.Pattern[str]
    name: str

    def split(self, text: str) -> tuple[str, str]:
        start = text.find("\n") + 1
        found = self.closer.search(text, start) if start else None
        if found:
            check_size(text[start : found.start()])
            return text[start : found.start()], self.trim(text[found.end() :], found.group())
        if not start or not _KEY_LINE.match(text, start, start + MAX_BYTES):
            raise _NoBlockError
        raise ContentError(
            "unclosed", "{name} front matter is opened and never closed", 1, name=self.name
        )

    def trim(self, body: str, closer: str) -> str:  # noqa: ARG002
        return body


class _YamlHandler(_Fenced):
    FM_BOUNDARY = re.compile(r"\A---[ \t]*(?:\n|\Z)")
    START_DELIMITER = END_DELIMITER = "---"
    closer = _YAML_CLOSER
    name = "YAML"

    def trim(self, body: str, closer: str) -> str:
        # Pandoc's habit: `...` ends the block and a `---` follows it.
        second = _SECOND_CLOSER.match(body) if closer.startswith("...") else None
        return body[second.end() :] if second else body

    def load(self, fm: str, **_kwargs: object) -> _Block:
        values, duplicates = read_yaml(fm, first_line=2)
        if isinstance(values, list):
            raise ContentError("front_matter", "front matter is a list, not keys and values", 2)
        if isinstance(values, Scalar):
            raise _NoBlockError
        block = _Block(values or {})
        block.warnings = tuple(
            Finding(
                "duplicate_key",
                Level.WARN,
                word("`{key}` is there twice; the last counts", key=key),
                line,
            )
            for key, line in duplicates
        )
        return block


class _TomlHandler(_Fenced):
    FM_BOUNDARY = re.compile(r"\A\+\+\+[ \t]*(?:\n|\Z)")
    START_DELIMITER = END_DELIMITER = "+++"
    closer = _TOML_CLOSER
    name = "TOML"

    def load(self, fm: str, **_kwargs: object) -> _Block:
        return _Block(_add_lines(read_toml(fm, first_line=2), fm, first_line=2))


class _JsonHandler(BaseHandler):
    FM_BOUNDARY = re.compile(r"\A\{\s*(?:\"|\})")
    START_DELIMITER = END_DELIMITER = ""

    def split(self, text: str) -> tuple[str, str]:
        depth = 0
        for token in _JSON_TOKEN.finditer(text, 0, MAX_BYTES):
            depth += {"{": 1, "[": 1, "}": -1, "]": -1}.get(token.group(), 0)
            check_bounds(depth, 0)
            if depth <= 0:
                end = token.end()
                return text[:end], text[end:].lstrip(" \t").removeprefix("\n")
        raise ContentError("unclosed", "JSON front matter is opened and never closed", 1)

    def load(self, fm: str, **_kwargs: object) -> _Block:
        try:
            values = read_plain(_JSON.decode(fm))
        except json.JSONDecodeError as error:
            raise ContentError(
                "json", "invalid JSON: {problem}", error.lineno, problem=error.msg
            ) from error
        return _Block(values if isinstance(values, dict) else {})


class _HeaderHandler(BaseHandler):
    """`Title: x` lines up to the first empty line, the way Pelican reads them."""

    FM_BOUNDARY = re.compile(r"\A(?:[A-Za-z][\w-]{0,60}:[^\n]*\n){0,20}?title:", re.IGNORECASE)
    START_DELIMITER = END_DELIMITER = ""

    def split(self, text: str) -> tuple[str, str]:
        block, _, body = text.partition("\n\n")
        check_size(block)
        return block, body

    def load(self, fm: str, **_kwargs: object) -> _Block:
        values: dict[str, Value] = {}
        key = ""
        for number, line in enumerate(fm.split("\n"), start=1):
            found = _HEADER.match(line)
            if found:
                key = found.group(1).lower()
                values[key] = Scalar(found.group(2).strip(), line=number)
            elif line[:1] in (" ", "\t") and isinstance(earlier := values.get(key), Scalar):
                values[key] = Scalar(f"{earlier.text} {line.strip()}".strip(), line=earlier.line)
        return _Block(values)


def _add_lines(values: dict[str, Value], text: str, first_line: int) -> dict[str, Value]:
    """Return the values with the lines of those above the first table of a TOML text."""
    found: dict[str, list[int]] = {}
    for line in _TOML_KEY.finditer(text):
        if line.group().startswith("["):
            break
        found.setdefault(line["key"], []).append(text.count("\n", 0, line.start()) + first_line)
    # A key that is there twice stands in a text of many lines once.
    sure = {key: lines[0] for key, lines in found.items() if len(lines) == 1}
    return {
        key: replace(value, line=sure.get(key)) if isinstance(value, Scalar) else value
        for key, value in values.items()
    }


def read_toml(text: str, first_line: int = 1, limits: Limits = FRONT_LIMITS) -> dict[str, Value]:
    """Return the values of a TOML text; raises ContentError with the line where it is known."""
    check_size(text, limits)
    if any(line.count(".") > _MOST_DOTS for line in text.split("\n")):
        # tomllib takes time by the square of a dotted key's parts.
        raise ContentError(
            "too_deep", "a line holds more than {most} dots", first_line, most=_MOST_DOTS
        )
    try:
        values = read_plain(tomllib.loads(text, parse_float=str), limits)
    except RecursionError as error:
        raise ContentError(
            "too_deep", "{what} is nested too deep to be read", first_line, what=limits.what
        ) from error
    except ValueError as error:
        found = _TOML_LINE.search(str(error))
        line = int(found.group(1)) + first_line - 1 if found else first_line
        problem = _TOML_LINE.sub("", str(error))
        raise ContentError(
            "toml", "{what} is not valid TOML: {problem}", line, what=limits.what, problem=problem
        ) from error
    return values if isinstance(values, dict) else {}


_JSON = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=str)
_HANDLERS: tuple[BaseHandler, ...] = (_YamlHandler(), _TomlHandler(), _JsonHandler())
_ALL_HANDLERS: tuple[BaseHandler, ...] = (*_HANDLERS, _HeaderHandler())
