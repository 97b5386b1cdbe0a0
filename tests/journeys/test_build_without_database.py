"""A static site's CI: the real command, wherever and however it is run, makes the same bytes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.fakes.small_site import CONFIG, Site

ROOT = Path(__file__).parents[2]

HERE = {"TZ": "Asia/Tokyo", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "1"}
ELSEWHERE = {"TZ": "America/Los_Angeles", "LC_ALL": "C", "PYTHONHASHSEED": "2"}


def _lay_out(folder: Path) -> Site:
    folder.mkdir()
    site = Site(folder)
    own_place = '[service]\nurl = "https://suzuri.example"\n'
    site.config.write_text(CONFIG + own_place, encoding="utf-8")
    for day in range(1, 8):
        more = f"tags: [銭湯, 町{day}, 川]\nauthors: [はな, けん]\nlastmod: 2026-01-1{day}\n"
        site.write_post(f"第{day}話", f"2026-01-0{day}", f"**湯**、第{day}夜。\n" * 20, more)
    site.write_post("na", "2026-01-09", more="id: 7\n")
    site.write_post("futatsume", "2026-01-05", more="permalink: /na/\n")
    return site


def _build(site: Site, environment: dict[str, str], cwd: Path) -> None:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    subprocess.run(
        [sys.executable, "-m", "service", "--config", str(site.config), "build",
         "--without-database"],
        cwd=cwd,
        env={**kept, **environment, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
        check=True,
        capture_output=True,
    )  # fmt: skip


def _read(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_the_same_posts_make_the_same_bytes_wherever_they_are_built(tmp_path: Path) -> None:
    one, other = _lay_out(tmp_path / "one"), _lay_out(tmp_path / "もう 一つ")
    for number, path in enumerate(sorted(other.posts.iterdir())):
        os.utime(path, (number, number))
    _build(one, HERE, tmp_path)
    _build(other, ELSEWHERE, other.posts)
    first = _read(one.folder / "public")
    assert first == _read(other.folder / "public")
    assert {"feed.xml", "tag/銭湯/atom.xml", ".kawaraban.json"} <= first.keys()
    _build(one, ELSEWHERE, one.folder)
    assert _read(one.folder / "public") == first
    assert not (one.folder / "var").exists()
