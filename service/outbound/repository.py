"""A repository kept here: fetched first, then laid down whole, or known not to be whole.

What lies in `GitSource.folder`: `git`, the repository with its history; `tree`, its files;
`state.json`, which revision they are and whether they are all there; `lock`; `gitconfig`, the
only settings that git may read.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from service.errors import AlreadyRunningError, SourceError
from service.model.source import GitSource
from service.outbound.git import Call, find_git, run_git

_FETCH_FOR = 1800.0
"""Seconds for a fetch: the first one brings the whole history. A stalled one ends far sooner."""

_SWITCH_FOR = 600.0
_LOOK_EVERY = 0.1
_NEWEST = "refs/kawaraban/newest"
_REVISION = re.compile(r"[0-9a-f]{40,64}")

_PLAIN_FILES = "* -text !eol -ident !filter !working-tree-encoding\n"
"""Attributes over all others: no filter of a repository's choice, no other line ends."""


class Repository:
    """One repository, for one process at a time."""

    def __init__(self, source: GitSource) -> None:
        self.source = source
        self._given_up = threading.Event()
        self._never = threading.Event()

    @property
    def is_given_up(self) -> bool:
        """Whether this process was asked to end."""
        return self._given_up.is_set()

    def give_up(self) -> None:
        """End the fetch under way, and begin no other; a switch under way is finished."""
        self._given_up.set()

    def find_revision(self) -> str:
        """The revision that is wholly there, "" when none is."""
        revision, is_whole = self._read_state()
        return revision if is_whole and self.source.tree.is_dir() else ""

    def recover(self) -> None:
        """Finish a switch that was broken off; needs no network. Without one, do nothing.

        A git that outlived the process of before is waited for.
        """
        revision, is_whole = self._read_state()
        if revision and not is_whole:
            with self._hold(_SWITCH_FOR) as lock, suppress(SourceError):
                self._lay_down(revision, lock)
                self._write_state(revision, is_whole=True)

    def fetch(self) -> str:
        """Bring the newest revision here and return it; the files in the tree stay as they are.

        Raises SourceError, and AlreadyRunningError while another process is at it.
        """
        source = self.source
        wanted = f"refs/heads/{source.branch}" if source.branch else "HEAD"
        find_git()
        with self._hold() as lock:
            self._prepare(lock)
            run_git(
                source,
                Call(_FETCH_FOR, lock, self._given_up),
                *("fetch", "--quiet", "--force", "--no-tags", "--no-recurse-submodules"),
                *("--no-auto-gc", "--no-write-fetch-head", "--"),
                *(source.url, f"+{wanted}:{_NEWEST}"),
            )
            return self._read_revision(lock)

    def switch(self, revision: str) -> None:
        """Lay the files of `revision` down; only files that differ are written.

        When that fails the revision before is laid down again. Whoever is killed in the middle
        leaves a tree that says that it is not whole. Raises SourceError.
        """
        before = self.find_revision()
        if revision == before:
            return
        with self._hold() as lock:
            self._check_folder(revision, lock)
            self._write_state(revision, is_whole=False)
            try:
                self._lay_down(revision, lock)
            except SourceError:
                self._return_to(before, lock)
                raise
            self._write_state(revision, is_whole=True)
            self._tidy(lock)

    def _prepare(self, lock: int) -> None:
        """Make the repository, or see that it has what it needs: all of this may be repeated."""
        folder = self.source.folder
        safe = f"[safe]\n\tdirectory = {json.dumps(self.source.url)}\n"
        (folder / "gitconfig").write_text(safe if self.source.url[0] == "/" else "", "utf-8")
        run_git(self.source, self._briefly(lock), "init", "--quiet", "--template=")
        (folder / "git" / "info").mkdir(exist_ok=True)
        (folder / "git" / "info" / "attributes").write_text(_PLAIN_FILES, "utf-8")
        # Whoever looks for a site above the posts must stop here.
        (self.source.tree / ".git").write_text("gitdir: ../git\n", "utf-8")

    def _read_revision(self, lock: int) -> str:
        said = run_git(
            self.source, self._briefly(lock), "rev-parse", "--verify", f"{_NEWEST}^{{commit}}"
        )
        found = _REVISION.fullmatch(said.rpartition("\n")[2])
        if found is None:
            raise SourceError("git did not say which revision is the newest")
        return found[0]

    def _check_folder(self, revision: str, lock: int) -> None:
        path = self.source.path
        if not path:
            return
        try:
            kind = run_git(self.source, self._briefly(lock), "cat-file", "-t", f"{revision}:{path}")
        except SourceError:
            kind = ""
        if kind != "tree":
            raise SourceError(
                "the newest revision ({revision}) of {source} has no folder {path}; see "
                "content.git",
                revision=revision[:12],
                source=self.source.name,
                path=path,
            )

    def _lay_down(self, revision: str, lock: int) -> None:
        began_ns = time.time_ns()
        call = Call(_SWITCH_FOR, lock, self._never)
        run_git(self.source, call, "reset", "--hard", "--quiet", revision, "--")
        run_git(self.source, call, "clean", "-ffdqx")
        _secure(self.source.tree, began_ns - 1_000_000_000)

    def _return_to(self, revision: str, lock: int) -> None:
        if not revision:
            return
        with suppress(SourceError):
            self._lay_down(revision, lock)
            self._write_state(revision, is_whole=True)

    def _tidy(self, lock: int) -> None:
        """Pack what many small fetches have left; that it fails harms nothing."""
        with suppress(SourceError):
            run_git(self.source, Call(_SWITCH_FOR, lock, self._given_up), "gc", "--auto", "--quiet")

    def _briefly(self, lock: int) -> Call:
        return Call(60.0, lock, self._given_up)

    @contextmanager
    def _hold(self, wait_for: float = 0.0) -> Iterator[int]:
        """Hold the repository; a git that outlives its process holds it until it ends as well."""
        folder = self.source.folder
        try:
            self.source.tree.mkdir(parents=True, exist_ok=True)
            folder.chmod(0o700)
            with (folder / "lock").open("a") as file:
                self._take(file.fileno(), wait_for)
                _remove_stale_locks(folder / "git")
                yield file.fileno()
        except OSError as error:
            raise SourceError(
                "{folder} cannot be used: {problem}", folder=folder, problem=error.strerror
            ) from error

    def _take(self, lock: int, wait_for: float) -> None:
        ends_at = time.monotonic() + wait_for
        while not _try_lock(lock):
            if time.monotonic() >= ends_at or self._given_up.wait(_LOOK_EVERY):
                raise AlreadyRunningError(
                    f"another process is pulling into {self.source.folder} just now"
                )

    def _read_state(self) -> tuple[str, bool]:
        """The revision being or having been laid down, and whether that was finished."""
        try:
            state = json.loads((self.source.folder / "state.json").read_bytes())
        except (OSError, ValueError):
            return "", False
        if not isinstance(state, dict) or state.get("source") != self.source.name:
            return "", False
        return str(state.get("revision", "")), state.get("is_whole") is True

    def _write_state(self, revision: str, *, is_whole: bool) -> None:
        state = {"source": self.source.name, "revision": revision, "is_whole": is_whole}
        path = self.source.folder / "state.json"
        fresh = path.with_suffix(".new")
        with fresh.open("w", encoding="utf-8") as file:
            json.dump(state, file)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
        _sync(path.parent)


def _try_lock(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _remove_stale_locks(git: Path) -> None:
    """Remove what a killed git left: ours is the only one, so nobody holds these."""
    for path in (*git.glob("*.lock"), *git.glob("refs/**/*.lock")):
        path.unlink(missing_ok=True)


def _secure(tree: Path, since_ns: int) -> None:
    """Put what is new on disk for good, and take away links that lead out of the tree."""
    real = tree.resolve()
    for entry in _walk(tree):
        if entry.is_symlink():
            if not _stays_inside(Path(entry.path), real):
                os.unlink(entry.path)  # noqa: PTH108  (the link, not where it leads)
        elif entry.stat(follow_symlinks=False).st_mtime_ns >= since_ns:
            _sync(Path(entry.path))


def _walk(tree: Path) -> Iterator[os.DirEntry[str]]:
    folders = [str(tree)]
    while folders:
        with os.scandir(folders.pop()) as entries:
            for entry in list(entries):
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
                yield entry


def _stays_inside(link: Path, real_tree: Path) -> bool:
    try:
        return link.resolve().is_relative_to(real_tree)
    except (OSError, RuntimeError):
        return False


def _sync(path: Path) -> None:
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
