"""The git program: run with a deadline, with bounded output, and with nobody's settings.

What the environment of git means is told in git(1) and git-config(1); GIT_CONFIG_COUNT needs
git 2.31.
"""

from __future__ import annotations

import base64
import os
import selectors
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import IO, cast
from urllib.parse import urlsplit

from service.errors import SourceError
from service.model.source import GitSource
from service.outbound.git_failures import explain_failure

_KEPT = (
    *("PATH", "SSH_AUTH_SOCK", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR"),
    *("https_proxy", "HTTPS_PROXY", "http_proxy", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY"),
)
"""All that git may know of our own environment: where things are, and the way to the network."""

_FIXED = {
    # Nothing that a repository brings along is ever run.
    "core.hooksPath": "/dev/null",
    "core.fsmonitor": "false",
    "core.askPass": "",
    "credential.helper": "",
    "submodule.recurse": "false",
    "fetch.recurseSubmodules": "false",
    # Files come as they were committed.
    "core.autocrlf": "false",
    "core.attributesFile": "/dev/null",
    "core.protectHFS": "true",
    "core.logAllRefUpdates": "false",
    # A file of half a gigabyte would be held in memory whole.
    "core.bigFileThreshold": "8m",
    "gc.autoDetach": "false",
    # A token must not follow to wherever an answer points.
    "http.followRedirects": "false",
    "http.lowSpeedLimit": "500",
    "http.lowSpeedTime": "30",
}

_SSH = (
    "ssh -o BatchMode=yes -o ConnectTimeout=20 -o ServerAliveInterval=15 -o ServerAliveCountMax=4 "
    "-o ControlMaster=no"
)
_MOST_OUTPUT = 64 * 1024
_LOOK_EVERY = 0.2


@dataclass(frozen=True, slots=True)
class Call:
    """How one call of git is kept within bounds: seconds, an open lock, and a word to give up."""

    total_for: float
    lock: int
    given_up: threading.Event


def run_git(source: GitSource, call: Call, *arguments: str) -> str:
    """Run git in the source's work tree; what it printed, without the blanks around it.

    Raises SourceError that says what went wrong and what to do, without any secret. `call.lock`
    is handed on, so that a lock on it lasts as long as a git that outlives us.
    """
    process = subprocess.Popen(  # noqa: S603  (no shell; arguments checked by the configuration)
        [find_git(), *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=source.tree,
        env=compose_environment(source, os.environ),
        pass_fds=(call.lock,),
        # A group of its own can be ended whole, with the helpers that git starts.
        start_new_session=True,
    )
    text = _collect(process, call, arguments[0]).decode("utf-8", "replace")
    if process.returncode != 0:
        raise SourceError(explain_failure(text, source))
    return text.strip()


def find_git() -> str:
    """Where the program is; raises SourceError when it has to be installed first."""
    found = shutil.which("git")
    if found is None:
        raise SourceError(
            "content.git needs the program git, which is not installed here; install it "
            "(Debian and Ubuntu: apt-get install git)"
        )
    return found


def compose_environment(source: GitSource, ours: Mapping[str, str]) -> dict[str, str]:
    """Everything that git is told by its environment; the token is nowhere else."""
    settings = dict(_list_settings(source))
    environment = {name: ours[name] for name in _KEPT if name in ours}
    environment |= {
        "LC_ALL": "C",
        "HOME": str(source.folder),
        "GIT_DIR": str(source.folder / "git"),
        "GIT_WORK_TREE": str(source.tree),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": str(source.folder / "gitconfig"),
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_ALLOW_PROTOCOL": find_protocol(source.url),
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_SSH_COMMAND": _SSH,
        "GIT_CONFIG_COUNT": str(len(settings)),
    }
    for number, (key, value) in enumerate(settings.items()):
        environment |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return environment


def find_protocol(url: str) -> str:
    """The one way that git may take to this address."""
    if url.startswith("/"):
        return "file"
    return url.partition("://")[0] if "://" in url else "ssh"


def _list_settings(source: GitSource) -> Iterator[tuple[str, str]]:
    yield from _FIXED.items()
    if source.token and find_protocol(source.url) in {"https", "http"}:
        parts = urlsplit(source.url)
        value = base64.b64encode(source.login.encode()).decode("ascii")
        yield f"http.{parts.scheme}://{parts.netloc}/.extraHeader", f"Authorization: Basic {value}"


def _collect(process: subprocess.Popen[bytes], call: Call, verb: str) -> bytes:
    """Wait until git has ended; what it printed, of much only the last part."""
    ends_at = time.monotonic() + call.total_for
    kept = b""
    with selectors.DefaultSelector() as selector, cast("IO[bytes]", process.stdout) as output:
        selector.register(output, selectors.EVENT_READ)
        while (left := ends_at - time.monotonic()) > 0 and not call.given_up.is_set():
            if not selector.select(min(left, _LOOK_EVERY)):
                continue
            chunk = os.read(output.fileno(), _MOST_OUTPUT)
            kept = (kept + chunk)[-_MOST_OUTPUT:]
            if not chunk and _has_ended(process, left):
                return kept
    _kill(process)
    if call.given_up.is_set():
        raise SourceError("stopped, because this process was asked to end")
    raise SourceError(
        "git {verb} was not done after {seconds} seconds",
        verb=verb,
        seconds=f"{call.total_for:.0f}",
    )


def _has_ended(process: subprocess.Popen[bytes], within: float) -> bool:
    with suppress(subprocess.TimeoutExpired):
        process.wait(within)
    return process.returncode is not None


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End git with every helper that it started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
