from __future__ import annotations

import os
import unicodedata
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from service.content.gate import GateSettings, RuleSettings
from service.content.library import (
    BUSY,
    MAX_FILE,
    FileStat,
    list_files,
    list_gone,
    make_key,
    read_file,
)
from service.content.listing import UNDATED
from service.content.rules import ReadingRules
from service.errors import ContentError
from service.model.post import Reading, Verdict

NOW = datetime(2026, 11, 21, tzinfo=UTC)
POST = "---\ntitle: t\ndate: 2026-01-31\n---\nbody\n"
RULES = ReadingRules(
    "generic", "https://news.test", ZoneInfo("Asia/Tokyo"), "ja", "", "", False, GateSettings()
)


def write(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(POST, encoding="utf-8")


def list_paths(root: Path, generator: str = "generic") -> list[str]:
    return [stat.path for stat in list_files(root, generator)]


def test_only_markdown_files_are_listed_sorted_and_with_posix_paths(tmp_path: Path) -> None:
    write(tmp_path, "b.md", "a.markdown", "sub/c.md", "d.md.backup", "e.txt", ".f.md", ".git/g.md")
    write(tmp_path, "node_modules/h.md", "_drafts/i.md")
    assert list_paths(tmp_path) == ["a.markdown", "b.md", "sub/c.md"]


def test_in_a_jekyll_site_only_posts_folders_count(tmp_path: Path) -> None:
    write(tmp_path, "_config.yml", "README.md", "_posts/2026-01-31-a.md", "_posts/deep/b.md")
    write(tmp_path, "news/_posts/c.md", "_drafts/d.md", "_site/_posts/e.md", "_includes/f.md")
    assert list_paths(tmp_path, "jekyll") == [
        "_posts/2026-01-31-a.md",
        "_posts/deep/b.md",
        "news/_posts/c.md",
    ]
    assert list_paths(tmp_path / "_posts", "jekyll") == ["2026-01-31-a.md", "deep/b.md"]


def test_in_a_hugo_site_only_content_counts_and_a_bundle_is_one_post(tmp_path: Path) -> None:
    write(tmp_path, "hugo.toml", "README.md", "archetypes/default.md", "content/_index.md")
    write(tmp_path, "content/post/a.md", "content/post/b/index.md", "content/post/b/notes.md")
    write(tmp_path, "content/post/b/index.es.md", "content/post/b/sub/x.md")
    assert list_paths(tmp_path, "hugo") == [
        "content/_index.md",
        "content/post/a.md",
        "content/post/b/index.es.md",
        "content/post/b/index.md",
    ]


def list_obstacles(root: Path) -> dict[str, str]:
    return {stat.path: stat.obstacle for stat in list_files(root, "generic") if stat.obstacle}


def test_links_never_lead_out_or_in_circles_and_are_named(tmp_path: Path) -> None:
    root = tmp_path / "posts"
    write(tmp_path, "outside/secret.md", "posts/a.md")
    (root / "loop").symlink_to(root)
    (root / "out").symlink_to(tmp_path / "outside")
    (root / "out.md").symlink_to(tmp_path / "outside" / "secret.md")
    (root / "gone.md").symlink_to(root / "nowhere.md")
    (root / "self.md").symlink_to(root / "self.md")
    (root / "in.md").symlink_to(root / "a.md")
    obstacles = list_obstacles(root)
    assert set(list_paths(root)) - set(obstacles) == {"a.md", "in.md"}
    assert set(obstacles) == {"loop/", "out/", "out.md", "gone.md", "self.md"}
    assert "leads out" in obstacles["out.md"]
    assert "leads nowhere" in obstacles["gone.md"]


def test_a_link_to_a_folder_is_no_post_and_a_link_that_leads_out_is_quarantined(
    tmp_path: Path,
) -> None:
    root = tmp_path / "posts"
    write(tmp_path, "outside.md", "posts/a.md")
    (root / "again").symlink_to(root)
    (root / "out.md").symlink_to(tmp_path / "outside.md")
    readings = {
        stat.path: read_file(root, stat, RULES, NOW) for stat in list_files(root, "generic")
    }
    assert (readings["again/"].verdict, readings["again/"].code) == (Verdict.NOT_A_POST, "link")
    assert readings["out.md"].verdict is Verdict.QUARANTINED


def test_what_is_no_file_is_named_and_not_entered(tmp_path: Path) -> None:
    write(tmp_path, "folder.md/inside.md")
    os.mkfifo(tmp_path / "pipe.md")
    assert list_obstacles(tmp_path) == {
        "folder.md": "it is a folder with the name of a post; rename it",
        "pipe.md": "it is a pipe, not a file; take it away",
    }


def test_a_folder_that_cannot_be_listed_is_an_error_and_never_an_empty_one(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match="No such file"):
        list_files(tmp_path / "unmounted", "generic")


def test_what_lies_in_a_folder_that_could_not_be_entered_is_not_gone() -> None:
    stats = [
        FileStat("a.md", 1, 1),
        FileStat("shut/", 0, -1, "shut/", "this folder cannot be read"),
    ]
    known = ["a.md", "b.md", "shut/c.md", "shut/deep/d.md", "shutter/e.md"]
    assert list_gone(known, stats) == ["b.md", "shutter/e.md"]


def test_a_link_or_a_pipe_put_in_place_later_is_quarantined_without_waiting(tmp_path: Path) -> None:
    write(tmp_path, "outside.md")
    root = tmp_path / "posts"
    root.mkdir()
    os.mkfifo(root / "pipe.md")
    (root / "out.md").symlink_to(tmp_path / "outside.md")
    (root / "folder.md").mkdir()
    for name in ("pipe.md", "out.md", "folder.md"):
        reading = read_file(root, FileStat(name, 1, 1), RULES, NOW)
        assert (reading.verdict, reading.code) == (Verdict.QUARANTINED, "unreadable"), name


def test_a_file_that_went_meanwhile_is_busy(tmp_path: Path) -> None:
    assert read_file(tmp_path, FileStat("went.md", 1, 1), RULES, NOW).code == BUSY


@pytest.mark.skipif(not Path("/proc/version").exists(), reason="needs a file that lies: /proc")
def test_a_file_with_other_bytes_than_its_size_says_is_busy_and_read_again_later() -> None:
    reading = read_file(Path("/proc"), FileStat("version", 0, 1), RULES, NOW)
    assert (reading.code, reading.facts.mtime_ns) == (BUSY, UNDATED)


def test_a_file_changed_after_the_listing_is_known_as_it_was_read(tmp_path: Path) -> None:
    write(tmp_path, "a.md")
    (stat,) = list_files(tmp_path, "generic")
    (tmp_path / "a.md").write_text(POST + "more\n", encoding="utf-8")
    os.utime(tmp_path / "a.md", ns=(1, 12_345))
    facts = read_file(tmp_path, stat, RULES, NOW).facts
    assert (facts.size, facts.mtime_ns) == (len(POST) + 5, 12_345)


def test_what_may_be_over_without_the_file_changing_is_looked_at_again(tmp_path: Path) -> None:
    (tmp_path / "folder.md").mkdir()
    assert read_file(tmp_path, FileStat("folder.md", 5, 7), RULES, NOW).facts.mtime_ns == UNDATED


PANIC = type("PanicException", (BaseException,), {"__module__": "pyo3_runtime"})


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (MemoryError(), "memory"),
        (RecursionError(), "too_deep"),
        (ZeroDivisionError(), "reader"),
        (PANIC("called `Option::unwrap()` on a `None` value"), "reader"),
    ],
)
def test_whatever_a_reader_fails_with_is_the_end_of_one_file_only(
    tmp_path: Path, error: BaseException, code: str
) -> None:
    reading = read_undated(tmp_path, error)
    assert (reading.verdict, reading.code) == (Verdict.QUARANTINED, code)


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit()])
def test_a_person_who_stops_the_program_stops_it(tmp_path: Path, error: BaseException) -> None:
    with pytest.raises(type(error)):
        read_undated(tmp_path, error)


def read_undated(root: Path, error: BaseException) -> Reading:
    """Read a post without a date, where asking for the date of its commit fails."""

    def fail(_path: str) -> datetime:
        raise error

    (root / "a.md").write_text("---\ntitle: t\n---\nbody\n", encoding="utf-8")
    (stat,) = list_files(root, "generic")
    return read_file(root, stat, RULES, NOW, fail)


def test_names_are_keyed_in_nfc_and_opened_as_they_are(tmp_path: Path) -> None:
    name = unicodedata.normalize("NFD", "が.md")
    write(tmp_path, name)
    (stat,) = list_files(tmp_path, "generic")
    assert (stat.path, stat.name) == ("が.md", name)
    assert read_file(tmp_path, stat, RULES, NOW).verdict is Verdict.PUBLISHED


def test_two_names_that_differ_only_in_form_stay_two_files(tmp_path: Path) -> None:
    write(tmp_path, unicodedata.normalize("NFD", "が.md"), "が.md")
    paths = list_paths(tmp_path)
    assert len(set(paths)) == 2


def test_a_name_that_is_not_utf8_gets_a_key_that_can_be_stored(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"\xff.md")).write_text(POST, encoding="utf-8")
    (stat,) = list_files(tmp_path, "generic")
    assert stat.path == "\\xff.md"
    assert read_file(tmp_path, stat, RULES, NOW).verdict is Verdict.PUBLISHED


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("a\nb.md", "a\\x0ab.md"),
        ("a\x1b[31m.md", "a\\x1b[31m.md"),
        ("a\u202eb.md", "a\\u202eb.md"),
        ("%2e%2e.md", "%2e%2e.md"),
        ("-rf.md", "-rf.md"),
    ],
)
def test_a_key_can_be_printed(name: str, key: str) -> None:
    assert make_key(name) == key


def test_names_with_one_key_stay_two_files(tmp_path: Path) -> None:
    write(tmp_path, "a\nb.md", "a\\x0ab.md")
    assert list_paths(tmp_path) == ["a\\x0ab.md", "a\\x0ab.md~"]


def test_a_name_of_255_bytes_is_read(tmp_path: Path) -> None:
    write(tmp_path, "あ" * 84 + ".md")
    (stat,) = list_files(tmp_path, "generic")
    reading = read_file(tmp_path, stat, RULES, NOW)
    assert reading.article is not None
    assert reading.article.url.isascii()


def test_the_digest_is_of_the_bytes(tmp_path: Path) -> None:
    write(tmp_path, "a.md")
    (stat,) = list_files(tmp_path, "generic")
    facts = read_file(tmp_path, stat, RULES, NOW).facts
    assert len(facts.digest) == 64
    assert (facts.size, facts.mtime_ns) == (len(POST), stat.mtime_ns)


def test_a_file_beyond_the_cap_is_quarantined(tmp_path: Path) -> None:
    (tmp_path / "big.md").write_text(POST + "x" * MAX_FILE, encoding="utf-8")
    (stat,) = list_files(tmp_path, "generic")
    reading = read_file(tmp_path, stat, RULES, NOW)
    assert (reading.verdict, reading.code) == (Verdict.QUARANTINED, "too_large")


def test_another_configuration_has_another_digest() -> None:
    other = replace(RULES, zone=ZoneInfo("UTC"))
    strict = replace(RULES, gate=GateSettings({"empty": RuleSettings(level="off")}))
    full = replace(RULES, gate=GateSettings(mails_full_text=True))
    assert len({RULES.digest, other.digest, strict.digest, full.digest}) == 4
