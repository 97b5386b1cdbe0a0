"""`posts`: verdicts and the gate; release what is held, or hold what should wait."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import click
from rich.console import RenderableType
from sqlalchemy import Connection

from service.cli.post_lookup import look_up
from service.cli.printing import (
    describe_post,
    json_option,
    make_table,
    need_attention,
    show,
    write_minute,
)
from service.cli.session import Session, pass_session
from service.cli.showing import describe_finding, show_
from service.cli.verdicts import write_state
from service.errors import UsageError
from service.model.editor import COMMAND
from service.model.post import Finding, Post, Verdict
from service.scanning import hold_posts_by_hand, release_mass, release_posts
from service.scanning.holding import HELD_NOTE, RELEASED_NOTE
from service.store.database import Database
from service.store.files import FileRow, list_files
from service.store.posts import list_posts

HELD = "held"
_STATES = (*(one.value for one in Verdict), HELD)
_NO_POSTS = (Verdict.QUARANTINED, Verdict.NOT_A_POST)


@click.group("posts")
def posts() -> None:
    """Look at posts; release or hold them for mail."""


@posts.command("list")
@click.option("--state", type=click.Choice(_STATES), help="Only these.")
@click.option("--held", is_flag=True, help="Only posts that are kept out of mail.")
@click.option("--rule", metavar="NAME", help="Only posts in which this rule found something.")
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True)
@json_option
@pass_session
def list_(
    session: Session, *, state: str | None, held: bool, rule: str | None, limit: int, as_json: bool
) -> None:
    """List posts, the newest first; with --state also files that are none."""
    works = session.open_app().works
    with works.database.reading() as connection:
        files = list_files(connection).values()
        found = list_posts(connection)
    if state in _NO_POSTS:
        _show_files([file for file in files if file.verdict == state], as_json=as_json)
        return
    now = works.clock()
    chosen = [
        post
        for post in found
        if _is_in(post, state, now)
        and (not held or post.hold is not None)
        and (rule is None or _list_found(post, rule))
    ]
    document = {
        "total": len(chosen),
        "posts": [_describe(post, now, rule) for post in chosen[:limit]],
    }
    rows = [
        (
            write_minute(post.published_at, session.zone),
            write_state(post, now),
            post.title,
            "; ".join(finding.message for finding in _list_found(post, rule)),
            post.path,
        )
        for post in chosen[:limit]
    ]
    columns = ("published", "state", "title", "found", "file")
    lines: list[RenderableType] = [make_table(columns, rows)]
    if len(chosen) > limit:
        lines += ["", f"{limit:,} of {len(chosen):,}; --limit shows more"]
    show(document, *(lines if rows else ["No such posts."]), as_json=as_json)


posts.add_command(show_)


@posts.command("release")
@click.argument("paths", metavar="[PATH]...", nargs=-1)
@click.option("--mass", is_flag=True, help="Every post that is held because many came at once.")
@click.option("--note", default=RELEASED_NOTE, show_default=True)
@json_option
@pass_session
def release(
    session: Session, *, paths: tuple[str, ...], mass: bool, note: str, as_json: bool
) -> None:
    """Let held or late posts become news: the next pass gives them their number."""
    if not mass and not paths:
        raise UsageError("name a post, or release all that came at once with --mass")
    works = session.open_app().works
    ids = _find_all(session, works.database, paths)
    chosen = release_posts(works.database, ids, works.clock(), note, by=COMMAND)
    if mass:
        chosen += release_mass(works.database, works.clock(), note, by=COMMAND)
    _show_changed("released", chosen, as_json=as_json)


@posts.command("hold")
@click.argument("paths", metavar="PATH...", nargs=-1, required=True)
@click.option("--note", default=HELD_NOTE, show_default=True)
@json_option
@pass_session
def hold(session: Session, *, paths: tuple[str, ...], note: str, as_json: bool) -> None:
    """Keep posts out of mail until they are released; feeds show them all the same."""
    works = session.open_app().works
    ids = _find_all(session, works.database, paths)
    chosen = hold_posts_by_hand(works.database, ids, works.clock(), note, by=COMMAND)
    _show_changed("held", chosen, as_json=as_json)


def _is_in(post: Post, state: str | None, now: datetime) -> bool:
    if state is None:
        return True
    return post.hold is not None if state == HELD else post.verdict(now) == state


def _find_all(session: Session, database: Database, paths: Iterable[str]) -> list[int]:
    with database.reading() as connection:
        return [_find(connection, session, path).post_id for path in paths]


def _find(connection: Connection, session: Session, path: str) -> Post:
    found = look_up(connection, session, path)
    if found.post is None or found.gone_at is not None:
        raise UsageError(f"{path!r} is no post now; see: kawaraban posts show {path}")
    return found.post


def _list_found(post: Post, rule: str | None) -> list[Finding]:
    return [finding for finding in post.findings if finding.rule == rule]


def _describe(post: Post, now: datetime, rule: str | None) -> dict[str, object]:
    return {
        **describe_post(post),
        "id": post.uid,
        "verdict": post.verdict(now),
        "hold": post.hold,
        "hold_note": post.hold_note,
        "findings": [
            describe_finding(finding)
            for finding in post.findings
            if rule is None or finding.rule == rule
        ],
    }


def _show_files(files: Iterable[FileRow], *, as_json: bool) -> None:
    found = list(files)
    document = {
        "total": len(found),
        "files": [
            {"path": f.path, "line": f.line, "code": f.code, "message": f.message} for f in found
        ],
    }
    rows = [(f.path if f.line is None else f"{f.path}:{f.line}", f.code, f.message) for f in found]
    table = make_table(("file", "code", "why"), rows)
    show(document, table if rows else "No such files.", as_json=as_json)
    need_attention(any(file.verdict is Verdict.QUARANTINED for file in found))


def _show_changed(what: str, changed: list[Post], *, as_json: bool) -> None:
    document = {"posts": [describe_post(post) for post in changed]}
    lines = [f"{what}: {post.path}" for post in changed] or [f"Nothing was {what}."]
    show(document, *lines, as_json=as_json)
