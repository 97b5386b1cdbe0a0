from __future__ import annotations

import gzip
from pathlib import Path

import brotli
import pytest

from service.errors import UsageError
from service.feeds.files import remove_file, write_file
from service.model.feed import FeedFile

FEED = FeedFile("tag/生成AI/feed.xml", "application/rss+xml; charset=utf-8", b"<rss/>" * 400)


def list_files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_file_lies_beside_its_compressed_variants(tmp_path: Path) -> None:
    assert write_file(tmp_path, FEED) is True
    target = tmp_path / FEED.path
    assert target.read_bytes() == FEED.content
    assert gzip.decompress(target.with_name("feed.xml.gz").read_bytes()) == FEED.content
    assert brotli.decompress(target.with_name("feed.xml.br").read_bytes()) == FEED.content


def test_nothing_else_is_left_behind(tmp_path: Path) -> None:
    write_file(tmp_path, FEED)
    assert list_files(tmp_path) == [FEED.path, f"{FEED.path}.br", f"{FEED.path}.gz"]


def test_an_unchanged_file_is_not_touched(tmp_path: Path) -> None:
    write_file(tmp_path, FEED)
    before = (tmp_path / FEED.path).stat()
    assert write_file(tmp_path, FEED) is False
    assert (tmp_path / FEED.path).stat() == before


def test_a_changed_file_is_written_with_its_variants(tmp_path: Path) -> None:
    write_file(tmp_path, FEED)
    changed = FeedFile(FEED.path, FEED.content_type, b"<rss>2</rss>")
    assert write_file(tmp_path, changed) is True
    assert gzip.decompress((tmp_path / f"{FEED.path}.gz").read_bytes()) == b"<rss>2</rss>"


def test_a_lost_variant_is_made_again(tmp_path: Path) -> None:
    write_file(tmp_path, FEED)
    (tmp_path / f"{FEED.path}.br").unlink()
    assert write_file(tmp_path, FEED) is True
    assert (tmp_path / f"{FEED.path}.br").exists()


def test_the_same_content_compresses_to_the_same_bytes(tmp_path: Path) -> None:
    for folder in ("one", "other"):
        write_file(tmp_path / folder, FEED)
    for suffix in (".gz", ".br"):
        one, other = (tmp_path / name / f"{FEED.path}{suffix}" for name in ("one", "other"))
        assert one.read_bytes() == other.read_bytes()


def test_a_web_server_may_read_what_is_published(tmp_path: Path) -> None:
    write_file(tmp_path, FEED)
    for path in list_files(tmp_path):
        assert (tmp_path / path).stat().st_mode & 0o777 == 0o644


def test_removing_takes_the_variants_and_empty_folders_along(tmp_path: Path) -> None:
    write_file(tmp_path, FEED)
    write_file(tmp_path, FeedFile("tag/火事/feed.xml", "", b"x"))
    assert remove_file(tmp_path, FEED.path) is True
    assert [path.name for path in (tmp_path / "tag").iterdir()] == ["火事"]
    assert remove_file(tmp_path, "tag/火事/feed.xml") is True
    assert list(tmp_path.iterdir()) == []
    assert tmp_path.is_dir()


def test_removing_what_is_not_there_is_no_error(tmp_path: Path) -> None:
    assert remove_file(tmp_path, "tag/none/feed.xml") is False
    assert tmp_path.is_dir()


@pytest.mark.parametrize(
    "path", ["../feed.xml", "/etc/feed.xml", "tag/../../feed.xml", "tag/..", "", ".", "a/../b.xml"]
)
def test_nothing_is_written_or_removed_outside_the_folder(path: str, tmp_path: Path) -> None:
    folder = tmp_path / "public"
    folder.mkdir()
    (tmp_path / "feed.xml").write_text("mine")
    with pytest.raises(UsageError, match="outside"):
        write_file(folder, FeedFile(path, "", b"x"))
    with pytest.raises(UsageError, match="outside"):
        remove_file(folder, path)
    assert list_files(tmp_path) == ["feed.xml"]


def test_a_link_does_not_lead_outside_either(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    folder = tmp_path / "public"
    folder.mkdir()
    (folder / "tag").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UsageError, match="outside"):
        write_file(folder, FeedFile("tag/feed.xml", "", b"x"))


def test_a_write_that_fails_leaves_the_former_file_whole(tmp_path: Path) -> None:
    write_file(tmp_path, FEED)
    blocked = tmp_path / f"{FEED.path}.br"
    blocked.unlink()
    (blocked / "in-the-way").mkdir(parents=True)
    with pytest.raises(OSError, match="directory"):
        write_file(tmp_path, FeedFile(FEED.path, "", b"new"))
    assert (tmp_path / FEED.path).read_bytes() == FEED.content
    assert not list(tmp_path.rglob("*.part"))
