from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from service.config import Config, find_source
from service.model.source import GitSource

Load = Callable[..., Config]
Blame = Callable[..., tuple[str, ...]]

URL = "https://example.com/me/site.git"


@pytest.fixture
def load_git(load: Load, tmp_path: Path) -> Callable[..., GitSource]:
    """Loads a configuration with such a `git`, whose repository is there already."""
    (tmp_path / "var" / "source" / "tree" / "_posts").mkdir(parents=True)

    def load_one(git: str, environment: Mapping[str, str] | None = None) -> GitSource:
        config = load(f"[content]\ngit = {git}\n", environment)
        assert config.content.git is not None
        assert config.content.path == config.content.git.content
        assert find_source(config.root / "kawaraban.toml", environment or {}) == config.content.git
        return config.content.git

    return load_one


@pytest.fixture
def blame_git(blame: Blame, tmp_path: Path) -> Callable[[str], str]:
    (tmp_path / "var" / "source" / "tree").mkdir(parents=True)

    def blame_one(git: str) -> str:
        (mistake,) = blame(f"[content]\ngit = {git}\n")
        return mistake

    return blame_one


def test_an_address_alone_is_enough(load_git: Callable[..., GitSource], tmp_path: Path) -> None:
    source = load_git(f'"{URL}"')
    assert source == GitSource(URL, "", "", tmp_path / "var" / "source", timedelta(minutes=5))
    assert source.name == URL


def test_branch_folder_and_interval_can_be_chosen_and_secrets_come_from_the_environment(
    load_git: Callable[..., GitSource], tmp_path: Path
) -> None:
    environment = {"KAWARABAN_GIT_TOKEN": "t0ken", "KAWARABAN_PUSH_SECRET": "s" * 16}
    source = load_git(
        f'{{ url = "{URL}", branch = "main", path = "_posts/", every = "1h" }}', environment
    )
    assert source.name == f"{URL} (main)"
    assert source.content == tmp_path / "var" / "source" / "tree" / "_posts"
    assert source.every_for == timedelta(hours=1)
    assert (source.token, source.push_secret) == ("t0ken", "s" * 16)
    assert "t0ken" not in repr(source)


def test_what_the_site_says_of_itself_is_read_from_the_repository(
    load: Load, tmp_path: Path
) -> None:
    tree = tmp_path / "var" / "source" / "tree"
    (tree / "_posts").mkdir(parents=True)
    (tree / "_config.yml").write_text("title: a site\nurl: https://site.example\n")
    git = f'[content]\ngit = {{ url = "{URL}", path = "_posts" }}\n'
    config = load(git, publication="")
    assert config.publication.title == "a site"
    assert config.content.generator == "jekyll"


@pytest.mark.parametrize(
    ("written", "url"),
    [
        ("git@example.com:me/site.git", "git@example.com:me/site.git"),
        ("example.com:site", "example.com:site"),
        ("ssh://git@example.com:2222/me/site.git", "ssh://git@example.com:2222/me/site.git"),
        ("http://127.0.0.1:8080/site.git", "http://127.0.0.1:8080/site.git"),
        ("/srv/site.git", "/srv/site.git"),
        ("file:///srv/site.git", "/srv/site.git"),
        ("./site.git", "{root}/site.git"),
    ],
)
def test_every_usual_address_is_taken(
    load_git: Callable[..., GitSource], tmp_path: Path, written: str, url: str
) -> None:
    assert load_git(f'"{written}"').url == url.format(root=tmp_path)


@pytest.mark.parametrize(
    "url",
    [
        "--upload-pack=touch x",
        "-x",
        "ext::sh -c touch% x",
        "fd::7",
        "ssh://-oProxyCommand=x/y",
        "ssh://git@-oProxyCommand=x/y",
        "-oProxyCommand=x:y",
        "git@-x:y",
        "git://example.com/site.git",
        "ftp://example.com/site.git",
        "https://",
        "https://example.com",
        "https://example.com/site.git?token=x",
        "https://example.com/a b",
        "https://-x/y",
        "https://[::1/x",
        "site.git",
        "example.com::x",
    ],
)
def test_what_git_could_take_for_something_else_is_refused(
    blame_git: Callable[[str], str], url: str
) -> None:
    assert blame_git(f"'{url}'").startswith("content.git.url: ")


@pytest.mark.parametrize(
    "url",
    [
        "https://me:hunter2@example.com/site.git",
        "https://hunter2@example.com/site.git",
        "ssh://me:hunter2@example.com/site.git",
        "http://me:hunter2@localhost/site.git",
    ],
)
def test_a_password_in_an_address_is_refused_and_not_shown(
    blame_git: Callable[[str], str], url: str
) -> None:
    mistake = blame_git(f'"{url}"')
    assert mistake.startswith("content.git.url: names a user or a password")
    assert "hunter2" not in mistake


@pytest.mark.parametrize(
    ("more", "key"),
    [
        ('branch = "-x"', "content.git.branch"),
        ('branch = "a..b"', "content.git.branch"),
        ('branch = "a b"', "content.git.branch"),
        ('branch = "main:x"', "content.git.branch"),
        ('branch = "x.lock"', "content.git.branch"),
        ('path = "../x"', "content.git.path"),
        ('path = "/etc"', "content.git.path"),
        ('path = ".git"', "content.git.path"),
        ('every = "1s"', "content.git.every"),
        ('brunch = "main"', 'content.git.brunch: is unknown; did you mean "branch"?'),
        ('token = "hunter2"', 'content.git: "token": a secret does not belong in this file'),
    ],
)
def test_what_is_wrong_with_the_others_is_told_by_key(
    blame_git: Callable[[str], str], more: str, key: str
) -> None:
    mistake = blame_git(f'{{ url = "{URL}", {more} }}')
    assert mistake.startswith(key)
    assert "hunter2" not in mistake


def test_plain_http_is_refused_with_its_reason(blame_git: Callable[[str], str]) -> None:
    assert "anybody on the way" in blame_git('"http://example.com/site.git"')


def test_a_folder_here_and_a_repository_contradict_each_other(blame: Blame) -> None:
    (mistake,) = blame(f'[content]\npath = "content"\ngit = "{URL}"\n')
    assert mistake.startswith("content: has both path and git")


def test_a_repository_that_is_not_here_yet_is_named_as_the_cause(blame: Blame) -> None:
    (mistake,) = blame(f'[content]\ngit = "{URL}"\n')
    assert mistake.startswith("content.git: there is no ")


@pytest.mark.parametrize(
    ("variable", "value"),
    [("KAWARABAN_PUSH_SECRET", "hunter2"), ("KAWARABAN_GIT_TOKEN", "two\nlines")],
)
def test_secrets_that_cannot_be_used_are_named(blame: Blame, variable: str, value: str) -> None:
    (mistake,) = blame("", {variable: value})
    assert mistake.startswith(f"{variable}: ")
    assert value not in mistake


def test_a_source_cannot_be_found_where_something_is_wrong_with_it(tmp_path: Path) -> None:
    path = tmp_path / "kawaraban.toml"
    for text in ("", "content = 1", '[content]\ngit = "-x"', "[content]\ngit = {}", "service = 1"):
        path.write_text(text)
        assert find_source(path, {}) is None
