"""Watching a folder: watchfiles' only home. It tells that something changed, never what."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path, PurePath

import structlog
from watchfiles import Change, watch

log = structlog.get_logger(__name__)

_QUIET_FOR_MS = 50
"""A burst of changes is over when it has been quiet for so long ..."""

_LONGEST_BURST_MS = 2000
"""... but the first of them is told no later than this."""

_SIGN_OF_LIFE_MS = 5000

_SKIPPED = frozenset({"node_modules", "__pycache__"})


class FolderWatch:
    """A thread that hears of changes in a folder within a second.

    `on_word` is told whether something changed; without a change it is a sign of life. `on_end`
    is called when the watch fails: what it did hear until then was told.
    """

    def __init__(
        self,
        folder: Path,
        unwatched: Sequence[Path],
        on_word: Callable[[bool], None],
        on_end: Callable[[], None],
    ) -> None:
        self._folder = folder
        self._unwatched = unwatched
        self._on_word = on_word
        self._on_end = on_end
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._told = ""

    def start(self) -> None:
        """Begin, or begin anew after a failure."""
        if self._thread is None or not self._thread.is_alive():
            self._stopping.clear()
            self._thread = threading.Thread(target=self._run, name="watch", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Hear of nothing any more."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        try:
            self._listen()
        except (OSError, RuntimeError) as error:
            # Out of watches, no such folder, a file system without them.
            if self._told != str(error):
                self._told = str(error)
                log.warning("the folder is looked at, not watched", reason=str(error))
            self._on_end()

    def _listen(self) -> None:
        root = self._folder.resolve()
        words = watch(
            root,
            watch_filter=NewsFilter(root, [path.resolve() for path in self._unwatched]),
            debounce=_LONGEST_BURST_MS,
            step=_QUIET_FOR_MS,
            rust_timeout=_SIGN_OF_LIFE_MS,
            yield_on_timeout=True,
            stop_event=self._stopping,
            # Looking at every file again and again is what the clock does better.
            force_polling=False,
            # It would also pass over a folder that is not there at all.
            ignore_permission_denied=False,
            raise_interrupt=False,
            debug=False,
        )
        watched = _identify(root)
        for changes in words:
            self._on_word(bool(changes))
            if _identify(root) != watched:
                raise FileNotFoundError(f"{root} is another folder now")
            self._told = ""


def _identify(root: Path) -> tuple[int, int]:
    """What tells a folder from another one of its name, of which the watch would hear nothing."""
    status = root.stat()
    return status.st_dev, status.st_ino


class NewsFilter:
    """Keeps what may change a post: nothing hidden, nothing that we write ourselves."""

    def __init__(self, root: Path, unwatched: Sequence[Path]) -> None:
        self._root = PurePath(root)
        self._unwatched = [PurePath(path) for path in unwatched if path != root]

    def __call__(self, _change: Change, path: str) -> bool:
        """Whether a change at this path is worth a look."""
        changed = PurePath(path)
        if any(changed.is_relative_to(own) for own in self._unwatched):
            return False
        if not changed.is_relative_to(self._root):
            return True
        parts = changed.relative_to(self._root).parts
        return not any(part.startswith(".") or part in _SKIPPED for part in parts)
