"""kawaraban.toml and the environment → Config, with every mistake told at once."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from service.config.composing import compose_config, compose_git, find_folder
from service.config.custom_feeds import find_custom_mistakes
from service.config.environment import Environment, read_environment
from service.config.gate import find_rule_mistakes
from service.config.mistakes import (
    find_repeated_ids,
    list_mistakes,
    take_secrets,
)
from service.config.repositories import spread_git
from service.config.schema import ContentTable, Document, GitTable, ServiceTable
from service.config.settings import Config
from service.config.site import fill_from_site
from service.content.sites.site import find_site
from service.errors import ConfigError, ContentError
from service.model.source import GitSource


def load_config(path: Path, environment: Mapping[str, str]) -> Config:
    """Return the configuration written at `path`, completed by the site's own and `environment`.

    Raises ConfigError with every mistake in them, each by its key or variable.
    """
    root = path.absolute().parent
    written, mistakes = take_secrets(_read_toml(path))
    complete, filled = _complete(written, root, mistakes)
    variables = read_environment(environment, mistakes)
    mistakes += [
        *find_repeated_ids(complete),
        *find_custom_mistakes(complete),
        *find_rule_mistakes(complete),
    ]
    document = _read_document(complete, filled, mistakes)
    if document is None or mistakes:
        raise ConfigError(mistakes)
    return compose_config(document, variables, root)


def find_source(path: Path, environment: Mapping[str, str]) -> GitSource | None:
    """Return the repository that has to be fetched before all of `path` can be read.

    None when none is written there, or nothing usable: load_config tells every mistake. Raises
    ConfigError when the file cannot be read at all.
    """
    written, _ = take_secrets(_read_toml(path))
    return _find_git(written, path.absolute().parent, read_environment(environment, []))


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        # Editors on Windows put a mark of byte order first, which TOML does not know.
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        advice = f'there is no {path.name} in {path.absolute().parent}; "kawaraban init" writes one'
        raise ConfigError([advice]) from None
    except OSError as error:
        raise ConfigError([f"{path.name}: cannot be read: {error.strerror}"]) from error
    except UnicodeDecodeError:
        raise ConfigError([f"{path.name}: is not UTF-8; save it as UTF-8"]) from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([f"{path.name}: is not TOML: {error}"]) from error


def _complete(
    written: dict[str, Any], root: Path, mistakes: list[str]
) -> tuple[dict[str, Any], frozenset[str]]:
    document = {"publication": {}, **written}
    folder = _find_content(document, root)
    if folder is None:
        return document, frozenset()
    if not folder.is_dir():
        mistakes.append(_explain_absence(document, folder))
        return document, frozenset()
    try:
        return fill_from_site(document, find_site(folder))
    except ContentError as error:
        mistakes.append(f"content.path: the site's own configuration cannot be read: {error}")
        return document, frozenset()


def _explain_absence(document: Mapping[str, Any], folder: Path) -> str:
    if "git" in document["content"]:
        return (
            f"content.git: there is no {folder} yet, or not any more; see that git.path is a "
            "folder of the repository"
        )
    return f"content.path: there is no folder {folder}; write where the posts are"


def _find_content(document: Mapping[str, Any], root: Path) -> Path | None:
    table = document.get("content", {})
    if isinstance(table, dict) and "git" in table:
        source = _find_git(document, root, Environment())
        return source.content if source is not None and "path" not in table else None
    written = table.get("path", ContentTable().path) if isinstance(table, dict) else None
    return find_folder(root, written) if isinstance(written, str) and written.strip() else None


def _find_git(
    document: Mapping[str, Any], root: Path, environment: Environment
) -> GitSource | None:
    content, service = document.get("content"), document.get("service", {})
    if not isinstance(content, dict) or not isinstance(service, dict):
        return None
    data = service.get("data", ServiceTable().data)
    try:
        table = GitTable.model_validate(spread_git(content.get("git")))
    except ValueError:
        return None
    return compose_git(
        table, environment, root, find_folder(root, data if isinstance(data, str) else "")
    )


def _read_document(
    complete: dict[str, Any], filled: frozenset[str], mistakes: list[str]
) -> Document | None:
    try:
        return Document.model_validate(complete)
    except ValidationError as error:
        mistakes += _name_sources(list_mistakes(error), filled)
        return None


def _name_sources(mistakes: list[str], filled: frozenset[str]) -> Iterator[str]:
    for mistake in mistakes:
        key, _, _ = mistake.partition(": ")
        source = " (this comes from the site's own configuration)" if key in filled else ""
        yield mistake + source
