from __future__ import annotations

import base64
from datetime import timedelta
from pathlib import Path

import pytest

from service.errors import SourceError
from service.model.source import GitSource
from service.outbound.git import compose_environment, find_git, find_protocol
from service.outbound.git_failures import explain_failure

URL = "https://example.com/me/site.git"


def make_source(url: str = URL, token: str = "", branch: str = "main") -> GitSource:
    return GitSource(url, branch, "_posts", Path("/var/source"), timedelta(minutes=5), token)


def read_settings(environment: dict[str, str]) -> dict[str, str]:
    count = int(environment["GIT_CONFIG_COUNT"])
    return {
        environment[f"GIT_CONFIG_KEY_{number}"]: environment[f"GIT_CONFIG_VALUE_{number}"]
        for number in range(count)
    }


def test_git_gets_nobodys_settings_and_asks_nobody() -> None:
    environment = compose_environment(
        make_source(),
        {"HOME": "/home/me", "GIT_DIR": "/else", "GIT_EXEC_PATH": "/evil", "PATH": "/bin"},
    )
    assert environment["HOME"] == "/var/source"
    assert environment["GIT_DIR"] == "/var/source/git"
    assert environment["GIT_CONFIG_NOSYSTEM"] == "1"
    assert environment["GIT_TERMINAL_PROMPT"] == "0"
    assert environment["PATH"] == "/bin"
    assert "GIT_EXEC_PATH" not in environment
    settings = read_settings(environment)
    assert settings["core.hooksPath"] == "/dev/null"
    assert settings["credential.helper"] == ""
    assert "BatchMode=yes" in environment["GIT_SSH_COMMAND"]


@pytest.mark.parametrize(
    ("token", "login"),
    [("t0ken", "x-access-token:t0ken"), ("deployer:t0ken", "deployer:t0ken")],
)
def test_the_token_goes_to_the_repositorys_own_host_alone(token: str, login: str) -> None:
    environment = compose_environment(make_source(token=token), {})
    written = base64.b64encode(login.encode()).decode()
    settings = read_settings(environment)
    assert settings["http.https://example.com/.extraHeader"] == f"Authorization: Basic {written}"
    assert settings["http.followRedirects"] == "false"


@pytest.mark.parametrize("url", ["git@example.com:me/site.git", "/srv/site.git"])
def test_a_token_is_for_https_and_for_nothing_else(url: str) -> None:
    assert "t0ken" not in repr(compose_environment(make_source(url, "t0ken"), {}))
    assert "Authorization" not in repr(compose_environment(make_source(url, "t0ken"), {}))


@pytest.mark.parametrize(
    ("url", "protocol"),
    [
        (URL, "https"),
        ("ssh://git@example.com/me/site.git", "ssh"),
        ("git@example.com:me/site.git", "ssh"),
        ("/srv/site.git", "file"),
    ],
)
def test_one_way_leads_to_a_repository(url: str, protocol: str) -> None:
    assert find_protocol(url) == protocol
    assert compose_environment(make_source(url), {})["GIT_ALLOW_PROTOCOL"] == protocol


def test_a_machine_without_git_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(SourceError, match="apt-get install git"):
        find_git()


@pytest.mark.parametrize(
    ("said", "advice"),
    [
        ("fatal: could not read Username for 'https://x': terminal prompts", "KAWARABAN_GIT_TOKEN"),
        (
            "fatal: unable to access 'https://x/': The requested URL returned error: 403",
            "let us in",
        ),
        ("git@x: Permission denied (publickey).\nfatal: Could not read from", "let us in"),
        ("fatal: couldn't find remote ref refs/heads/main", "has no branch main"),
        ("Host key verification failed.\nfatal: Could not read from remote", "known_hosts"),
        ("fatal: unable to access: The requested URL returned error: 301", "has moved"),
        ("error: unable to write file a.md: No space left on device", "the disk is full"),
        ("remote: Not Found\nfatal: repository 'x': error: 404", "no repository at"),
        ("fatal: Could not resolve host: example.com", "git: Could not resolve host"),
        (
            "error: cannot run ssh: No such file\nfatal: Could not read from remote repository.",
            "cannot run ssh",
        ),
        ("", "git: it said nothing"),
    ],
)
def test_a_failure_says_what_to_do(said: str, advice: str) -> None:
    assert advice in explain_failure(said, make_source())


@pytest.mark.parametrize("token", ["t0ken", "deployer:t0ken"])
def test_a_failure_never_shows_a_secret(token: str) -> None:
    source = make_source(token=token)
    written = base64.b64encode(source.login.encode()).decode()
    said = f"fatal: https://me:pw@example.com/ with {token}, t0ken, {written} and deployer:t0ken"
    explained = explain_failure(said, source)
    assert not any(secret in explained for secret in ("t0ken", "pw@", written))
    assert "t0ken" not in repr(source)


def test_what_a_stranger_says_is_kept_short_and_in_one_line() -> None:
    explained = explain_failure("fatal: \x1b[31mred\x07\u202e" + "x" * 9000, make_source())
    assert explained.isprintable()
    assert len(explained) < 400
