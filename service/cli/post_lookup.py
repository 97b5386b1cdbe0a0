"""A post by whatever somebody calls it: file, file name, address, id, or where it once lay."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePosixPath
from urllib.parse import unquote

from sqlalchemy import Connection

from service.cli.naming import find_near_paths
from service.cli.session import Session
from service.errors import UsageError
from service.model.post import Post
from service.store.files import FileRow, list_files
from service.store.post_history import list_former_holders
from service.store.post_paths import list_traces
from service.store.posts import find_post, find_posts, list_posts

_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Found:
    """What is known by a name: a post, the file of the last scan, or both.

    `post` of a quarantined file is its last good version. `by` says how it was found when not
    by its own name; `gone_at` is when its file vanished.
    """

    post: Post | None
    file: FileRow | None
    by: str = ""
    gone_at: datetime | None = None


def look_up(connection: Connection, session: Session, text: str) -> Found:
    """What `text` names; raises UsageError with near names when it names nothing, or several."""
    name = session.name_post(text)
    files = list_files(connection)
    if post := find_post(connection, name):
        return Found(post, files.get(post.path))
    if file := _find_file(files, name):
        posts = find_posts(connection, [file.post_id] if file.post_id else [])
        return Found(posts.get(file.post_id or 0), file)
    found = _find_by_address(connection, text) or _find_former(connection, name)
    if found is None:
        raise UsageError(_explain(session, name, list(files)))
    post, by, gone_at = found
    return Found(post, None if gone_at else files.get(post.path), by, gone_at)


def _find_file(files: dict[str, FileRow], name: str) -> FileRow | None:
    if name in files:
        return files[name]
    found = [file for path, file in files.items() if path.endswith(f"/{name}")]
    if len(found) > 1:
        paths = ", ".join(file.path for file in found[:5])
        raise UsageError(f"{name!r} may be any of {len(found)} files: {paths}; name it in full")
    return found[0] if found else None


Named = tuple[Post, str, datetime | None]


def _find_by_address(connection: Connection, text: str) -> Named | None:
    if "://" not in text:
        return None
    wanted = _plain(text)
    posts = list_posts(connection)
    for by, addresses in (("", _own_address), ("its former address", _former_addresses)):
        for post in posts:
            if wanted in map(_plain, addresses(post)):
                return post, by, None
    return None


def _find_former(connection: Connection, name: str) -> Named | None:
    """The post that left this path last, or one whose file vanished from it."""
    gone = [one for one in list_traces(connection) if one.gone_at is not None]
    gone_ids = {one.post_id for one in gone}
    for post_id in list_former_holders(connection, name):
        if post_id not in gone_ids:
            return find_posts(connection, [post_id])[post_id], "its former path", None
    for one in sorted(gone, key=lambda one: one.gone_at or _NEVER, reverse=True):
        if name in (one.path, one.uid, PurePosixPath(one.path).name):
            return find_posts(connection, [one.post_id])[one.post_id], "", one.gone_at
    return None


def _own_address(post: Post) -> tuple[str, ...]:
    return (post.url,)


def _former_addresses(post: Post) -> tuple[str, ...]:
    return post.former_urls


def _plain(address: str) -> str:
    return unquote(address).partition("#")[0].removesuffix("index.html").rstrip("/")


def _explain(session: Session, name: str, paths: list[str]) -> str:
    near = find_near_paths(name, paths)
    advice = f"; near it: {', '.join(near)}" if near else "; see: kawaraban posts list"
    root = session.config.content.path
    if (root / name).is_file():
        return f"{name!r} lies in {root}, but no scan has taken it for a post yet{advice}"
    return f"there is no post {name!r}{advice}"
