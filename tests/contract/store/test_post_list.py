"""Posts as the desk asks for them, on either database."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import update

from service.model.edition import EditionState, Rendered
from service.model.post import Body, Finding, Hold, Level, Post, Verdict
from service.store.database import Database
from service.store.editions import list_latest_sent, move_edition
from service.store.mailed_texts import record_mailed_texts
from service.store.news import list_fresh_posts, open_newsletter, record_news
from service.store.post_history import list_gone
from service.store.post_list import (
    count_files,
    count_held,
    count_posts,
    count_rules,
    list_categories,
    list_languages,
    list_post_page,
)
from service.store.post_query import PostQuery
from service.store.posts import insert_post, record_gone
from service.store.tables import posts
from service.store.variants import record_variant
from tests.fakes.world import NOON, describe_post, open_edition

FOUND = (Finding("voice", Level.HOLD, "a model speaks", 2, "モデル"),)


def describe(name: str, hours: int, **said: Any) -> Post:  # noqa: ANN401
    """A post by its name, dated so many hours before noon."""
    post = replace(describe_post(0), uid=name, path=f"{name}.md", title=name, categories=())
    return replace(post, published_at=NOON - timedelta(hours=hours), **said)


def fill(database: Database) -> dict[str, int]:
    """Posts from the newest to the oldest, one of them mailed; their numbers."""
    posts = (
        describe("later", -1),
        describe("ガ100%", 1, categories=("科学", "社会")),
        describe("held", 2, hold=Hold.GATE, findings=FOUND),
        describe("mailed", 3, categories=("社会",)),
        describe("draft", 4, draft=True),
        describe("gone", 5, categories=("昔",)),
    )
    with database.writing() as connection:
        ids = {post.uid: insert_post(connection, post, Body("", "")) for post in posts}
        record_gone(connection, ["gone.md"], NOON)
        open_newsletter(connection, "weekly", NOON)
        record_news(connection, "weekly", [ids["mailed"]], NOON)
    edition = open_edition(database, "2025-10-13")
    with database.writing() as connection:
        mail = Rendered("subject", "", "", "")
        record_variant(connection, edition.edition_id, "v", "ja", mail, [ids["mailed"]])
        move_edition(connection, edition, EditionState.FREEZING)
        freezing = replace(edition, state=EditionState.FREEZING)
        move_edition(connection, freezing, EditionState.FROZEN, frozen_at=NOON)
    return ids


def list_names(database: Database, asked: PostQuery) -> list[str]:
    with database.reading() as connection:
        page = list_post_page(connection, asked, NOON)
    return [post.path.removesuffix(".md") for post in page.posts]


def test_posts_are_found_by_everything_that_may_be_asked(database: Database) -> None:
    ids = fill(database)
    everything = ["later", "ガ100%", "held", "mailed", "draft"]
    for asked, expected in (
        (PostQuery(), everything),
        (PostQuery(search="HELD"), ["held"]),
        (PostQuery(search="カ\u3099"), ["ガ100%"]),
        (PostQuery(search="0%"), ["ガ100%"]),
        (PostQuery(search="%d"), []),
        (PostQuery(search="' OR 1=1 --"), []),
        (PostQuery(verdict=Verdict.SCHEDULED), ["later"]),
        (PostQuery(verdict=Verdict.DRAFT), ["draft"]),
        (PostQuery(verdict=Verdict.PUBLISHED), ["ガ100%", "held", "mailed"]),
        (PostQuery(is_held=True), ["held"]),
        (PostQuery(hold=Hold.MASS), []),
        (PostQuery(has_findings=True), ["held"]),
        (PostQuery(category="社会"), ["ガ100%", "mailed"]),
        (PostQuery(category="社"), []),
        (PostQuery(newsletter_id="weekly"), ["mailed"]),
        (PostQuery(is_mailed=True), ["mailed"]),
        (PostQuery(is_mailed=False), [one for one in everything if one != "mailed"]),
    ):
        assert list_names(database, asked) == expected, asked
    with database.reading() as connection:
        assert list_categories(connection) == ["社会", "科学"]
        assert count_held(connection) == {Hold.GATE: 1}
        assert len(list_latest_sent(connection, 5)) == 1
        fresh = {post.post_id for post in list_fresh_posts(connection, "weekly")}
    assert fresh == {ids["later"], ids["ガ100%"], ids["held"]}


def test_pages_go_on_where_the_one_before_ended(database: Database) -> None:
    fill(database)
    met: list[Post] = []
    before = ""
    with database.reading() as connection:
        for _ in range(3):
            page = list_post_page(connection, PostQuery(), NOON, before=before, limit=2)
            met += page.posts
            before = page.older
        assert before == ""
        strange = list_post_page(connection, PostQuery(), NOON, before="9" * 30)
    assert [post.path for post in met] == [post.path for post in strange.posts]


def test_posts_are_found_by_rule_language_and_change(database: Database) -> None:
    ids = fill(database)
    odd = (Finding("marker", Level.WARN, "a mark", 1, "END"), FOUND[0])
    with database.writing() as connection:
        chosen = posts.c.post_id == ids["mailed"]
        connection.execute(update(posts).where(chosen).values(findings=[asdict(o) for o in odd]))
        chosen = posts.c.post_id == ids["draft"]
        connection.execute(update(posts).where(chosen).values(language="en"))
        number = list_latest_sent(connection, 1)[0].edition_id
        record_mailed_texts(connection, number, [ids["mailed"], ids["held"]], NOON)
    changed = PostQuery(is_changed=True)
    assert list_names(database, changed) == []
    with database.writing() as connection:
        later = {"title": "mended", "changed_at": NOON + timedelta(hours=1)}
        connection.execute(update(posts).where(posts.c.post_id == ids["mailed"]).values(later))
        touched = {"changed_at": NOON + timedelta(hours=1)}
        connection.execute(update(posts).where(posts.c.post_id == ids["held"]).values(touched))
    assert list_names(database, changed) == ["mailed"]
    assert list_names(database, replace(changed, rule="marker", category="社会")) == ["mailed"]
    assert list_names(database, PostQuery(rule="voice")) == ["held", "mailed"]
    assert list_names(database, PostQuery(rule="voi")) == []
    assert list_names(database, PostQuery(language="en")) == ["draft"]
    with database.reading() as connection:
        assert count_posts(connection, PostQuery(rule="voice"), NOON) == 2
        assert count_rules(connection) == {"voice": 2, "marker": 1}
        assert list_languages(connection) == ["en", "ja"]
        assert count_files(connection, Verdict.QUARANTINED) == 0
        assert list_gone(connection, ids.values()) == {ids["gone"]}
