"""The road from files to posts, on real files and a real database."""

from __future__ import annotations

import os
import subprocess
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
from service.store.files import list_files
from service.store.installation import find_installation, open_installation
from service.store.post_paths import list_former_paths
from service.store.posts import list_posts, load_bodies

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


def test_a_file_without_a_date_gets_one_by_the_commit_that_adds_it(folder: Folder) -> None:
    root = folder.settings.root
    (root / "undated.md").write_text("---\ntitle: 無題\n---\n本文です。\n", encoding="utf-8")
    assert [row.code for row in folder.scan().quarantined] == ["no_date"]
    commit_all(root, "2026-02-03T04:05:06+09:00")
    report = folder.scan()
    assert (report.read, report.quarantined) == (1, ())
    post = folder.list_posts()["undated.md"]
    assert (post.published_at.isoformat(), post.date_source) == ("2026-02-03T04:05:06+09:00", "git")
    assert folder.scan().read == 0


def commit_all(root: Path, at: str) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    dated = kept | {"GIT_AUTHOR_DATE": at, "GIT_CONFIG_GLOBAL": "/dev/null"}
    name = ("-c", "user.name=A", "-c", "user.email=a@kawara.example")
    for words in (("init", "-q"), ("add", "."), ("commit", "-q", "-m", "all")):
        subprocess.run(["git", *name, *words], cwd=root, env=dated, check=True)


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


@pytest.mark.parametrize(
    "text", ["---\nredirect_to: /x/\n---\n", "---\ntitle: x\ndraft: true\ndate: soon\n---\n"]
)
def test_a_file_that_stops_being_a_post_takes_its_post_away(folder: Folder, text: str) -> None:
    before = folder.list_posts()
    (folder.settings.root / "ferry.md").write_text(text, encoding="utf-8")
    assert folder.scan().gone == 1
    assert set(folder.list_posts()) == {"bridge.md"}
    folder.write("ferry.md", "渡し舟")
    folder.scan()
    assert folder.list_posts()["ferry.md"].uid == before["ferry.md"].uid


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


def test_posts_may_change_places_and_their_former_paths_are_remembered(folder: Folder) -> None:
    root = folder.settings.root
    before = {path: post.uid for path, post in folder.list_posts().items()}
    for old, new in (("ferry.md", "x"), ("bridge.md", "ferry.md"), ("x", "bridge.md")):
        (root / old).rename(root / new)
    folder.write("ferry.md", "橋", "橋の本文です。" * 40, "id: bridge\n")
    folder.write("bridge.md", "渡し舟", "渡し舟の本文です。" * 40, "id: ferry\n")
    folder.scan()
    folder.write("ferry.md", "渡し舟", "渡し舟の本文です。" * 40, "id: ferry\n")
    folder.write("bridge.md", "橋", "橋の本文です。" * 40, "id: bridge\n")
    report = folder.scan()
    posts = folder.list_posts()
    assert (report.renamed, report.new, report.gone) == (2, 0, 0)
    assert {post.uid for post in posts.values()} == set(before.values())
    with folder.database.reading() as connection:
        [former] = list_former_paths(connection, posts["ferry.md"].post_id)
    assert (former.path, former.left_at) == ("bridge.md", folder.now)


def test_a_rename_seen_in_two_steps_is_one_post(folder: Folder) -> None:
    before = folder.list_posts()["ferry.md"]
    text = (folder.settings.root / "ferry.md").read_text(encoding="utf-8")
    (folder.settings.root / "boat.md").write_text(text, encoding="utf-8")
    assert folder.scan().new == 1
    (folder.settings.root / "ferry.md").unlink()
    report = folder.scan()
    assert (report.read, report.renamed, report.gone) == (0, 1, 0)
    moved = folder.list_posts()["boat.md"]
    assert (moved.uid, moved.first_seen_at, moved.url) == (
        before.uid,
        before.first_seen_at,
        "https://kawara.example/boat/",
    )
    with folder.database.reading() as connection:
        assert list_files(connection)["boat.md"].post_id == before.post_id
        assert load_bodies(connection, [before.post_id])[before.post_id].text == "本文です。"


def test_the_second_file_with_an_explicit_id_is_quarantined_until_the_first_one_goes(
    folder: Folder,
) -> None:
    folder.write("one.md", "一", front="id: same\n")
    folder.write("two.md", "二", front="id: same\n")
    report = folder.scan()
    assert [(row.path, row.code) for row in report.quarantined] == [("two.md", "duplicate-id")]
    assert "two.md" not in folder.list_posts()
    assert folder.scan().read == 0
    uid = folder.list_posts()["one.md"].uid
    (folder.settings.root / "one.md").unlink()
    assert folder.scan().quarantined == ()
    assert folder.list_posts()["two.md"].uid == uid


def test_reading_the_same_bytes_otherwise_is_no_edit(folder: Folder) -> None:
    before = folder.list_posts()
    rules = replace(RULES, site_url="https://other.example", language="en")
    folder.settings = replace(folder.settings, rules=rules)
    assert folder.scan().changed == 2
    after = folder.list_posts()
    for path, post in before.items():
        assert after[path].url != post.url
        assert (after[path].uid, after[path].updated_at, after[path].changed_at) == (
            post.uid,
            post.updated_at,
            post.changed_at,
        )


def test_a_moved_date_line_of_the_same_moment_keeps_its_new_offset(folder: Folder) -> None:
    file = folder.settings.root / "ferry.md"
    text = file.read_text(encoding="utf-8")
    for written in ("2026-03-01 09:00:00 +0900", "2026-03-01 00:00:00 +0000"):
        file.write_text(text.replace("date: 2026-03-01", f"date: {written}"), encoding="utf-8")
        folder.scan()
    assert folder.list_posts()["ferry.md"].published_at.utcoffset() == timedelta(0)


def test_an_idle_scan_leaves_the_database_alone_for_a_minute(folder: Folder) -> None:
    def find_last_scan() -> datetime | None:
        with folder.database.reading() as connection:
            return find_installation(connection).last_scan_at

    first = find_last_scan()
    scan_posts(folder.database, folder.settings, folder.now + timedelta(seconds=59))
    assert find_last_scan() == first
    folder.scan()
    assert find_last_scan() == folder.now


def fill(folder: Folder, count: int) -> list[Path]:
    files = [folder.write(f"{n}.md", f"{n}番", f"{n}番の本文です。") for n in range(count)]
    folder.scan()
    return files


def test_a_folder_that_looks_emptied_keeps_its_posts_for_ten_minutes(folder: Folder) -> None:
    files = fill(folder, 28)
    before = folder.list_posts()
    for file in files[:16]:
        file.unlink()
    report = folder.scan()
    since = folder.now
    assert (len(report.missing), report.gone, folder.list_posts()) == (16, 0, before)
    files[16].unlink()
    folder.now += timedelta(minutes=8)
    assert {row.missing_since_at for row in folder.scan().missing} == {since, None}
    assert folder.list_posts() == before
    report = folder.scan()
    assert (report.gone, len(report.missing)) == (16, 1)


def test_what_was_missing_for_a_moment_is_not_read_again(folder: Folder) -> None:
    files = fill(folder, 28)
    before = folder.list_posts()
    texts = [file.read_bytes() for file in files]
    for file in files:
        file.unlink()
    folder.scan()
    for file, text in zip(files, texts, strict=True):
        file.write_bytes(text)
    report = folder.scan()
    assert (report.read, report.missing, folder.list_posts()) == (0, (), before)
    assert folder.scan().missing == ()


def test_a_person_may_say_that_the_folder_is_meant_to_be_empty(folder: Folder) -> None:
    for file in fill(folder, 28):
        file.unlink()
    folder.now += timedelta(minutes=1)
    report = scan_posts(folder.database, folder.settings, folder.now, believes=True)
    assert (report.gone, report.missing) == (28, ())


def test_a_folder_tidied_up_is_neither_emptied_nor_new(folder: Folder) -> None:
    before = {post.uid for post in folder.list_posts().values()}
    before |= {folder.list_posts()[file.name].uid for file in fill(folder, 28)}
    (folder.settings.root / "2026").mkdir()
    for file in folder.settings.root.glob("*.md"):
        file.rename(file.parent / "2026" / file.name)
    report = folder.scan()
    assert (report.renamed, report.new, report.gone, report.missing) == (30, 0, 0, ())
    assert report.held_as_mass == 0
    assert {post.uid for post in folder.list_posts().values()} == before


def test_many_posts_at_once_are_held_and_few_are_not(folder: Folder) -> None:
    folder.settings = replace(folder.settings, mass_limit=2)
    for number in range(3):
        path = folder.write(f"new{number}.md", f"新着{number}", f"{number}番の本文です。")
        path.write_text(path.read_text(encoding="utf-8").replace("2026-03-01", "2026-03-10 21:30"))
    folder.now += timedelta(hours=1)
    assert folder.scan().held_as_mass == 3
    held = {path for path, post in folder.list_posts().items() if post.hold is Hold.MASS}
    assert held == {"new0.md", "new1.md", "new2.md"}


def test_posts_are_judged_beside_those_that_were_there_before(folder: Folder) -> None:
    folder.write("again.md", "朝市の立つ日はいつか", front="permalink: /2026/03/01/again/\n")
    folder.scan()
    link = "[橋の話](https://kawara.example/2026/03/01/no-such-post/)"
    folder.write("market.md", "朝市の立つ日はいつか？", link)
    folder.scan()
    found = folder.list_posts()["market.md"].findings
    assert [(finding.rule, finding.line) for finding in found] == [
        ("near_duplicate", 2),
        ("dead_link", 5),
    ]


def test_many_posts_seen_in_parts_are_held_all_the_same(folder: Folder) -> None:
    folder.settings = replace(folder.settings, mass_limit=3)
    folder.now += timedelta(hours=1)
    for number in range(6):
        path = folder.write(f"new{number}.md", f"新着{number}", f"{number}番の本文です。")
        path.write_text(path.read_text(encoding="utf-8").replace("2026-03-01", "2026-03-10 21:30"))
        folder.now += timedelta(seconds=3)
        scan_posts(folder.database, folder.settings, folder.now)
    held = {path for path, post in folder.list_posts().items() if post.hold is Hold.MASS}
    assert held == {f"new{number}.md" for number in range(6)}
