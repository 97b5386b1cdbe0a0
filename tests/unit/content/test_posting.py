from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from service.content.posting import Sighting, compose_post
from service.model.post import Article, Finding, Hold, Level, Post

FIRST_SCAN_AT = datetime(2026, 3, 1, tzinfo=UTC)
NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
HOLDING = (Finding("cut_title", Level.HOLD, "the title was cut"),)

ARTICLE = Article(
    path="2026-03-10-ferry.md",
    title="The ferry",
    url="https://kawara.example/ferry/",
    published_at=NOW - timedelta(hours=1),
    summary="It runs again.",
    html="<p>It runs again.</p>",
    text="It runs again.",
    language="en",
)
SIGHTING = Sighting(
    now=NOW,
    mtime_at=NOW - timedelta(minutes=30),
    first_scan_at=FIRST_SCAN_AT,
    last_scan_at=NOW - timedelta(hours=2),
)


def see(
    article: Article = ARTICLE,
    previous: Post | None = None,
    sighting: Sighting = SIGHTING,
    findings: tuple[Finding, ...] = (),
) -> Post:
    return compose_post(article, "tag:kawara.example,2026:post/1", previous, sighting, findings)


def test_a_new_post_counts_from_when_its_file_was_written() -> None:
    post = see()
    assert (post.first_seen_at, post.changed_at) == (NOW, NOW - timedelta(minutes=30))
    assert post.seen_after_at == SIGHTING.last_scan_at


def test_a_file_written_in_the_future_counts_from_its_first_sight() -> None:
    post = see(sighting=replace(SIGHTING, mtime_at=NOW + timedelta(days=1)))
    assert post.changed_at == NOW


def test_what_is_dated_up_to_the_first_scan_is_known_and_no_news() -> None:
    assert see(replace(ARTICLE, published_at=FIRST_SCAN_AT)).is_known
    assert not see(replace(ARTICLE, published_at=FIRST_SCAN_AT + timedelta(seconds=1))).is_known


def test_a_known_post_given_a_new_date_stays_known() -> None:
    known = see(replace(ARTICLE, published_at=FIRST_SCAN_AT))
    assert see(ARTICLE, known).is_known


def test_a_draft_with_an_old_date_may_still_become_news() -> None:
    draft = see(replace(ARTICLE, published_at=FIRST_SCAN_AT, draft=True))
    assert not see(ARTICLE, draft).is_known


def test_a_known_post_that_is_a_draft_for_a_while_and_given_a_new_date_stays_known() -> None:
    known = see(replace(ARTICLE, published_at=FIRST_SCAN_AT))
    draft = see(replace(ARTICLE, draft=True), known)
    assert see(ARTICLE, see(replace(ARTICLE, draft=True), draft)).is_known


def test_an_edit_of_front_matter_alone_leaves_updated_where_it_was() -> None:
    before = see()
    later = replace(SIGHTING, now=NOW + timedelta(days=1), last_scan_at=NOW)
    after = see(replace(ARTICLE, tags=("river",)), before, later)
    assert after.updated_at == before.updated_at
    assert after.changed_at == later.now


@pytest.mark.parametrize(
    "changed",
    [
        replace(ARTICLE, title="The ferry is back"),
        replace(ARTICLE, html="<p>More.</p>", text="More."),
        replace(ARTICLE, html='<img src="https://kawara.example/a.png" />', text=""),
    ],
)
def test_another_title_or_body_moves_updated(changed: Article) -> None:
    later = replace(SIGHTING, now=NOW + timedelta(days=1), last_scan_at=NOW)
    assert see(changed, see(), later).updated_at == later.now


def test_links_that_follow_the_address_and_our_own_reading_leave_updated_alone() -> None:
    later = replace(SIGHTING, now=NOW + timedelta(days=1), last_scan_at=NOW)
    before = see()
    moved = replace(ARTICLE, url="https://kawara.example/boat/", html="<p>It runs again!</p>")
    assert see(moved, before, later).updated_at == before.updated_at
    ours = replace(later, has_same_bytes=True)
    read_otherwise = replace(ARTICLE, title="Ferry", html="<p>More.</p>", text="More.")
    after = see(read_otherwise, before, ours)
    assert (after.updated_at, after.changed_at) == (before.updated_at, before.changed_at)


def test_the_author_s_own_word_for_when_it_was_changed_is_believed_unless_it_lies_ahead() -> None:
    later = replace(SIGHTING, now=NOW + timedelta(days=1), last_scan_at=NOW)
    own = NOW + timedelta(hours=3)
    edited = replace(ARTICLE, title="Ferry", modified_at=own)
    assert see(edited, see(), later).updated_at == own
    ahead = replace(edited, modified_at=later.now + timedelta(days=9))
    assert see(ahead, see(), later).updated_at == later.now


def test_what_the_gate_holds_is_held_with_its_reason_and_freed_when_mended() -> None:
    held = see(findings=HOLDING)
    assert (held.hold, held.hold_note) == (Hold.GATE, "the title was cut")
    assert see(previous=held).hold is None


def test_a_released_post_is_not_held_again_for_the_same_fault() -> None:
    released = replace(see(findings=HOLDING), hold=None, released_at=NOW)
    assert see(previous=released, findings=HOLDING).hold is None


def test_an_editor_s_hold_outlives_every_edit() -> None:
    held = replace(see(), hold=Hold.EDITOR, hold_note="legal")
    assert (see(previous=held).hold, see(previous=held).hold_note) == (Hold.EDITOR, "legal")
