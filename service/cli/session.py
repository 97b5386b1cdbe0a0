"""One run of a command: its configuration and its parts, opened when they are asked for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from service.app import App, build_app
from service.audience.addresses import normalise_address
from service.cli.printing import say
from service.config import Config, find_source, load_config
from service.content.library import make_key
from service.errors import AddressError, UsageError
from service.outbound.repository import Repository
from service.scanning.pulling import fetch_first
from service.store.database import Database


class Session:
    """What every command is handed."""

    def __init__(self, config_path: Path, environment: Mapping[str, str]) -> None:
        self._config_path = config_path
        self._environment = environment
        self._config: Config | None = None
        self._app: App | None = None

    @property
    def config(self) -> Config:
        """kawaraban.toml and the environment; raises ConfigError with every mistake.

        What the site says of itself is in its repository: without it nothing can be read, so
        whichever command comes first fetches it, and raises SourceError when that fails.
        """
        if self._config is None:
            self._fetch_first()
            self._config = load_config(self._config_path, self._environment)
        return self._config

    @property
    def zone(self) -> ZoneInfo:
        """The publication's zone."""
        return self.config.publication.zone

    def open_app(self) -> App:
        """Everything joined; raises SchemaError unless the database was migrated."""
        if self._app is None:
            self._app = build_app(self.config)
        return self._app

    def open_database(self) -> Database:
        """The database alone, whatever its schema."""
        return Database(self.config.service.database_url)

    def read_moment(self, text: str | None) -> datetime | None:
        """A moment as written on a command line; without an offset in the publication's zone."""
        if text is None:
            return None
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            raise UsageError(
                f"--at {text!r} is not a moment; write 2026-11-23T08:00 or "
                "2026-11-23T08:00:00+09:00"
            ) from None
        return moment if moment.tzinfo else moment.replace(tzinfo=self.zone)

    def name_post(self, text: str) -> str:
        """What the store calls a post that was named by its file, seen from here, or otherwise."""
        path, root = Path(text), self.config.content.path.resolve()
        if path.is_file() and path.resolve().is_relative_to(root):
            return make_key(path.resolve().relative_to(root).as_posix())
        return make_key(text)

    def _fetch_first(self) -> None:
        source = find_source(self._config_path, self._environment)
        if source is None:
            return
        repository = Repository(source)
        if not repository.find_revision():
            say(f"Fetching {source.name} for the first time, with its history ...")
            fetch_first(repository)

    def close(self) -> None:
        """Let go of what was opened."""
        if self._app is not None:
            self._app.close()


pass_session = click.make_pass_decorator(Session)


def read_address(text: str) -> str:
    """An address as it is known here; raises UsageError that does not show it."""
    try:
        return normalise_address(text)
    except AddressError as error:
        raise UsageError(f"that is not an address that mail can reach: {error}") from error
