"""A folder that wants to break the reader: the process lives, and every file gets its verdict."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.forks import ROOT, run_program
from tests.fakes.hostile_folder import BREAKS, FINE, SOUND, write_deep, write_hostile
from tests.fakes.small_site import Site

# Run in a child: an overrun of the stack would take the whole suite with it. What the kernel
# says of a child's memory begins with the parent's, so the child looks at itself.
CHILD = """
import sys
from pathlib import Path
from service.cli import main
try:
    main(sys.argv[2:])
finally:
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    peak = next((line.split()[1] for line in lines if line.startswith("VmHWM:")), "0")
    Path(sys.argv[1]).write_text(peak)
"""
ENDS_WITHIN = 300
MOST_MEMORY = 300_000


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended; `peak` is its memory in kB, 0 where nobody says."""

    status: int
    document: Any
    peak: int = 0


def run(site: Site, *words: str) -> Ended:
    done = run_program("--config", str(site.config), *words, "--json", timeout=ENDS_WITHIN)
    assert done.returncode in (0, 1), done.stderr[-2_000:]
    return Ended(done.returncode, json.loads(done.stdout))


def run_by_itself(site: Site, *words: str) -> Ended:
    """As `run`, in a process that was started: it says how much memory it took."""
    peak = site.folder / "peak"
    command = [sys.executable, "-c", CHILD, str(peak), "--config", str(site.config), *words]
    done = subprocess.run(
        [*command, "--json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=ENDS_WITHIN,
        check=False,
    )
    assert done.returncode in (0, 1), done.stderr[-2_000:]
    return Ended(done.returncode, json.loads(done.stdout), int(peak.read_text()))


def list_files(site: Site, state: str) -> dict[str, dict[str, Any]]:
    files = run(site, "posts", "list", "--state", state).document["files"]
    return {file["path"]: file for file in files}


def list_posts(site: Site) -> set[str]:
    posts = run(site, "posts", "list", "--limit", "1000").document["posts"]
    return {post["path"] for post in posts}


def read_feed(site: Site) -> str:
    return (site.folder / "public" / "feed.xml").read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Built:
    """A hostile folder after its first build."""

    site: Site
    expected: dict[str, str]
    first: Ended
    named: dict[str, dict[str, Any]]
    posts: set[str]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    site = Site(tmp_path_factory.mktemp("hostile"))
    expected = write_hostile(site.posts)
    (site.posts / "deep").mkdir()
    write_deep(site.posts / "deep", 30)
    run(site, "migrate")
    first = run_by_itself(site, "build")
    named = list_files(site, "quarantined") | list_files(site, "not a post")
    return Built(site, expected, first, named, list_posts(site))


def test_the_process_lives_within_its_memory(built: Built) -> None:
    assert built.first.status == 0
    assert built.first.peak < MOST_MEMORY


def test_the_sound_posts_beside_them_are_published(built: Built) -> None:
    feed = read_feed(built.site)
    assert set(SOUND) <= built.posts
    assert all(f"Sound {name}" in feed for name in SOUND)


def test_every_file_has_the_verdict_it_should_have(built: Built) -> None:
    codes = {path: file["code"] for path, file in built.named.items()} | dict.fromkeys(
        built.posts, FINE
    )
    assert {path: codes.get(path, "not there") for path in built.expected} == built.expected


def test_every_bad_file_is_named_with_a_reason(built: Built) -> None:
    for path, file in built.named.items():
        assert len(file["message"]) >= 15, path
        assert file["code"] != "reader", (path, file["message"])
        assert file["path"].isprintable(), path


def test_a_folder_deeper_than_a_path_can_name_is_one_bad_file(built: Built) -> None:
    (path,) = (path for path in built.named if path.startswith("deep/"))
    assert path.endswith("/")
    assert built.named[path]["code"] == "unreadable"


def test_japanese_files_in_old_encodings_are_told_which_it_looks_like(built: Built) -> None:
    said = {
        name: built.named[f"bytes/{name}.md"]["message"]
        for name in ("shift-jis", "euc-jp", "iso-2022-jp", "utf-16", "utf-16-unmarked", "utf-32")
    }
    for name, word in {
        "shift-jis": "Shift_JIS",
        "euc-jp": "EUC-JP",
        "iso-2022-jp": "ISO-2022-JP",
        "utf-16": "UTF-16",
        "utf-16-unmarked": "UTF-16",
        "utf-32": "UTF-32",
    }.items():
        assert f"it looks like {word}" in said[name]


def test_no_name_of_a_tag_a_category_or_an_author_leads_a_feed_out_of_its_folder(
    built: Built,
) -> None:
    folder = built.site.folder
    assert {path.name for path in folder.iterdir()} == {
        "kawaraban.toml",
        "peak",
        "posts",
        "public",
        "var",
    }


def test_no_address_climbs_out_of_the_site(built: Built) -> None:
    document = json.loads((built.site.folder / "public" / "feed.json").read_text(encoding="utf-8"))
    urls = [item["url"] for item in document["items"]]
    assert urls
    assert all(url.startswith("https://suzuri.example/") for url in urls)
    assert not [url for url in urls if "/../" in url or "/%2e%2e/" in url.lower()]


def test_a_second_look_reads_only_what_may_have_changed_by_itself(built: Built) -> None:
    again = run(built.site, "build")
    assert (again.status, again.document["read"]) == (0, 0)


def test_a_check_without_a_database_comes_to_the_same(built: Built) -> None:
    checked = run_by_itself(built.site, "check")
    assert checked.status == 1
    assert checked.peak < MOST_MEMORY
    files = checked.document["files"]
    found = {file["path"]: file["code"] for file in files if file["verdict"] == "quarantined"}
    named = {path: file["code"] for path, file in built.named.items() if _is_bad(file["code"])}
    assert found == named


def _is_bad(code: str) -> bool:
    return code not in ("no_front_matter", "link")


@pytest.fixture
def broken(tmp_path: Path) -> Site:
    """A site whose posts were good once and have broken, each in its own way."""
    site = Site(tmp_path)
    for name in (*BREAKS, "untouched"):
        site.write_post(name, "2026-01-05")
    run(site, "migrate")
    run(site, "build")
    for name, break_post in BREAKS.items():
        break_post(site.posts / f"{name}.md")
    return site


def test_a_post_that_broke_keeps_its_last_good_version_in_the_feeds_and_says_so(
    broken: Site,
) -> None:
    before = read_feed(broken)
    run(broken, "build")
    named = list_files(broken, "quarantined")
    assert set(named) == {f"{name}.md" for name in BREAKS}
    assert all("the last good version stays in the feeds" in f["message"] for f in named.values())
    assert read_feed(broken) == before


def test_a_broken_post_still_says_so_at_the_next_look_and_no_more_once_it_is_mended(
    broken: Site,
) -> None:
    run(broken, "build")
    (broken.posts / "bad-yaml.md").write_text("---\ntitle: [\n---\n", encoding="utf-8")
    (broken.posts / "emptied.md").unlink()
    broken.write_post("huge", "2026-01-05", body="また書いた。")
    run(broken, "build")
    named = list_files(broken, "quarantined")
    assert "the last good version" in named["bad-yaml.md"]["message"]
    assert not {"emptied.md", "huge.md"} & set(named)
    assert "また書いた。" in read_feed(broken)
    assert "emptiedの話" not in read_feed(broken)


def test_what_may_not_be_read_is_named_and_nothing_behind_it_is_lost(tmp_path: Path) -> None:
    site = Site(tmp_path)
    (site.posts / "closed").mkdir()
    for name in ("locked", "closed/hidden", "open"):
        site.write_post(name, "2026-01-05")
    run(site, "migrate")
    run(site, "build")
    before = read_feed(site)
    (site.posts / "locked.md").chmod(0)
    (site.posts / "closed").chmod(0)
    if os.access(site.posts / "locked.md", os.R_OK):
        pytest.skip("who runs this may read every file there is, as root may")
    try:
        (site.posts / "locked.md").touch()
        run(site, "build")
        assert set(list_files(site, "quarantined")) == {"locked.md", "closed/"}
        assert read_feed(site) == before
    finally:
        (site.posts / "closed").chmod(0o755)
        (site.posts / "locked.md").chmod(0o644)
    run(site, "build")
    assert not list_files(site, "quarantined")
