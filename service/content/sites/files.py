"""A site's own configuration files, in every notation, as keys and values."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from service.content.bounded_yaml import check_size, read_yaml
from service.content.frontmatter import read_toml
from service.content.values import SITE_LIMITS, Scalar, Value, read_plain
from service.errors import ContentError

_MAX_CONFIG = 1_000_000


def load_settings(path: Path) -> dict[str, Value]:
    """Return what a YAML, TOML or JSON file says, keys of the first level in lower case.

    YAML's anchors and merge keys are expanded within bounds. Raises ContentError naming the
    file that cannot be read.
    """
    try:
        with path.open("rb") as file:
            text = file.read(_MAX_CONFIG).decode("utf-8-sig").replace("\r\n", "\n")
        values = _read(text, path.suffix)
    except ContentError as error:
        raise ContentError(
            "site", "{path}: {problem}", error.line, path=path, problem=error.message
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise ContentError(
            "site", "{path} cannot be read: {problem}", path=path, problem=error
        ) from error
    return lower_keys(values) if isinstance(values, dict) else {}


def find_text(values: Mapping[str, Value], *keys: str) -> str:
    """Return the text under the first of `keys` that holds one, else ""."""
    found = (values.get(key) for key in keys)
    return next((v.text.strip() for v in found if isinstance(v, Scalar) and v.text.strip()), "")


def find_table(values: Mapping[str, Value], key: str) -> dict[str, Value]:
    """Return the mapping under `key`, its keys in lower case; empty when there is none."""
    value = values.get(key)
    return lower_keys(value) if isinstance(value, dict) else {}


def find_author(values: Mapping[str, Value]) -> str:
    """Return who writes the site, whether it is named or described."""
    return find_text(values, "author") or find_text(find_table(values, "author"), "name")


def lower_keys(values: Mapping[str, Value]) -> dict[str, Value]:
    """Return a mapping with its keys in lower case."""
    return {key.lower(): value for key, value in values.items()}


def _read(text: str, suffix: str) -> Value:
    if suffix == ".toml":
        return read_toml(text, limits=SITE_LIMITS)
    if suffix != ".json":
        return read_yaml(text, limits=SITE_LIMITS)[0]
    check_size(text, SITE_LIMITS)
    try:
        return read_plain(json.loads(text, parse_float=str, parse_int=str), SITE_LIMITS)
    except json.JSONDecodeError as error:
        raise ContentError(
            "json", "invalid JSON: {problem}", error.lineno, problem=error.msg
        ) from error
    except RecursionError as error:
        raise ContentError("too_deep", "the configuration is nested too deep") from error
