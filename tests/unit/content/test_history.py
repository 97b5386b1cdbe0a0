from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from service.content.history import AddedTimes, find_added_times


def run_git(folder: Path, *words: str, at: str = "2020-01-02T03:04:05+09:00") -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    dated = {"GIT_AUTHOR_DATE": at, "GIT_CONFIG_GLOBAL": "/dev/null"}
    name = ("-c", "user.name=A", "-c", "user.email=a@x.test", "-c", "init.defaultBranch=main")
    subprocess.run(["git", *name, *words], cwd=folder, env={**kept, **dated}, check=True)


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two posts are added, then one is renamed and another one added."""
    root = tmp_path_factory.mktemp("repository")
    posts = root / "posts"
    posts.mkdir()
    (posts / "a.md").write_text("a\n")
    (posts / "日本.md").write_text("b\n")
    run_git(root, "init", "--quiet")
    run_git(root, "add", ".")
    run_git(root, "commit", "--quiet", "--message", "one")
    run_git(root, "mv", "posts/a.md", "posts/renamed.md")
    (posts / "new.md").write_text("n\n")
    run_git(root, "add", ".")
    run_git(root, "commit", "--quiet", "--message", "two", at="2021-01-02T03:04:05Z")
    return root


def test_each_file_has_the_time_of_its_first_commit_also_when_renamed(repository: Path) -> None:
    find_added_at = AddedTimes(repository / "posts")
    written = {
        path: added_at.isoformat() if (added_at := find_added_at(path)) else None
        for path in ("renamed.md", "日本.md", "new.md", "never.md")
    }
    assert written == {
        "renamed.md": "2020-01-02T03:04:05+09:00",
        "日本.md": "2020-01-02T03:04:05+09:00",
        "new.md": "2021-01-02T03:04:05+00:00",
        "never.md": None,
    }


def test_a_shallow_clone_knows_nothing(repository: Path, tmp_path: Path) -> None:
    run_git(tmp_path, "clone", "--quiet", "--depth", "1", repository.as_uri(), "clone")
    assert find_added_times(tmp_path / "clone" / "posts") == {}


def test_where_there_is_no_repository_nobody_knows(tmp_path: Path) -> None:
    assert AddedTimes(tmp_path)("a.md") is None
    assert find_added_times(tmp_path / "missing") == {}
