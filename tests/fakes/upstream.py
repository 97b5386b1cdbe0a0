"""A repository somewhere else: a real one, on this machine, that somebody pushes to."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

_ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "HOME": "/nonexistent",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "a",
    "GIT_AUTHOR_EMAIL": "a@example.com",
    "GIT_COMMITTER_NAME": "a",
    "GIT_COMMITTER_EMAIL": "a@example.com",
}


class Upstream:
    """Its files in `folder`, its branch `main`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        self.git("init", "--quiet", "--template=", "--initial-branch=main")

    def write(self, path: str, text: str | bytes) -> None:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode() if isinstance(text, str) else text)

    def link(self, path: str, target: str) -> None:
        (self.folder / path).symlink_to(target)

    def commit(self) -> str:
        """Everything as it lies there, pushed; the revision."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message=m")
        return self.git("rev-parse", "HEAD").strip()

    def git(self, *words: str) -> str:
        return subprocess.run(
            ["git", "-c", "gc.auto=0", *words],
            cwd=self.folder,
            env=_ENVIRONMENT,
            check=True,
            capture_output=True,
            text=True,
        ).stdout
