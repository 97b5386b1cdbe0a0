"""Every mistake in a kawaraban.toml as a sentence that begins with its key."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from service.config.custom_feeds import CustomFeedTable
from service.config.providers import PROVIDERS
from service.config.schema import TABLES, Document, GitTable, RuleTable
from service.config.values import show, suggest

_SECRET = re.compile(r"(.*_)?(api_?key|key|secret|password|passwd|token|credentials?)")
_BARE = re.compile(r"[\w-]+")
_PLACES = {
    ("provider", "api_key"): "KAWARABAN_PROVIDER_API_KEY or KAWARABAN_PROVIDER_API_KEY_FILE",
    ("service", "secret_key"): "KAWARABAN_SECRET_KEY or KAWARABAN_SECRET_KEY_FILE",
}


def take_secrets(document: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Return the document without keys that hold secrets, and a mistake for each of them."""
    kept = {name: _leave_secrets(table) for name, table in document.items() if not _is_secret(name)}
    mistakes = [_compose_secret("", name) for name in document if _is_secret(name)]
    for name, table in document.items():
        keys = table if isinstance(table, dict) else ()
        mistakes += [_compose_secret(name, key) for key in keys if _is_secret(key)]
    return kept, mistakes


def _leave_secrets(table: object) -> object:
    if not isinstance(table, dict):
        return table
    return {key: value for key, value in table.items() if not _is_secret(key)}


def _is_secret(key: str) -> bool:
    return _SECRET.fullmatch(key.lower()) is not None


def _compose_secret(table: str, key: str) -> str:
    name = f"{table}.{key}" if table else key
    place = _PLACES.get((table, key), "what the documentation names in the environment")
    return f"{name}: a secret does not belong in this file; take it out and set {place}"


def find_repeated_ids(document: Mapping[str, Any]) -> Iterator[str]:
    """Yield a mistake for each newsletter whose id an earlier one has."""
    newsletters = document.get("newsletters")
    seen: dict[str, int] = {}
    for number, table in enumerate(newsletters if isinstance(newsletters, list) else []):
        name = table.get("id") if isinstance(table, dict) else None
        if isinstance(name, str) and seen.setdefault(name, number) != number:
            yield f"newsletters[{number}].id: {show(name)} is newsletters[{seen[name]}]'s already"


def list_mistakes(error: ValidationError) -> list[str]:
    """Return the mistakes that reading the document found, each by its key."""
    return [_compose_mistake(detail) for detail in error.errors(include_url=False)]


def _compose_mistake(detail: ErrorDetails) -> str:
    return f"{_write_key(_find_place(detail))}: {_explain(detail)}"


def _find_place(detail: ErrorDetails) -> tuple[int | str, ...]:
    place = detail["loc"]
    if place[-1] == "[key]":
        return place[:-1]
    if detail["type"] == "union_tag_invalid":
        return (*place, "kind")
    # Inside [provider] the reader puts the kind between the table and its key.
    return (place[0], *place[2:]) if place[0] == "provider" else place


def _write_key(place: tuple[int | str, ...]) -> str:
    return "".join(_write_part(part) for part in place).removeprefix(".")


def _write_part(part: int | str) -> str:
    if isinstance(part, int):
        return f"[{part}]"
    return f".{part}" if _BARE.fullmatch(part) else f".{show(part)}"


def _explain(detail: ErrorDetails) -> str:
    context = detail.get("ctx", {})
    match detail["type"]:
        case "value_error":
            return str(context["error"])
        case "missing":
            return _explain_missing(detail["loc"])
        case "extra_forbidden":
            return _explain_unknown_key(detail["loc"])
        case "union_tag_invalid":
            return _explain_unknown_provider(str(context["tag"]))
        case "list_type":
            return f"{show(detail['input'])} is not a list; write it in square brackets"
        case "model_type" | "model_attributes_type" | "dict_type":
            return f"{show(detail['input'])} is not a table"
    return detail["msg"]


def _explain_missing(place: tuple[int | str, ...]) -> str:
    if place[0] == "publication":
        return "is missing, and the site's own configuration does not say it; write it here"
    return "is missing"


def _explain_unknown_key(place: tuple[int | str, ...]) -> str:
    key = str(place[-1])
    if len(place) == 1:
        return f"is unknown; {suggest(key, tuple(Document.model_fields))}"
    if place[:2] == ("feeds", "custom"):
        return f"is unknown; {suggest(key, tuple(CustomFeedTable.model_fields))}"
    if place[:2] == ("content", "git"):
        return f"is unknown; {suggest(key, tuple(GitTable.model_fields))}"
    if place[0] == "gate":
        return f"is unknown; {suggest(key, tuple(RuleTable.model_fields))}"
    kind = PROVIDERS[str(place[1])] if place[0] == "provider" else TABLES[str(place[0])]
    home = _find_home(key)
    if home and not get_close_matches(key, kind.model_fields, n=1):
        return f"is unknown here; it belongs {home}"
    return f"is unknown; {suggest(key, tuple(kind.model_fields))}"


def _find_home(key: str) -> str:
    homes = [f"in [{name}]" for name, table in TABLES.items() if key in table.model_fields]
    homes += [f'to kind = "{name}"' for name, kind in PROVIDERS.items() if key in kind.model_fields]
    return homes[0] if homes else ""


def _explain_unknown_provider(kind: str) -> str:
    return f"{show(kind)} is not known here; {suggest(kind, tuple(PROVIDERS))}"
