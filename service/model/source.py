"""A repository that the posts are pulled from."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path


@dataclass(frozen=True, slots=True)
class GitSource:
    """A repository, what is wanted of it, and the `folder` that it is kept in here.

    `url` is https, ssh, or the absolute path of a repository on this machine, never with a
    password; an empty `branch` is the repository's own choice; `path` is the folder of the posts
    inside of it, "" for its top. Without a `push_secret` no hook may ask for a pull.
    """

    url: str
    branch: str
    path: str
    folder: Path
    every_for: timedelta
    token: str = field(default="", repr=False)
    push_secret: str = field(default="", repr=False)

    @property
    def name(self) -> str:
        """What the source is known by, in the database and to people."""
        return f"{self.url} ({self.branch})" if self.branch else self.url

    @property
    def login(self) -> str:
        """User and password for https; hosts take a token for any user's password."""
        return self.token if ":" in self.token else f"x-access-token:{self.token}"

    @property
    def tree(self) -> Path:
        """Where its files lie."""
        return self.folder / "tree"

    @property
    def content(self) -> Path:
        """Where its posts lie."""
        return self.tree / self.path
