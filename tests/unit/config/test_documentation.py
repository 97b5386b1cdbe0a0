from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from service.config import Config, list_send_obstacles
from service.config.providers import PROVIDERS
from service.config.schema import TABLES, Document, GitTable
from service.content.gate import RULES

PAGE = (Path(__file__).parents[3] / "docs" / "configuration.md").read_text(encoding="utf-8")
VARIABLES = (
    "KAWARABAN_PROVIDER_API_KEY",
    "KAWARABAN_PROVIDER_API_KEY_FILE",
    "KAWARABAN_SECRET_KEY",
    "KAWARABAN_SECRET_KEY_FILE",
    "KAWARABAN_GIT_TOKEN",
    "KAWARABAN_GIT_TOKEN_FILE",
    "KAWARABAN_PUSH_SECRET",
    "KAWARABAN_PUSH_SECRET_FILE",
    "KAWARABAN_WEBHOOK_SECRET",
    "KAWARABAN_WEBHOOK_SECRET_FILE",
    "KAWARABAN_WEBHOOK_SECRET_MAILGUN",
    "DATABASE_URL",
    "PORT",
)


def _list_rows(heading: str) -> dict[str, list[str]]:
    section = PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `(\w+)` \|(.*)\|$", section, re.MULTILINE)
    return {key: [cell.strip() for cell in rest.split("|")] for key, rest in rows}


@pytest.mark.parametrize("name", TABLES)
def test_the_page_has_every_key_of_a_table_in_its_order_and_no_other(name: str) -> None:
    heading = "[[newsletters]]" if name == "newsletters" else f"[{name}]"
    assert list(_list_rows(heading)) == list(TABLES[name].model_fields)


def test_the_page_has_every_table() -> None:
    named = {name.strip("[]") for name in re.findall(r"^## (\[.*\])$", PAGE, re.MULTILINE)}
    assert named == set(Document.model_fields)


def test_the_page_has_every_key_of_every_provider() -> None:
    keys = {key for kind in PROVIDERS.values() for key in kind.model_fields}
    assert set(_list_rows("[provider]")) == keys
    assert all(f'`"{kind}"`' in PAGE for kind in PROVIDERS)


def test_the_page_has_every_rule_of_the_gate_with_its_terms() -> None:
    told = {
        name: [cell.strip('`"') for cell in cells[-3:]]
        for name, cells in _list_rows("[gate]").items()
    }
    assert told == {
        name: [_write(terms.threshold), _write(terms.hold_from), terms.level.value]
        for name, terms in RULES.items()
    }


def _write(measure: float | None) -> str:
    return "" if measure is None else f"{measure:g}"


def test_the_page_has_every_key_of_git() -> None:
    assert re.findall(r"^\| `git\.(\w+)` \|", PAGE, re.MULTILINE) == list(GitTable.model_fields)


def test_the_page_has_every_variable() -> None:
    assert tuple(_list_rows("Environment")) == VARIABLES


@pytest.mark.parametrize("name", ["feeds", "newsletters", "content"])
def test_the_page_tells_numbers_as_they_are(name: str) -> None:
    heading = "[[newsletters]]" if name == "newsletters" else f"[{name}]"
    rows = _list_rows(heading)
    for key, field in TABLES[name].model_fields.items():
        if type(field.default) is int and key != "weekday":
            assert rows[key][1] == f"`{field.default}`"


def test_the_example_on_the_page_loads_and_may_send(load: Callable[..., Config]) -> None:
    (example,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    config = load(publication=example, environment={"KAWARABAN_PROVIDER_API_KEY": "hunter2"})
    assert list_send_obstacles(config) == ()
    assert config.newsletters[0].topics == ("木版", "印刷")
