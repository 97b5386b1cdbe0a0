"""`posts`: verdicts and the gate; release what is held, or hold what should wait."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime

import click
from rich.console import RenderableType
from sqlalchemy import Connection

from service.cli.printing import (
    describe_post,
    json_option,
    make_facts,
    make_table,
    need_attention,
    show,
    write_minute,
    write_moment,
)
from service.cli.session import Session, pass_session
from service.editions.news import judge_news
from service.errors import UsageError
from service.model.newsletter import Newsletter
from service.model.post import Hold, Post, Verdict
from service.store.files import FileRow, list_files
from service.store.news import find_news_numbers, find_newsletter_start
from service.store.posts import find_post, hold_post, list_posts, release_post

HELD = "held"
_STATES = (*(one.value for one in Verdict), HELD)
_NO_POSTS = (Verdict.QUARANTINED, Verdict.NOT_A_POST)


@click.group("posts")
def posts() -> None:
    """Look at posts; release or hold them for mail."""


@posts.command("list")
@click.option("--state", type=click.Choice(_STATES), help="Only these.")
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True)
@json_option
@pass_session
def list_(session: Session, *, state: str | None, limit: int, as_json: bool) -> None:
    """List posts, the newest first; with --state also files that are none."""
    works = session.open_app().works
    with works.database.reading() as connection:
        files = list_files(connection).values()
        found = list_posts(connection)
    if state in _NO_POSTS:
        _show_files([file for file in files if file.verdict == state], as_json=as_json)
        return
    now = works.clock()
    chosen = [post for post in found if _is_in(post, state, now)]
    document = {
        "total": len(chosen),
        "posts": [_describe(post, now) for post in chosen[:limit]],
    }
    rows = [
        (
            write_minute(post.published_at, session.zone),
            _write_state(post, now),
            post.title,
            post.path,
        )
        for post in chosen[:limit]
    ]
    lines: list[RenderableType] = [make_table(("published", "state", "title", "file"), rows)]
    if len(chosen) > limit:
        lines += ["", f"{limit:,} of {len(chosen):,}; --limit shows more"]
    show(document, *(lines if rows else ["No such posts."]), as_json=as_json)


@posts.command("show")
@click.argument("path")
@json_option
@pass_session
def show_(session: Session, *, path: str, as_json: bool) -> None:
    """Show everything known of one post: its identity, what was found in it, where it is news.

    PATH is the file, as it lies there or as `posts list` shows it, or the post's id.
    """
    works = session.open_app().works
    now = works.clock()
    with works.database.reading() as connection:
        post = _find(connection, session.name_post(path))
        news = {
            name: _judge(connection, post, newsletter, now)
            for name, newsletter in works.press.newsletters.items()
        }
    document = {**_describe(post, now), **_describe_more(post), "news": news}
    findings = [(one.level, one.rule, one.line, one.message) for one in post.findings]
    lines: list[RenderableType] = [make_facts(_list_facts(session, post, now)), ""]
    lines += [make_table(("newsletter", "is it news?"), list(news.items())), ""] if news else []
    lines += [make_table(("level", "rule", "#line", "finding"), findings), ""] if findings else []
    show(document, *lines, as_json=as_json)


@posts.command("release")
@click.argument("paths", metavar="[PATH]...", nargs=-1)
@click.option("--mass", is_flag=True, help="Every post that is held because many came at once.")
@click.option("--note", default="released by an editor", show_default=True)
@json_option
@pass_session
def release(
    session: Session, *, paths: tuple[str, ...], mass: bool, note: str, as_json: bool
) -> None:
    """Let held or late posts become news: the next pass gives them their number."""
    works = session.open_app().works
    with works.database.writing() as connection:
        chosen = [_find(connection, session.name_post(path)) for path in paths]
        if mass:
            chosen += [post for post in list_posts(connection) if post.hold is Hold.MASS]
        elif not paths:
            raise UsageError("name a post, or release all that came at once with --mass")
        for post in chosen:
            release_post(connection, post.post_id, note, works.clock())
    _show_changed("released", chosen, as_json=as_json)


@posts.command("hold")
@click.argument("paths", metavar="PATH...", nargs=-1, required=True)
@click.option("--note", default="held by an editor", show_default=True)
@json_option
@pass_session
def hold(session: Session, *, paths: tuple[str, ...], note: str, as_json: bool) -> None:
    """Keep posts out of mail until they are released; feeds show them all the same."""
    with session.open_app().works.database.writing() as connection:
        chosen = [_find(connection, session.name_post(path)) for path in paths]
        for post in chosen:
            hold_post(connection, post.post_id, note)
    _show_changed("held", chosen, as_json=as_json)


def count_verdicts(connection: Connection, now: datetime) -> Counter[Verdict]:
    """How many files end in each verdict at `now`; time alone publishes a scheduled one."""
    found = {post.post_id: post for post in list_posts(connection)}
    counts: Counter[Verdict] = Counter()
    for file in list_files(connection).values():
        post = found.get(file.post_id or 0)
        is_dated = file.verdict in {Verdict.PUBLISHED, Verdict.SCHEDULED}
        counts[post.verdict(now) if post and is_dated else file.verdict] += 1
    return counts


def write_verdicts(verdicts: Mapping[Verdict, int]) -> str:
    """Counts of verdicts in a line."""
    counted = (f"{verdicts[one]:,} {one}" for one in Verdict if verdicts.get(one))
    return ", ".join(counted) or "none"


def _is_in(post: Post, state: str | None, now: datetime) -> bool:
    if state is None:
        return True
    return post.hold is not None if state == HELD else post.verdict(now) == state


def _find(connection: Connection, path: str) -> Post:
    post = find_post(connection, path)
    if post is None:
        raise UsageError(f"there is no post {path!r}, or more than one; see: kawaraban posts list")
    return post


def _judge(connection: Connection, post: Post, newsletter: Newsletter, now: datetime) -> str:
    numbers: Mapping[int, int] = find_news_numbers(
        connection, newsletter.newsletter_id, [post.post_id]
    )
    if post.post_id in numbers:
        return f"news number {numbers[post.post_id]}"
    since_at = find_newsletter_start(connection, newsletter.newsletter_id)
    return str(judge_news(post, newsletter, now, since_at))


def _write_state(post: Post, now: datetime) -> str:
    if post.hold is not None:
        return f"{post.verdict(now)}, held: {post.hold} ({post.hold_note})"
    return str(post.verdict(now))


def _describe(post: Post, now: datetime) -> dict[str, object]:
    return {
        **describe_post(post),
        "id": post.uid,
        "verdict": post.verdict(now),
        "hold": post.hold,
        "hold_note": post.hold_note,
    }


def _describe_more(post: Post) -> dict[str, object]:
    return {
        "updated_at": post.updated_at,
        "first_seen_at": post.first_seen_at,
        "released_at": post.released_at,
        "is_known": post.is_known,
        "mailable": post.mailable,
        "in_feeds": post.in_feeds,
        "pinned": post.pinned,
        "language": post.language,
        "categories": post.categories,
        "tags": post.tags,
        "authors": [author.name for author in post.authors],
        "summary": post.summary,
        "findings": [
            {"rule": f.rule, "level": f.level, "message": f.message, "line": f.line}
            for f in post.findings
        ],
    }


def _list_facts(session: Session, post: Post, now: datetime) -> dict[str, object]:
    zone = session.zone
    return {
        "title": post.title,
        "file": post.path,
        "id": post.uid,
        "address": post.url,
        "state": _write_state(post, now),
        "published": write_moment(post.published_at, zone),
        "updated": write_moment(post.updated_at, zone),
        "first seen": write_moment(post.first_seen_at, zone)
        + (" (with the first scan)" if post.is_known else ""),
        "released": write_moment(post.released_at, zone),
        "categories": post.categories,
        "tags": post.tags,
        "authors": tuple(author.name for author in post.authors),
        "mail": "" if post.mailable else "never, as the file says",
        "feeds": "" if post.in_feeds else "never, as the file says",
        "summary": post.summary,
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
