from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from service.model.post import Body, Hold, Post, Verdict
from service.store import attention, files, news, posts, told
from service.store.database import Database
from service.store.files import FileRow
from service.store.holds import hold_posts
from tests.fakes.world import NOON, add_news, describe_post

LATER = NOON + timedelta(days=1)
HELD, OVERDUE = ("held", "a"), ("overdue", "12")
BODY = Body("<p>本文</p>", "本文")


def test_who_was_told_of_what_is_remembered_for_each_address(database: Database) -> None:
    with database.writing() as connection:
        told.record_told(connection, "a@example.com", [HELD, OVERDUE], NOON)
        told.record_told(connection, "", [HELD], NOON)
        told.record_told(connection, "a@example.com", [OVERDUE], LATER)
    with database.reading() as connection:
        assert told.list_told(connection) == {
            "": {HELD: NOON},
            "a@example.com": {HELD: NOON, OVERDUE: LATER},
        }


def test_what_is_settled_is_forgotten_for_one_address(database: Database) -> None:
    with database.writing() as connection:
        for address in ("a@example.com", "b@example.com", "c@example.com"):
            told.record_told(connection, address, [HELD, OVERDUE], NOON)
        told.forget_told(connection, "a@example.com", [HELD])
        told.forget_addresses(connection, {"c@example.com"})
        told.forget_addresses(connection, ())
    with database.reading() as connection:
        assert told.list_told(connection) == {
            "a@example.com": {OVERDUE: NOON},
            "b@example.com": {HELD: NOON, OVERDUE: NOON},
        }


def _write_file(
    connection: Connection,
    path: str,
    post_id: int | None,
    *,
    verdict: Verdict = Verdict.QUARANTINED,
    missing_since_at: datetime | None = None,
) -> None:
    row = FileRow(path, 1, 7, "", "", verdict, "yaml", "no YAML", 3, post_id, missing_since_at)
    files.record_files(connection, [row])


def _write_post(connection: Connection, number: int, **change: object) -> int:
    post: Post = replace(describe_post(number), **change)  # type: ignore[arg-type]
    return posts.insert_post(connection, post, BODY)


def test_a_broken_file_tells_whether_feeds_still_show_its_post(database: Database) -> None:
    with database.writing() as connection:
        _write_file(connection, "kept.md", _write_post(connection, 1))
        _write_file(connection, "draft.md", _write_post(connection, 2, draft=True))
        _write_file(connection, "hidden.md", _write_post(connection, 3, in_feeds=False))
        _write_file(connection, "new.md", None)
        _write_file(connection, "fine.md", None, verdict=Verdict.PUBLISHED)
        _write_file(connection, "gone.md", _write_post(connection, 4))
        posts.record_gone(connection, ["_posts/4.md"], NOON)
    with database.reading() as connection:
        found = attention.list_quarantined(connection)
    assert [(one.path, one.is_kept) for one in found] == [
        ("draft.md", False),
        ("gone.md", False),
        ("hidden.md", False),
        ("kept.md", True),
        ("new.md", False),
    ]
    assert (found[0].line, found[0].code, found[0].mtime_ns) == (3, "yaml", 7)


def test_missing_files_are_counted_from_the_first(database: Database) -> None:
    with database.reading() as connection:
        assert attention.find_missing(connection) is None
    with database.writing() as connection:
        for path, since_at in (("b.md", LATER), ("a.md", NOON), ("c.md", None)):
            _write_file(connection, path, None, missing_since_at=since_at)
    with database.reading() as connection:
        assert attention.find_missing(connection) == attention.Missing(2, NOON, "a.md")


def test_posts_kept_back_are_those_held_and_those_that_became_no_news(database: Database) -> None:
    (numbered,) = add_news(database, 1)
    with database.writing() as connection:
        hold_posts(connection, [numbered], Hold.MASS, "")
        wanted = [
            numbered,
            _write_post(connection, 2),
            _write_post(connection, 3, hold=Hold.GATE),
        ]
        fine = [
            _write_post(connection, 4, is_known=True),
            _write_post(connection, 5, draft=True),
            _write_post(connection, 6, mailable=False, hold=Hold.GATE),
            _write_post(connection, 7, released_at=NOON),
            _write_post(connection, 8),
        ]
        news.record_news(connection, "weekly", fine[-1:], NOON)
    with database.reading() as connection:
        found = attention.list_posts_kept_back(connection)
    assert {post.post_id for post in found} == set(wanted)


def test_names_in_use_are_those_of_posts_that_are_no_drafts(database: Database) -> None:
    with database.writing() as connection:
        _write_post(connection, 1, categories=("町",), tags=("橋", "川"))
        _write_post(connection, 2, categories=("町", "暮らし"))
        _write_post(connection, 3, categories=("下書き",), draft=True)
    with database.reading() as connection:
        assert attention.list_used_names(connection) == ({"町", "暮らし"}, {"橋", "川"})
