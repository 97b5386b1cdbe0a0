"""The road from files to posts, on real files and a real database."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from service.content.gate import GateSettings
from service.content.rules import ReadingRules
from service.model.post import Hold, Post, Verdict
from service.scanning import ScanReport, ScanSettings, scan_posts
from service.store.database import Database
from service.store.installation import open_installation
from service.store.posts import list_posts

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
RULES = ReadingRules(
    generator="generic",
    site_url="https://kawara.example",
    zone=ZoneInfo("Asia/Tokyo"),
    language="ja",
    permalink="",
    author="",
    future=False,
    gate=GateSettings(),
)


class Folder:
    """A folder of posts, scanned minute by minute."""

    def __init__(self, root: Path, database: Database) -> None:
        self.settings = ScanSettings(root, RULES, "kawara.example", mass_limit=25)
        self.database = database
        self.now = NOW

    def write(self, name: str, title: str, body: str = "本文です。", front: str = "") -> Path:
        path = self.settings.root / name
        path.write_text(
            f"---\ntitle: {title}\ndate: 2026-03-01\n{front}---\n{body}\n", encoding="utf-8"
        )
        return path

    def scan(self) -> ScanReport:
        self.now += timedelta(minutes=1)
        return scan_posts(self.database, self.settings, self.now)

    def list_posts(self) -> dict[str, Post]:
        with self.database.reading() as connection:
            return {post.path: post for post in list_posts(connection)}


@pytest.fixture
def folder(tmp_path: Path, sqlite: Database) -> Folder:
    open_installation(sqlite)
    (tmp_path / "posts").mkdir()
    folder = Folder(tmp_path / "posts", sqlite)
    folder.write("ferry.md", "渡し舟")
    folder.write("bridge.md", "橋")
    folder.scan()
    return folder


def test_an_unchanged_folder_is_not_read(folder: Folder) -> None:
    report = folder.scan()
    assert (report.files, report.read, report.changed_anything) == (2, 0, False)
    assert report.verdicts == {Verdict.PUBLISHED: 2}


def test_files_that_were_only_touched_are_hashed_and_not_read(folder: Folder) -> None:
    before = folder.list_posts()
    os.utime(folder.settings.root / "ferry.md", (1, 1))
    assert folder.scan().read == 0
    assert folder.list_posts() == before
    assert folder.scan().read == 0


def test_a_changed_file_is_read_and_the_others_are_not(folder: Folder) -> None:
    folder.write("ferry.md", "渡し舟、再開")
    report = folder.scan()
    assert (report.read, report.changed, report.new) == (1, 1, 0)
    assert folder.list_posts()["ferry.md"].title == "渡し舟、再開"


def test_other_rules_have_everything_read_again(folder: Folder) -> None:
    rules = replace(RULES, site_url="https://other.example")
    folder.settings = replace(folder.settings, rules=rules)
    assert folder.scan().read == 2
    assert folder.list_posts()["ferry.md"].url.startswith("https://other.example/")


def test_a_good_file_that_breaks_keeps_its_last_good_version(folder: Folder) -> None:
    (folder.settings.root / "ferry.md").write_text("---\ntitle: [\n---\n", encoding="utf-8")
    report = folder.scan()
    assert [(row.path, row.line) for row in report.quarantined] == [("ferry.md", 3)]
    assert folder.list_posts()["ferry.md"].title == "渡し舟"


def test_a_file_that_stops_being_a_post_takes_its_post_away(folder: Folder) -> None:
    (folder.settings.root / "ferry.md").write_text("ただの覚え書き。\n", encoding="utf-8")
    folder.scan()
    assert set(folder.list_posts()) == {"bridge.md"}


def test_a_renamed_file_keeps_its_id_and_a_new_one_at_its_old_path_gets_another(
    folder: Folder,
) -> None:
    uid = folder.list_posts()["ferry.md"].uid
    (folder.settings.root / "ferry.md").rename(folder.settings.root / "boat.md")
    assert folder.scan().renamed == 1
    folder.write("ferry.md", "まったく別の話", "これは渡し舟のことではありません。" * 9)
    folder.scan()
    posts = folder.list_posts()
    assert posts["boat.md"].uid == uid
    assert posts["ferry.md"].uid != uid


def test_the_second_file_with_an_explicit_id_is_quarantined(folder: Folder) -> None:
    folder.write("one.md", "一", front="id: same\n")
    folder.write("two.md", "二", front="id: same\n")
    report = folder.scan()
    assert [(row.path, row.code) for row in report.quarantined] == [("two.md", "duplicate-id")]
    assert "two.md" not in folder.list_posts()


def test_many_posts_at_once_are_held_and_few_are_not(folder: Folder) -> None:
    folder.settings = replace(folder.settings, mass_limit=2)
    for number in range(3):
        path = folder.write(f"new{number}.md", f"新着{number}", f"{number}番の本文です。")
        path.write_text(path.read_text(encoding="utf-8").replace("2026-03-01", "2026-03-10 21:30"))
    folder.now += timedelta(hours=1)
    assert folder.scan().held_as_mass == 3
    held = {path for path, post in folder.list_posts().items() if post.hold is Hold.MASS}
    assert held == {"new0.md", "new1.md", "new2.md"}
