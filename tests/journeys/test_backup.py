"""A backup of a publication that lives, and the life after it was restored."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import sqlite3
import tarfile
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from service.cli import main
from service.engine.guard import hold_clock
from service.store.database import Database
from tests.fakes.small_site import MONDAY, Site

NEXT_MONDAY = "2026-01-19T08:00:00+09:00"


def list_mail(site: Site) -> list[Path]:
    return sorted((site.folder / "var/outbox").glob("*/*.eml"))


def list_strays(folder: Path) -> list[str]:
    """What a command that failed should have taken away again."""
    return [path.name for path in folder.iterdir() if path.name.startswith(".")]


def read_manifest(path: Path) -> Any:  # noqa: ANN401
    with tarfile.open(path) as tar:
        file = tar.extractfile("manifest.json")
        assert file is not None
        return json.loads(file.read())


@pytest.fixture
def kept(week: Site, tmp_path: Path) -> Path:
    """A backup made before the Monday on which three mails left."""
    path = tmp_path / "kept.tar.gz"
    week.fine("backup", str(path))
    week.fine("tick", "--at", MONDAY)
    assert len(list_mail(week)) == 3
    return path


def test_a_backup_is_one_private_file_that_says_what_it_holds(week: Site, tmp_path: Path) -> None:
    week.write_post("kawa", "2026-01-13")
    with sqlite3.connect(week.folder / "var/kawaraban.db") as writer:
        writer.execute("BEGIN IMMEDIATE")
        made = week.ask("backup", str(tmp_path / "one.tar.gz"))
    writer.close()
    path = Path(made["file"])
    assert path.stat().st_mode & 0o777 == 0o600
    manifest = read_manifest(path)
    assert (manifest["kind"], manifest["schema"]) == ("sqlite", made["schema"])
    assert manifest["rows"]["subscribers"] == 3
    assert set(manifest["digests"]) == {"kawaraban.db", "secret.json"}
    assert list_strays(tmp_path) == []


def test_without_a_name_it_goes_to_the_data_folder(week: Site) -> None:
    said = week.fine("backup")
    (path,) = (week.folder / "var/backups").iterdir()
    assert "take it to another machine" in said
    assert read_manifest(path)["rows"]["subscribers"] == 3


def test_a_backup_overwrites_nothing(week: Site, kept: Path) -> None:
    before = kept.read_bytes()
    result = week.run("backup", str(kept))
    assert (result.exit_code, kept.read_bytes()) == (1, before)
    assert "is there already" in result.stderr


def test_there_is_no_backup_of_nothing(site: Site, tmp_path: Path) -> None:
    result = site.run("backup", str(tmp_path / "one.tar.gz"))
    assert result.exit_code == 1
    assert "kawaraban migrate makes it" in result.stderr
    assert not (site.folder / "var/kawaraban.db").exists()
    assert site.run("backup", str(tmp_path / "nowhere/one.tar.gz")).exit_code == 2


def test_a_damaged_database_is_not_backed_up(week: Site, tmp_path: Path) -> None:
    path = week.folder / "var/kawaraban.db"
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2)
        file.write(os.urandom(40_000))
    result = week.run("backup", str(tmp_path / "one.tar.gz"))
    assert result.exit_code == 1
    assert not (tmp_path / "one.tar.gz").exists()
    assert list_strays(tmp_path) == []


def test_a_restored_database_sends_nothing_twice_and_nothing_before_it_is_released(
    week: Site, kept: Path
) -> None:
    refused = week.run("restore", str(kept))
    assert refused.exit_code == 1
    assert "--replace takes the place" in refused.stderr
    restored = week.ask("restore", str(kept), "--replace")
    (old,) = restored["kept"]
    with sqlite3.connect(old) as before:
        assert before.execute("SELECT count(*) FROM deliveries").fetchone() == (3,)
    before.close()
    held = week.run("tick", "--at", MONDAY)
    assert held.exit_code == 1
    assert len(list_mail(week)) == 3
    assert "send-hold" in week.run("doctor").output
    assert list_strays(week.folder / "var") == []
    # It goes under the same key as before: the outbox, like some providers, would know it again.
    shutil.rmtree(week.folder / "var/outbox")
    week.run("doctor", "--release-hold")
    week.fine("tick", "--at", MONDAY)
    assert len(list_mail(week)) == 3


def test_a_backup_comes_up_in_an_empty_place_with_the_keys_of_its_links(
    week: Site, kept: Path
) -> None:
    secret = (week.folder / "var/secret.json").read_bytes()
    shutil.rmtree(week.folder / "var")
    said = week.fine("restore", str(kept))
    assert "kawaraban doctor --release-hold" in said
    assert (week.folder / "var/secret.json").read_bytes() == secret
    assert (week.folder / "var/secret.json").stat().st_mode & 0o777 == 0o600
    assert week.run("tick", "--at", MONDAY).exit_code == 1
    assert list_mail(week) == []


def test_what_a_killed_process_left_beside_the_old_file_is_not_taken_for_the_new_one_s(
    week: Site, kept: Path
) -> None:
    path = week.folder / "var/kawaraban.db"
    log = path.with_name("kawaraban.db-wal")
    with sqlite3.connect(path) as running:
        running.execute("UPDATE subscribers SET name = 'late' WHERE subscriber_id = 1")
    copied = log.read_bytes()
    running.close()
    log.write_bytes(copied)
    week.fine("restore", str(kept), "--replace")
    with sqlite3.connect(path) as now:
        found = now.execute("SELECT count(*) FROM subscribers WHERE name = 'late'")
        assert found.fetchone() == (0,)
    now.close()


def test_nothing_is_restored_while_the_clock_runs(week: Site, kept: Path) -> None:
    database = Database(f"sqlite:///{week.folder}/var/kawaraban.db")
    with hold_clock(week.folder / "var", database):
        result = week.run("restore", str(kept), "--replace")
    database.close()
    assert result.exit_code == 1
    assert "a clock is running already" in result.stderr


def _cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


def _scramble(content: bytes) -> bytes:
    """The archive is sound, and the database in it is not the one that was put in."""
    return _rewrite(content, "kawaraban.db", lambda body: body[:-1] + bytes([body[-1] ^ 1]))


def _make_newer(content: bytes) -> bytes:
    return _rewrite(
        content, "manifest.json", lambda body: body.replace(b'"schema": "0', b'"schema": "9')
    )


def _rewrite(content: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    written = BytesIO()
    with (
        tarfile.open(fileobj=BytesIO(content)) as source,
        tarfile.open(fileobj=written, mode="w:gz") as target,
    ):
        for member in source:
            file = source.extractfile(member)
            assert file is not None
            body = file.read()
            body = change(body) if member.name == name else body
            member.size = len(body)
            target.addfile(member, BytesIO(body))
    return written.getvalue()


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (_cut, "cannot be read as a backup, or is damaged"),
        (lambda _: b"", "cannot be read as a backup"),
        (lambda _: gzip.compress(b"something else" * 99), "cannot be read as a backup"),
        (_scramble, "is not what was put into it"),
        (_make_newer, "which this program does not know"),
    ],
)
def test_a_backup_that_is_not_whole_changes_nothing(
    week: Site,
    kept: Path,
    damage: Callable[[bytes], bytes],
    says: str,
) -> None:
    path = week.folder / "var/kawaraban.db"
    before = path.read_bytes()
    kept.write_bytes(damage(kept.read_bytes()))
    result = week.run("restore", str(kept), "--replace")
    assert result.exit_code == 1
    assert says in result.stderr
    assert path.read_bytes() == before
    assert list_strays(path.parent) == []
    assert len(list(path.parent.glob("*before*"))) == 0


@pytest.fixture
def new_server(postgres: Database) -> Iterator[str]:
    """An empty database beside the one that is in use."""
    url = postgres.url.set(database="postgres", username="root")
    admin = Database(url.render_as_string(hide_password=False))
    with admin.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("CREATE DATABASE fresh OWNER kawaraban"))
    yield postgres.url.set(database="fresh").render_as_string(hide_password=False)
    with admin.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("DROP DATABASE fresh WITH (FORCE)"))
    admin.close()


def run(site: Site, url: str, *words: str) -> Result:
    environment = {
        "DATABASE_URL": url.replace("+psycopg", ""),
        "PORT": None,
        "KAWARABAN_SECRET_KEY": None,
    }
    return CliRunner(env=environment).invoke(main, ["--config", str(site.config), *words])


@pytest.mark.postgres
@pytest.mark.skipif(shutil.which("pg_dump") is None, reason="pg_dump is not installed here")
def test_a_postgresql_is_backed_up_and_restored_into_a_new_one(
    site: Site, postgres: Database, new_server: str, tmp_path: Path
) -> None:
    url = postgres.url.render_as_string(hide_password=False)
    site.write_post("hashi", "2026-01-05")
    run(site, url, "tick", "--at", "2026-01-05T12:00:00+09:00")
    path = tmp_path / "kept.tar.gz"
    made = run(site, url, "backup", str(path), "--json")
    assert made.exit_code == 0, made.output
    assert json.loads(made.stdout)["rows"]["posts"] == 1
    over = run(site, url, "restore", str(path))
    assert over.exit_code == 1
    assert "has tables of Kawaraban already" in over.stderr
    restored = run(site, new_server, "restore", str(path))
    assert restored.exit_code == 0, restored.output
    doctor = run(site, new_server, "doctor")
    assert "send-hold" in doctor.output
    assert doctor.exit_code == 1
    assert run(site, new_server, "doctor", "--release-hold").exit_code == 0
    elsewhere = site.run("restore", str(path), "--replace")
    assert elsewhere.exit_code == 2
    assert "set DATABASE_URL to a new PostgreSQL" in elsewhere.stderr
