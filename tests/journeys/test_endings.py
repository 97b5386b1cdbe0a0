from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from service.cli import main
from tests.fakes.small_site import Site

ROOT = Path(__file__).parents[2]


def _run(site: Site, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "service", "--config", str(site.config), *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_real_process_ends_with_the_status_it_should(site: Site) -> None:
    unmigrated = _run(site, "tick")
    assert unmigrated.returncode == 1
    assert "run: kawaraban migrate" in unmigrated.stderr
    assert "Traceback" not in unmigrated.stderr


def test_every_mistake_in_the_configuration_is_told_with_status_2(site: Site) -> None:
    text = site.config.read_text(encoding="utf-8")
    site.config.write_text(text.replace('"mon"', '"moon"').replace('"weekly"]', '"hourly"]'))
    result = site.run("check")
    assert result.exit_code == 2
    assert "newsletters[0].weekday" in result.stderr
    assert "newsletters[0].cadences" in result.stderr
    assert result.stdout == ""


def test_a_missing_configuration_says_what_writes_one(site: Site) -> None:
    site.config.unlink()
    result = site.run("tick")
    assert result.exit_code == 2
    assert '"kawaraban init" writes one' in result.stderr


@pytest.mark.parametrize("kind", ["web", "clock", "worker"])
def test_the_separate_kinds_refuse_on_sqlite(site: Site, kind: str) -> None:
    result = site.run(kind)
    assert result.exit_code == 2
    assert "`kawaraban up`" in result.stderr


def test_a_moment_that_is_none_is_wrong_usage(site: Site) -> None:
    site.fine("migrate")
    result = site.run("tick", "--at", "yesterday")
    assert result.exit_code == 2
    assert "is not a moment" in result.stderr


def test_json_may_be_asked_for_before_the_command_or_behind_it(site: Site) -> None:
    site.fine("migrate")
    before, behind = (
        site.fine("--json", "editions", "list"),
        site.fine("editions", "list", "--json"),
    )
    assert json.loads(before) == json.loads(behind) == {"editions": []}


def test_every_command_says_what_it_does() -> None:
    for name, command in main.commands.items():
        assert command.help, name
        for below, sub in getattr(command, "commands", {}).items():
            assert sub.help, f"{name} {below}"
