"""From SQLite to PostgreSQL in the middle of a life, by the command."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from service.cli import main
from service.store.database import Database
from tests.fakes.small_site import MONDAY, Site

pytestmark = pytest.mark.postgres


@pytest.fixture
def url(postgres: Database) -> str:
    with postgres.writing() as connection:
        connection.execute(text("DELETE FROM kawaraban_jobs.procrastinate_jobs"))
    return postgres.url.render_as_string(hide_password=False).replace("+psycopg", "")


def run(site: Site, url: str, *words: str) -> Result:
    environment = {"DATABASE_URL": url, "PORT": None, "KAWARABAN_SECRET_KEY": None}
    return CliRunner(env=environment).invoke(main, ["--config", str(site.config), *words])


def test_an_installation_moves_and_goes_on_where_it_was(week: Site, url: str) -> None:
    week.fine("tick", "--at", MONDAY)
    assert len(list((week.folder / "var/outbox").glob("*/*.eml"))) == 3
    week.write_post("kawa", "2026-01-13")
    old = f"sqlite:///{week.folder}/var/kawaraban.db"
    moved = run(week, url, "migrate", "--copy-from", old, "--json")
    assert moved.exit_code == 0, moved.output
    assert json.loads(moved.stdout)["rows"]["deliveries"] == 3
    later = ("tick", "--at", "2026-01-19T08:00:00+09:00")
    run(week, url, "tick", "--at", "2026-01-14T08:00:00+09:00")
    assert run(week, url, *later).exit_code == 1
    assert len(list((week.folder / "var/outbox").glob("*/*.eml"))) == 3
    run(week, url, "doctor", "--release-hold")
    sent = run(week, url, *later)
    assert sent.exit_code == 0, sent.output
    mails = list((week.folder / "var/outbox").glob("*/*.eml"))
    assert len(mails) == 6
    assert "send-hold" in week.run("doctor").output


@pytest.mark.parametrize(
    ("copied", "says"),
    [
        ("postgresql://elsewhere/x", "is not an SQLite"),
        ("nonsense", "is not an SQLite"),
        ("sqlite:///nowhere.db", "there is no file"),
    ],
)
def test_what_cannot_be_copied_is_told(site: Site, url: str, copied: str, says: str) -> None:
    result = run(site, url, "migrate", "--copy-from", copied)
    assert result.exit_code == 2
    assert says in result.stderr


def test_only_a_postgresql_is_filled(week: Site, tmp_path: Path) -> None:
    result = week.run("migrate", "--copy-from", f"sqlite:///{tmp_path}/var/kawaraban.db")
    assert result.exit_code == 2
    assert "set DATABASE_URL" in result.stderr


def test_processes_apart_refuse_to_make_up_keys_of_their_own(site: Site, url: str) -> None:
    for kind in ("web", "clock", "worker"):
        result = run(site, url, kind)
        assert result.exit_code == 2
        assert "KAWARABAN_SECRET_KEY is not set" in result.stderr
