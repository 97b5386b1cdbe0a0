"""How `[content] git` is read: an address, a branch and a folder that git cannot misunderstand."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import PurePosixPath
from urllib.parse import SplitResult, urlsplit

from service.config.values import read_duration, read_words, show

_SHORTEST_EVERY = timedelta(seconds=10)
_SECRETS = ("token", "password", "secret", "push_secret", "key")

_HOST = r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?"
_USER = r"[A-Za-z0-9_][A-Za-z0-9._-]*"
_SSH = re.compile(rf"ssh://(?:{_USER}@)?{_HOST}(?::[0-9]{{1,5}})?/[^\s\\:?#]+")
_SHORT_SSH = re.compile(rf"(?:{_USER}@)?{_HOST}:(?![/-]{{2}}|:)[A-Za-z0-9_~./][^\s\\:?#]*")
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}

# What git-check-ref-format(1) forbids, and a leading hyphen.
_NO_BRANCH = re.compile(r"^[-/.]|\.\.|@\{|[\x00-\x20\x7f~^:?*\[\\]|//|/\.|\.lock(/|$)|[/.]$|^@$")


def spread_git(value: object) -> object:
    """Return the table that an address alone stands for, and refuse secrets in it."""
    if isinstance(value, str):
        return {"url": value}
    if not isinstance(value, dict):
        return value
    secret = next((key for key in value if key.lower() in _SECRETS), None)
    if secret is not None:
        raise ValueError(
            f"{show(secret)}: a secret does not belong in this file; take it out and set "
            "KAWARABAN_GIT_TOKEN or KAWARABAN_PUSH_SECRET"
        )
    return value


def read_repository(value: object) -> str:
    """Return a repository's address: https, ssh, or a folder on this machine as it was written."""
    text = read_words(value)
    parts = _split(text)
    if parts.password is not None or (parts.scheme != "ssh" and parts.username is not None):
        # Not quoted: a token may stand in the place of the name.
        raise ValueError(
            "names a user or a password; write the address without them and set KAWARABAN_GIT_TOKEN"
        )
    if _is_https(parts) or _SSH.fullmatch(text) or is_folder(text):
        return text
    if "://" not in text and "::" not in text and _SHORT_SSH.fullmatch(text):
        return text
    if parts.scheme == "http":
        raise ValueError("begins with http:, where anybody on the way could change the posts")
    raise ValueError(
        f"{show(text)} is not the address of a repository; write "
        '"https://example.com/site.git", "git@example.com:me/site.git" or a path: "../site.git"'
    )


def is_folder(text: str) -> bool:
    """Whether an address is a path on this machine."""
    return text.startswith(("/", "./", "../", "file:///")) and "\0" not in text


def read_branch(value: object) -> str:
    """Return the name of a branch, as git allows it."""
    text = read_words(value)
    if _NO_BRANCH.search(text):
        raise ValueError(f'{show(text)} is not the name of a branch; write "main"')
    return text.removeprefix("refs/heads/")


def read_inner_path(value: object) -> str:
    """Return a folder inside a repository, relative to its top; "" for the top itself."""
    text = read_words(value)
    path = PurePosixPath(text)
    if path.is_absolute() or ".." in path.parts or "\\" in text or ".git" in path.parts:
        raise ValueError(f'{show(text)} is not a folder inside the repository; write "_posts"')
    return "" if str(path) == "." else str(path)


def read_interval(value: object) -> timedelta:
    """Return how often to pull."""
    every = read_duration(value)
    if every < _SHORTEST_EVERY:
        raise ValueError(f'{show(value)} is too often; write "10s" or more')
    return every


def _split(text: str) -> SplitResult:
    try:
        return urlsplit(text)
    except ValueError:
        raise ValueError(f"{show(text)} is not the address of a repository") from None


def _is_https(parts: SplitResult) -> bool:
    try:
        is_safe = parts.scheme == "https" or (
            # For a server on this machine; nobody is on the way there.
            parts.scheme == "http" and parts.hostname in _LOOPBACK
        )
        sound = bool(parts.hostname) and parts.port != 0 and parts.path.strip("/") != ""
    except ValueError:
        return False
    text = parts.geturl()
    host = re.fullmatch(_HOST, parts.hostname or "") is not None or ":" in (parts.hostname or "")
    is_plain = text.isprintable() and not any(c.isspace() for c in text)
    return is_safe and sound and host and is_plain and not (parts.query or parts.fragment)
