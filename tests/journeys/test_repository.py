from __future__ import annotations

import fcntl
import json
from datetime import timedelta
from pathlib import Path

import pytest

from service.errors import AlreadyRunningError, SourceError
from service.model.source import GitSource
from service.outbound.repository import Repository
from tests.fakes.upstream import Upstream

POST = "---\ntitle: a\n---\nhi\n"


@pytest.fixture
def upstream(tmp_path: Path) -> Upstream:
    upstream = Upstream(tmp_path / "upstream")
    upstream.write("_posts/a.md", POST)
    upstream.write("_config.yml", "title: site\n")
    upstream.commit()
    return upstream


@pytest.fixture
def repository(upstream: Upstream, tmp_path: Path) -> Repository:
    return open_repository(upstream, tmp_path)


def open_repository(
    upstream: Upstream, tmp_path: Path, branch: str = "main", path: str = "_posts"
) -> Repository:
    folder = tmp_path / "source"
    return Repository(GitSource(str(upstream.folder), branch, path, folder, timedelta(minutes=5)))


def pull(repository: Repository) -> str:
    revision = repository.fetch()
    repository.switch(revision)
    return revision


def test_files_come_as_they_were_committed_and_only_changed_ones_are_written(
    upstream: Upstream, repository: Repository
) -> None:
    first = pull(repository)
    assert repository.find_revision() == first
    post = repository.source.content / "a.md"
    assert post.read_text() == POST
    stamp = post.stat().st_mtime_ns
    upstream.write("_posts/b.md", POST)
    (upstream.folder / "_config.yml").unlink()
    second = upstream.commit()
    assert repository.fetch() == second
    assert not (repository.source.content / "b.md").exists()
    repository.switch(second)
    assert (repository.source.content / "b.md").read_text() == POST
    assert not (repository.source.tree / "_config.yml").exists()
    assert post.stat().st_mtime_ns == stamp
    assert repository.find_revision() == second


def test_the_history_is_there_for_whoever_asks_it(
    upstream: Upstream, repository: Repository
) -> None:
    upstream.commit()
    pull(repository)
    count = upstream.git(f"--git-dir={repository.source.folder}/git", "rev-list", "--count", "HEAD")
    assert count.strip() == "2"


def test_without_a_branch_the_repositorys_own_choice_is_followed_also_after_a_force_push(
    upstream: Upstream, tmp_path: Path
) -> None:
    repository = open_repository(upstream, tmp_path, branch="")
    pull(repository)
    upstream.write("_posts/a.md", "other\n")
    upstream.git("commit", "--quiet", "--amend", "--all", "--message=other")
    assert pull(repository) == upstream.git("rev-parse", "HEAD").strip()
    assert (repository.source.content / "a.md").read_text() == "other\n"


def test_what_a_repository_brings_along_is_neither_run_nor_followed(
    upstream: Upstream, repository: Repository
) -> None:
    upstream.write(".gitattributes", "*.md text eol=crlf filter=lfs ident\n_posts/*.md -text\n")
    upstream.write("_posts/.gitattributes", "*.md working-tree-encoding=UTF-16 filter=lfs\n")
    upstream.git("config", "core.attributesFile", "/dev/null")
    upstream.write(".git/info/attributes", "* -text !eol -ident !filter !working-tree-encoding\n")
    upstream.link("_posts/inside.md", "a.md")
    upstream.link("_posts/outside.md", "/etc/passwd")
    upstream.link("above", "../../..")
    upstream.link("circle", "circle")
    upstream.write("_posts/id.md", "$Id$\n")
    upstream.commit()
    pull(repository)
    posts = repository.source.content
    assert list_names(posts) == [".gitattributes", "a.md", "id.md", "inside.md"]
    assert list_names(repository.source.tree) == [
        ".git",
        ".gitattributes",
        "_config.yml",
        "_posts",
    ]
    assert (posts / "a.md").read_bytes() == POST.encode()
    assert (posts / "id.md").read_text() == "$Id$\n"
    upstream.write("_posts/b.md", POST)
    upstream.commit()
    pull(repository)
    assert not (posts / "outside.md").is_symlink()


def test_a_folder_of_posts_that_is_a_link_or_absent_is_refused_before_anything_changes(
    upstream: Upstream, repository: Repository
) -> None:
    good = pull(repository)
    upstream.git("mv", "_posts", "posts")
    upstream.link("_posts", "posts")
    upstream.commit()
    with pytest.raises(SourceError, match="has no folder _posts"):
        pull(repository)
    assert repository.find_revision() == good
    assert (repository.source.content / "a.md").read_text() == POST


@pytest.mark.parametrize(
    ("url", "branch", "why"),
    [("upstream", "gone", "has no branch gone"), ("nowhere", "main", "there is no repository at")],
)
def test_a_fetch_that_fails_says_why_and_changes_nothing(
    upstream: Upstream, repository: Repository, tmp_path: Path, url: str, branch: str, why: str
) -> None:
    good = pull(repository)
    source = repository.source
    wrong = GitSource(str(tmp_path / url), branch, "", source.folder, source.every_for)
    with pytest.raises(SourceError, match=why):
        Repository(wrong).fetch()
    assert repository.find_revision() == good


def test_a_switch_broken_off_is_not_whole_until_it_is_finished_without_the_network(
    upstream: Upstream, repository: Repository
) -> None:
    pull(repository)
    upstream.write("_posts/b.md", POST)
    second = upstream.commit()
    repository.fetch()
    break_off(repository, second)
    (repository.source.content / "a.md").write_text("half")
    (repository.source.folder / "git" / "index.lock").touch()
    again = Repository(repository.source)
    assert again.find_revision() == ""
    upstream.folder.rename(upstream.folder.with_name("away"))
    again.recover()
    assert again.find_revision() == second
    assert (again.source.content / "a.md").read_text() == POST
    assert (again.source.content / "b.md").read_text() == POST


def test_a_switch_that_fails_returns_to_the_files_of_before(
    upstream: Upstream, repository: Repository
) -> None:
    good = pull(repository)
    with pytest.raises(SourceError):
        Repository(_at_top(repository.source)).switch("0" * 40)
    assert repository.find_revision() == good
    assert (repository.source.content / "a.md").read_text() == POST


def test_another_repository_at_the_same_place_begins_anew(
    upstream: Upstream, repository: Repository, tmp_path: Path
) -> None:
    pull(repository)
    other = Upstream(tmp_path / "other")
    other.write("_posts/z.md", POST)
    other.commit()
    changed = open_repository(other, tmp_path)
    assert changed.find_revision() == ""
    pull(changed)
    assert list_names(changed.source.content) == ["z.md"]


def test_two_processes_never_pull_at_once(repository: Repository) -> None:
    pull(repository)
    with (repository.source.folder / "lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(AlreadyRunningError, match="another process"):
            repository.fetch()


def test_whoever_is_asked_to_end_fetches_nothing_more(repository: Repository) -> None:
    repository.give_up()
    with pytest.raises(SourceError, match="asked to end"):
        repository.fetch()


def break_off(repository: Repository, revision: str) -> None:
    """What a process killed in the middle of a switch leaves behind."""
    state = repository.source.folder / "state.json"
    document = {"source": repository.source.name, "revision": revision, "is_whole": False}
    state.write_text(json.dumps(document))


def _at_top(source: GitSource) -> GitSource:
    return GitSource(source.url, source.branch, "", source.folder, source.every_for)


def list_names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())
