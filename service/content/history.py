"""When files came into their git repository: the date of last resort for posts without one."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from threading import Timer

from service.content.listing import make_key

_MAX_OUTPUT = 64 * 1024 * 1024
_TOTAL_FOR = 30.0
_MARK = "\x01"
# Nothing a repository's own configuration names is run, and nothing is fetched.
_GIT = ("git", "-c", "core.fsmonitor=false", "-c", "core.quotePath=false", "--no-pager")
_LOG = (
    "log", "-z", f"--format=tformat:{_MARK}%aI", "--name-status", "--diff-filter=AR", "-M100%",
    "--relative", "--no-show-signature", "--no-ext-diff", "--no-textconv", "--", "*.md",
    "*.markdown",
)  # fmt: skip


class AddedTimes:
    """Says when the author of a commit first added a path; asks git once, and only if asked."""

    def __init__(self, root: Path) -> None:
        """Look in the repository that `root`, the folder of posts, lies in."""
        self._root = root
        self._times: Mapping[str, datetime] | None = None

    def __call__(self, path: str) -> datetime | None:
        """Return when the file at `path` (a key, relative to the root) was added, aware.

        None where nobody knows: no repository, not committed yet, a shallow clone, no git.
        """
        if self._times is None:
            self._times = find_added_times(self._root)
        return self._times.get(path)


def find_added_times(root: Path) -> Mapping[str, datetime]:
    """Return when each Markdown file below `root` was first added; empty where git cannot say.

    Files renamed without a change keep the time of their first name. Takes half a minute at
    most and never raises for what a repository is like.
    """
    if _run(root, ("rev-parse", "--is-shallow-repository")) != b"false\n":
        # A shallow clone would say that every file was added by its oldest commit.
        return {}
    output = _run(root, _LOG)
    return _read_log(os.fsdecode(output)) if output else {}


def _run(root: Path, arguments: tuple[str, ...]) -> bytes:
    """Return what git says, b"" when it fails, says too much or takes too long."""
    try:
        process = subprocess.Popen(  # noqa: S603 - fixed words, no shell
            [*_GIT, *arguments],
            cwd=root,
            env=_make_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
    except OSError:
        return b""
    timer = Timer(_TOTAL_FOR, process.kill)
    timer.start()
    try:
        with process:
            output = process.stdout.read(_MAX_OUTPUT + 1) if process.stdout else b""
            if len(output) > _MAX_OUTPUT:
                process.kill()
    finally:
        timer.cancel()
    return output if process.returncode == 0 else b""


def _make_environment() -> dict[str, str]:
    # Run from a hook, git's own variables would lead to another repository.
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return {**kept, "GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1", "GIT_TERMINAL_PROMPT": "0"}


def _read_log(output: str) -> dict[str, datetime]:
    """Return the time of each path's first addition; the log runs from the newest commit."""
    times: dict[str, datetime] = {}
    names: dict[str, str] = {}
    for added_at, path, earlier in _list_changes(output):
        now = names.get(path, path)
        if earlier:
            names[earlier] = now
        times[make_key(now)] = added_at
    return times


def _list_changes(output: str) -> Iterator[tuple[datetime, str, str]]:
    """Yield (time, path, what it was called before or "") of every addition and rename."""
    fields = iter(output.split("\0"))
    added_at: datetime | None = None
    for field in fields:
        word = field.strip("\n")
        if word.startswith(_MARK):
            added_at = _read_time(word[1:])
        elif word.startswith("R") and added_at:
            earlier = next(fields, "")
            yield added_at, next(fields, ""), earlier
        elif word == "A" and added_at:
            yield added_at, next(fields, ""), ""


def _read_time(written: str) -> datetime | None:
    try:
        return datetime.fromisoformat(written)
    except ValueError:
        # A commit may claim any time, also one that no calendar has.
        return None
