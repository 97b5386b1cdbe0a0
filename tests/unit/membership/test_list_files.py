from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from service.errors import UsageError
from service.membership.list_files import MOST_LIST_BYTES, ListFile, list_list_files

NOW = datetime.now(UTC)


def test_a_file_stays_only_when_it_is_kept(tmp_path: Path) -> None:
    folder = tmp_path / "uploads"
    with ListFile(folder) as lost:
        lost.write(b"a")
    with ListFile(folder) as kept:
        kept.write(b"a")
        kept.write(b"b")
        assert list_list_files(folder, NOW) == []
        kept.keep()
    assert [file.name for file in folder.iterdir()] == [kept.name]
    assert (folder / kept.name).read_bytes() == b"ab"
    assert (folder / kept.name).stat().st_mode & 0o077 == 0
    assert list_list_files(folder, NOW) == [kept.name]


def test_what_is_too_large_or_empty_is_not_kept(tmp_path: Path) -> None:
    full = ListFile(tmp_path, size=MOST_LIST_BYTES)
    with pytest.raises(UsageError, match="200 MB"), full as file:
        file.write(b"x")
    with pytest.raises(UsageError, match="empty"), ListFile(tmp_path) as file:
        file.keep()
    assert list(tmp_path.iterdir()) == []


def test_what_began_to_arrive_long_ago_is_left_behind(tmp_path: Path) -> None:
    with ListFile(tmp_path) as file:
        file.write(b"a")
        later = NOW + timedelta(hours=2)
        assert list_list_files(tmp_path, later) == [f"{file.name}.part"]
