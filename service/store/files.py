"""Files as the last scan saw them, each with its verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from service.model.post import Verdict
from service.store.tables import files


@dataclass(frozen=True, slots=True)
class FileRow:
    """One file: how it looked, under which rules it was read, and what became of it.

    `missing_since_at`: it is not in the folder, and its post is kept until that is certain.
    """

    path: str
    size: int
    mtime_ns: int
    digest: str
    rules_digest: str
    verdict: Verdict
    code: str
    message: str
    line: int | None
    post_id: int | None
    missing_since_at: datetime | None = None


_VERDICTS = {verdict.value: verdict for verdict in Verdict}


def list_files(connection: Connection) -> dict[str, FileRow]:
    """Every file of the last scan, by path."""
    query = select(*[files.c[name] for name in FileRow.__slots__]).order_by(files.c.path)
    rows = connection.execute(query)
    # Every look at the folder comes through here: no dictionary and no enum call for each row.
    return {
        path: FileRow(path, size, mtime_ns, digest, rules, _VERDICTS[verdict], *why)
        for path, size, mtime_ns, digest, rules, verdict, *why in rows
    }


def find_unread_file(connection: Connection, post_id: int) -> FileRow | None:
    """The file of a post that cannot be read now; None where all is well with it."""
    query = select(*[files.c[name] for name in FileRow.__slots__]).where(
        files.c.post_id == post_id, files.c.verdict == Verdict.QUARANTINED
    )
    row = connection.execute(query).mappings().first()
    return FileRow(**{**row, "verdict": Verdict(row["verdict"])}) if row else None


def record_files(connection: Connection, rows: Sequence[FileRow]) -> None:
    """Write what became of these files, in place of what was known."""
    if not rows:
        return
    forget_files(connection, [row.path for row in rows])
    connection.execute(
        insert(files),
        [{name: getattr(row, name) for name in FileRow.__slots__} for row in rows],
    )


def touch_files(connection: Connection, touched: Sequence[tuple[str, int, int]]) -> None:
    """Note size and mtime (ns) of files that are there and whose bytes stayed the same."""
    if not touched:
        return
    statement = (
        update(files)
        .where(files.c.path == bindparam("at_path"))
        .values(
            size=bindparam("new_size"), mtime_ns=bindparam("new_mtime_ns"), missing_since_at=None
        )
    )
    connection.execute(
        statement,
        [
            {"at_path": path, "new_size": size, "new_mtime_ns": mtime_ns}
            for path, size, mtime_ns in touched
        ],
    )


def miss_files(connection: Connection, paths: Sequence[str], now: datetime) -> None:
    """Note that these files are not in the folder, without believing it yet."""
    if paths:
        connection.execute(
            update(files).where(files.c.path == bindparam("at_path")).values(missing_since_at=now),
            [{"at_path": path} for path in paths],
        )


def assign_files(connection: Connection, post_ids: Mapping[str, int]) -> None:
    """Note that the files at these paths belong to other posts than was thought."""
    if post_ids:
        connection.execute(
            update(files)
            .where(files.c.path == bindparam("at_path"))
            .values(post_id=bindparam("new_post_id")),
            [{"at_path": path, "new_post_id": post_id} for path, post_id in post_ids.items()],
        )


def forget_files(connection: Connection, paths: Sequence[str]) -> None:
    """Forget files that are not there any more."""
    if paths:
        connection.execute(
            delete(files).where(files.c.path == bindparam("at_path")),
            [{"at_path": path} for path in paths],
        )
