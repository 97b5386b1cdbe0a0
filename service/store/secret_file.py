"""The secret that signs links: made once, kept beside the database, never inside it."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path

from service.errors import StoreError

_NAME = "secret.json"


def find_secret(folder: Path) -> Path:
    """Where the keys are, or will be."""
    return folder / _NAME


def has_secret(folder: Path) -> bool:
    """Whether there are keys already."""
    return find_secret(folder).exists()


def open_secret(folder: Path) -> list[tuple[str, bytes]]:
    """The keys by id, the current one first; made when there is none yet.

    Raises StoreError when the file is damaged: links already mailed depend on it.
    """
    path = find_secret(folder)
    if not path.exists():
        _write(path, [{"id": secrets.token_hex(2), "secret": secrets.token_hex(32)}])
    try:
        keys = json.loads(path.read_text(encoding="ascii"))["keys"]
        return [(key["id"], bytes.fromhex(key["secret"])) for key in keys]
    except (ValueError, KeyError, TypeError) as error:
        raise StoreError(
            f"{path} is damaged; every link in mail already sent was signed with it: "
            "restore it from a backup"
        ) from error


def _write(path: Path, keys: list[dict[str, str]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".new")
    with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:  # noqa: PTH123
        json.dump({"keys": keys}, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
