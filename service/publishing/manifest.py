"""What a build leaves beside its files: the list of those that are its own.

A folder is built with a database or without one, never by turns: entries have other ids then,
and every feed reader would show every post once more.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from service.errors import UsageError

MANIFEST_NAME = ".kawaraban.json"


@dataclass(frozen=True, slots=True)
class FileList:
    """A list of files: what its own file is called, and who says in it to have made it."""

    name: str
    made_by: str


FEEDS_LIST = FileList(MANIFEST_NAME, "kawaraban build --without-database")
PAGES_LIST = FileList(".kawaraban-pages.json", "kawaraban build")


def read_manifest(folder: Path, which: FileList = FEEDS_LIST) -> dict[str, str] | None:
    """The files that an earlier build wrote, each with its sha256 in hex; None without a list.

    Raises UsageError when there is a file of that name and it is no list of ours.
    """
    path = folder / which.name
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} cannot be read; take it away to build afresh") from error
    files = document.get("files") if isinstance(document, dict) else None
    if not isinstance(files, dict) or document.get("made_by") != which.made_by:
        raise UsageError(f"{path} is no list of ours; take it away to build afresh")
    return {name: str(digest) for name, digest in files.items()}


def write_manifest(folder: Path, files: Mapping[str, str], which: FileList = FEEDS_LIST) -> None:
    """Put the list of files and their sha256 into the folder, whole or not at all."""
    document = {"made_by": which.made_by, "files": dict(sorted(files.items()))}
    text = json.dumps(document, ensure_ascii=False, indent=1) + "\n"
    path = folder / which.name
    folder.mkdir(parents=True, exist_ok=True)
    if path.is_file() and path.read_bytes() == text.encode():
        return
    part = path.with_name(f"{which.name}.part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)


def drop_manifest(folder: Path) -> bool:
    """Take the list away, because somebody else builds into the folder now; False without one."""
    path = folder / MANIFEST_NAME
    is_there = path.is_file()
    path.unlink(missing_ok=True)
    return is_there
