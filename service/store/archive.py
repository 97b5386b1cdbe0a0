"""A backup's one file: what is in it, written whole or not at all, and read with distrust."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import tarfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import IO, Any

from service.errors import StoreError
from service.store.mark import sync_folder

_FORM = 1
_MANIFEST = "manifest.json"
_MOST_MANIFEST = 1 << 20
_CHUNK = 1 << 20
_DAMAGE = (
    *(tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError),
    *(KeyError, TypeError, ValueError),
)


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds: made by which version, when, and how many rows each table had.

    `kind` is "sqlite" or "postgresql", `rows` are counted in the copy itself, and `digests` the
    SHA-256 of each file by its name.
    """

    version: str
    made_at: datetime
    kind: str
    schema: str
    installation: str
    rows: Mapping[str, int]
    digests: Mapping[str, str]


class Archive:
    """A backup that is open to be read."""

    def __init__(self, path: Path, tar: tarfile.TarFile, manifest: Manifest) -> None:
        self._path = path
        self._tar = tar
        self.manifest = manifest

    def extract(self, name: str, target: Path) -> None:
        """Write one of its files to `target`, for nobody else's eyes, and have it on disk.

        Raises StoreError when it is not, byte for byte, what was put into it.
        """
        digest = hashlib.sha256()
        with _damage_told(self._path), _open_private(target) as file:
            for chunk in _read(self._open_member(name)):
                digest.update(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        if digest.hexdigest() != self.manifest.digests.get(name):
            raise StoreError(f"{self._path} is damaged: {name} in it is not what was put into it")

    def _open_member(self, name: str) -> IO[bytes]:
        member = self._tar.extractfile(name)
        if member is None:
            raise KeyError(name)
        return member


def write_archive(target: Path, manifest: Manifest, files: Mapping[str, Path]) -> None:
    """Write `files` by their names into one file that only its owner may read.

    It is written beside `target` and named only when all of it is on disk. Raises StoreError
    when there is something of that name already.
    """
    refuse_existing(target)
    beside = target.with_name(f".{target.name}.new")
    try:
        with _open_private(beside) as file:
            with tarfile.open(fileobj=file, mode="w:gz", compresslevel=6) as tar:
                _add(tar, _MANIFEST, _compose(manifest), manifest.made_at)
                for name, path in files.items():
                    with path.open("rb") as source:
                        _add(tar, name, source, manifest.made_at)
            file.flush()
            os.fsync(file.fileno())
        refuse_existing(target)
        beside.rename(target)
    finally:
        beside.unlink(missing_ok=True)
    sync_folder(target.parent)


def refuse_existing(target: Path) -> None:
    """Raise StoreError when something has that name."""
    if target.exists():
        raise StoreError(f"{target} is there already, and a backup overwrites nothing")


@contextmanager
def open_archive(path: Path) -> Iterator[Archive]:
    """Open a backup; raises StoreError when it is none, or of a form that is not known here."""
    with _damage_told(path):
        tar = tarfile.open(path, "r:gz")  # noqa: SIM115  (closed below)
    with tar:
        with _damage_told(path):
            manifest = _read_manifest(tar, path)
        yield Archive(path, tar, manifest)


def digest_file(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _compose(manifest: Manifest) -> BytesIO:
    document = {"form": _FORM, **asdict(manifest), "made_at": manifest.made_at.isoformat()}
    return BytesIO(json.dumps(document, ensure_ascii=False, indent=1).encode())


def _add(tar: tarfile.TarFile, name: str, source: IO[bytes], made_at: datetime) -> None:
    member = tarfile.TarInfo(name)
    member.size = source.seek(0, os.SEEK_END)
    member.mode, member.mtime = 0o600, int(made_at.timestamp())
    source.seek(0)
    tar.addfile(member, source)


def _read_manifest(tar: tarfile.TarFile, path: Path) -> Manifest:
    member = tar.next()
    if member is None or member.name != _MANIFEST or not member.isreg():
        raise StoreError(f"{path} is no backup made by kawaraban backup")
    file = tar.extractfile(member)
    document: dict[str, Any] = json.loads(file.read(_MOST_MANIFEST) if file else b"")
    if document.pop("form") != _FORM:
        raise StoreError(
            f"{path} was made by a newer version ({document['version']}): install that one"
        )
    document["made_at"] = datetime.fromisoformat(document["made_at"])
    return Manifest(**document)


def _read(source: IO[bytes]) -> Iterator[bytes]:
    while chunk := source.read(_CHUNK):
        yield chunk


def _open_private(path: Path) -> IO[bytes]:
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    return open(os.open(path, flags, 0o600), "wb")  # noqa: PTH123


@contextmanager
def _damage_told(path: Path) -> Iterator[None]:
    try:
        yield
    except _DAMAGE as error:
        raise StoreError(
            f"{path} cannot be read as a backup, or is damaged ({type(error).__name__})"
        ) from error
