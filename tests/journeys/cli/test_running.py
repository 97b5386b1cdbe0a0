from __future__ import annotations

import sys
from collections.abc import Iterator, MutableMapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import structlog.testing

from service.app import App, build_app
from service.cli.inviting import find_command
from service.cli.running import PassLog
from service.config import ServiceConfig, load_config
from service.engine.works import run_pass
from tests.fakes.small_site import Site

NOON = datetime(2026, 1, 8, 3, tzinfo=UTC)


@pytest.fixture
def app(week: Site) -> Iterator[App]:
    opened = build_app(load_config(week.config, {}))
    yield opened
    opened.close()


def _log_a_pass(app: App, log: PassLog) -> list[MutableMapping[str, Any]]:
    with structlog.testing.capture_logs() as lines:
        log(run_pass(app.works, NOON))
    return [line for line in lines if line["event"] == "file quarantined"]


def test_a_broken_file_is_logged_once_and_again_when_it_changed(week: Site, app: App) -> None:
    log = PassLog()
    broken = week.posts / "kowareta.md"
    broken.write_text("---\ntitle: [a\n---\nx\n", encoding="utf-8")
    (line,) = _log_a_pass(app, log)
    assert (line["path"], line["log_level"]) == ("kowareta.md", "warning")
    assert line["reason"]
    assert _log_a_pass(app, log) == []
    broken.write_text("---\ntitle: [a, b\n---\nx\n", encoding="utf-8")
    assert len(_log_a_pass(app, log)) == 1


def _serve_at(url: str) -> ServiceConfig:
    return ServiceConfig(url, Path("var"), Path("public"), database_url="", port=8080)


def test_the_command_is_told_as_another_terminal_can_call_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(sys, "argv", [".venv/bin/kawaraban", "up"])
    local, public = _serve_at("http://localhost:8080"), _serve_at("https://news.example.jp")
    assert find_command(local, {}) == ".venv/bin/kawaraban"
    assert find_command(local, {"PORT": "8080"}) == "PORT=8080 .venv/bin/kawaraban"
    assert find_command(public, {"PORT": "8080"}) == ".venv/bin/kawaraban"
