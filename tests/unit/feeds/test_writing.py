from __future__ import annotations

import gzip
from dataclasses import replace
from pathlib import Path

import pytest

from service.errors import UsageError
from service.feeds.writing import open_writer
from service.model.feed import FeedFile

FEED = FeedFile("feed.xml", "application/rss+xml; charset=utf-8", b"<rss/>" * 200_000)


def test_every_file_is_on_disk_when_the_block_ends(tmp_path: Path) -> None:
    files = [replace(FEED, path=f"tag/{number}/feed.xml") for number in range(9)]
    with open_writer(tmp_path) as writer:
        for file in files:
            writer.put(file)
    assert writer.written == 9
    for file in files:
        packed = tmp_path / f"{file.path}.gz"
        assert gzip.decompress(packed.read_bytes()) == file.content
    with open_writer(tmp_path) as again:
        again.put(files[0])
        again.put(replace(files[1], content=b"<rss/>"))
    assert again.written == 1


def write_outside(folder: Path) -> None:
    with open_writer(folder) as writer:
        writer.put(replace(FEED, path="../feed.xml"))
        writer.put(FEED)


def test_what_cannot_be_written_is_told_to_who_asked_for_it(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="lies outside"):
        write_outside(tmp_path)
