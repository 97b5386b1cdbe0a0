from __future__ import annotations

from dataclasses import replace
from datetime import timedelta, timezone

import pytest

from service.errors import NotAllowedError
from service.model.edition import Audience, Candidate, EditionState, Rendered
from service.model.newsletter import Cadence
from service.model.post import (
    Author,
    Body,
    Enclosure,
    Finding,
    Hold,
    Image,
    Level,
    Verdict,
)
from service.model.subscriber import SubscriptionState, SuppressionReason
from service.store import (
    accounts,
    claims,
    editions,
    files,
    news,
    notices,
    outcomes,
    posts,
    published,
    subscribers,
    suppressions,
    unknowns,
)
from service.store.accounting import count_deliveries
from service.store.database import Database
from service.store.edition_posts import list_edition_candidates
from service.store.erasures import ask_to_erase, complete_erasures
from service.store.files import FileRow
from service.store.holds import hold_posts, release_post
from service.store.installation import open_installation
from service.store.notices import Notice
from service.store.post_paths import list_former_paths, list_traces, record_moves
from service.store.published import PublishedRow
from service.store.subscription_states import set_subscription_state
from service.store.suppressions import Suppression
from service.store.variants import list_variants, record_variant
from tests.fakes.replay import freeze_news
from tests.fakes.world import (
    NOON,
    add_news,
    add_readers,
    describe_edition,
    describe_post,
    subscribe,
)

TOKYO = timezone(timedelta(hours=9))
BODY = Body("<p>本文</p>", "本文")


def test_a_post_comes_back_as_it_went_in(database: Database) -> None:
    post = replace(
        describe_post(1),
        published_at=NOON.astimezone(TOKYO),
        expires_at=NOON + timedelta(days=9),
        authors=(Author("山田", "y@example.jp", None),),
        tags=("AI", "半導体"),
        image=Image("https://example.jp/a.png", "image/png"),
        enclosures=(Enclosure("https://example.jp/a.mp3", "audio/mpeg", 5_000_000_000),),
        findings=(Finding("apology", Level.HOLD, "申し訳ありません", 12),),
        hold=Hold.GATE,
        hold_note="申し訳ありません",
        explicit_id="urn:x",
        released_at=NOON,
        pinned=True,
    )
    with database.writing() as connection:
        post_id = posts.insert_post(connection, post, BODY)
    with database.reading() as connection:
        found = posts.find_posts(connection, [post_id])[post_id]
        assert found == replace(post, post_id=post_id)
        assert found.published_at.utcoffset() == timedelta(hours=9)
        assert posts.load_bodies(connection, [post_id]) == {post_id: BODY}


def test_a_post_that_vanished_and_came_back_is_listed_again(database: Database) -> None:
    with database.writing() as connection:
        post_id = posts.insert_post(connection, describe_post(1), BODY)
        assert posts.record_gone(connection, ["_posts/1.md", "_posts/2.md"], NOON) == 1
        assert posts.list_posts(connection) == []
        [trace] = list_traces(connection)
        assert (trace.post_id, trace.gone_at, trace.is_news) == (post_id, NOON, False)
        gone = posts.find_posts(connection, [post_id])[post_id]
        posts.update_post(connection, replace(gone, title="新しい題"), Body("<p>新</p>", "新"))
        assert [post.title for post in posts.list_posts(connection)] == ["新しい題"]
        assert posts.load_bodies(connection, [post_id])[post_id].text == "新"


def test_another_article_may_take_a_path_once_it_is_vacated(database: Database) -> None:
    with database.writing() as connection:
        posts.insert_post(connection, describe_post(1), BODY)
        posts.record_gone(connection, ["_posts/1.md"], NOON)
        second = replace(describe_post(2), path="_posts/1.md")
        second_id = posts.insert_post(connection, second, BODY)
        assert [post.post_id for post in posts.list_posts(connection)] == [second_id]


def test_the_paths_a_post_left_are_remembered_but_the_one_it_came_back_to(
    database: Database,
) -> None:
    with database.writing() as connection:
        post_id = posts.insert_post(connection, describe_post(1), BODY)
        record_moves(connection, {post_id: ("a.md", "b.md")}, NOON)
        record_moves(connection, {post_id: ("b.md", "c.md")}, NOON + timedelta(hours=1))
        assert [one.path for one in list_former_paths(connection, post_id)] == [
            "b.md",
            "a.md",
        ]
        record_moves(connection, {post_id: ("c.md", "a.md")}, NOON + timedelta(hours=2))
        assert [one.path for one in list_former_paths(connection, post_id)] == [
            "c.md",
            "b.md",
        ]


def test_a_post_is_found_by_path_by_the_end_of_its_path_and_by_uid(database: Database) -> None:
    with database.writing() as connection:
        posts.insert_post(connection, describe_post(1), BODY)
        posts.insert_post(connection, replace(describe_post(2), path="x/1.md"), BODY)
        for name in ("_posts/1.md", "tag:example.jp,2025:post/1"):
            found = posts.find_post(connection, name)
            assert found is not None
            assert found.title == "記事1"
        assert posts.find_post(connection, "1.md") is None
        assert posts.find_post(connection, "%.md") is None


def test_feeds_see_no_drafts_and_nothing_kept_out_of_them(database: Database) -> None:
    with database.writing() as connection:
        posts.insert_post(connection, describe_post(1), BODY)
        posts.insert_post(connection, replace(describe_post(2), draft=True), BODY)
        posts.insert_post(connection, replace(describe_post(3), in_feeds=False), BODY)
        assert [post.title for post in posts.list_feed_posts(connection)] == ["記事1"]


def test_a_held_post_is_released_with_a_note(database: Database) -> None:
    with database.writing() as connection:
        post_id = posts.insert_post(connection, describe_post(1), BODY)
        hold_posts(connection, [post_id], Hold.MASS, "30 posts")
        assert posts.find_posts(connection, [post_id])[post_id].hold is Hold.MASS
        release_post(connection, post_id, "looked at", NOON)
        released = posts.find_posts(connection, [post_id])[post_id]
    assert (released.hold, released.hold_note, released.released_at) == (None, "looked at", NOON)


def test_files_are_written_touched_and_forgotten(database: Database) -> None:
    row = FileRow(
        "a.md", 3_000_000_000, 2**62, "d", "r", Verdict.QUARANTINED, "yaml", "bad", 3, None
    )
    with database.writing() as connection:
        files.record_files(connection, [row, replace(row, path="b.md", line=None)])
        files.record_files(connection, [row])
        files.touch_files(connection, [("a.md", 5, 7)])
        files.forget_files(connection, ["b.md"])
        assert files.list_files(connection) == {"a.md": replace(row, size=5, mtime_ns=7)}


def test_published_files_are_replaced_by_path(database: Database) -> None:
    row = PublishedRow("feed.xml", "application/rss+xml", "1", "s", NOON)
    with database.writing() as connection:
        published.record_published(connection, [row])
        published.record_published(connection, [replace(row, digest="2")])
        assert published.list_published(connection)["feed.xml"].digest == "2"
        published.record_removed(connection, ["feed.xml"], NOON)
        assert published.list_published(connection) == {}


def test_what_was_published_once_is_remembered_until_it_is_again(database: Database) -> None:
    row = PublishedRow("feed.xml", "application/rss+xml", "1", "s", NOON)
    with database.writing() as connection:
        published.record_removed(connection, ["feed.xml", "atom.xml"], NOON)
        published.record_removed(connection, ["feed.xml"], NOON)
        assert published.list_removed(connection) == {"feed.xml", "atom.xml"}
        published.record_published(connection, [row])
        assert published.list_removed(connection) == {"atom.xml"}


def test_news_is_numbered_once_and_in_the_order_given(database: Database) -> None:
    ids = add_news(database, 3, 1, 2)
    with database.reading() as connection:
        found = news.list_candidates(connection, "weekly", above=1, through=3)
        assert [(one.post.post_id, one.news_no) for one in found] == [(ids[1], 2), (ids[2], 3)]
        assert news.list_news_post_ids(connection, "weekly") == set(ids)
        assert news.find_news_numbers(connection, "weekly", ids) == {
            ids[0]: 1,
            ids[1]: 2,
            ids[2]: 3,
        }


def test_a_deleted_post_is_no_candidate_any_more(database: Database) -> None:
    ids = add_news(database, 1, 2)
    with database.writing() as connection:
        posts.record_gone(connection, ["_posts/1.md"], NOON)
        found = news.list_candidates(connection, "weekly", above=0, through=2)
        assert [one.post.post_id for one in found] == [ids[1]]


def test_a_newsletter_begins_at_the_earliest_instant_it_was_seen(database: Database) -> None:
    earlier = NOON - timedelta(days=400)
    with database.writing() as connection:
        for moment in (NOON, earlier, NOON + timedelta(days=1)):
            news.open_newsletter(connection, "weekly", moment)
        assert news.find_newsletter_start(connection, "weekly") == earlier


def test_an_edition_comes_back_as_it_went_in_and_its_key_is_taken_once(database: Database) -> None:
    add_news(database, 1)
    audience = Audience((Cadence.DAILY,), ("AI",), names_posts=True)
    edition = replace(describe_edition("key", 7), audience=audience, intro="こんにちは")
    with database.writing() as connection:
        candidates = news.list_candidates(connection, "weekly", above=0, through=1)
        written = editions.insert_edition(connection, edition, candidates)
        assert written is not None
        assert written == replace(edition, edition_id=written.edition_id)
        assert editions.insert_edition(connection, edition, []) is None
        assert list_edition_candidates(connection, written.edition_id) == candidates
        by_hand = replace(edition, cadence=None)
        assert editions.insert_edition(connection, by_hand, []) is not None
        found = editions.find_edition_by_key(connection, "weekly", None, "key")
        assert found is not None
        assert found.cadence is None


def test_a_post_deleted_after_the_draft_is_left_out_of_the_edition(database: Database) -> None:
    ids = add_news(database, 1, 2)
    with database.writing() as connection:
        candidates = news.list_candidates(connection, "weekly", above=0, through=2)
        edition = editions.insert_edition(connection, describe_edition("k", 2), candidates)
        assert edition is not None
        posts.record_gone(connection, ["_posts/2.md"], NOON)
        left = list_edition_candidates(connection, edition.edition_id)
    assert [one.post.post_id for one in left] == [ids[0]]


def test_an_edition_moves_along_its_arrows_only_and_once(database: Database) -> None:
    with database.writing() as connection:
        news.open_newsletter(connection, "weekly", NOON)
        edition = editions.insert_edition(connection, describe_edition("k", 0), [])
        assert edition is not None
        assert editions.move_edition(connection, edition, EditionState.HELD, reason="看板")
        assert not editions.move_edition(connection, edition, EditionState.HELD)
        with pytest.raises(NotAllowedError, match="cannot become finished"):
            editions.move_edition(connection, edition, EditionState.FINISHED)
        assert editions.find_edition(connection, edition.edition_id).reason == "看板"


def test_the_last_slot_is_not_one_that_a_clock_running_ahead_opened(database: Database) -> None:
    future = replace(describe_edition("2031", 0), slot_at=NOON + timedelta(days=2000))
    with database.writing() as connection:
        news.open_newsletter(connection, "weekly", NOON)
        editions.insert_edition(connection, describe_edition("now", 0), [])
        editions.insert_edition(connection, future, [])
        last = editions.find_last_slot(connection, "weekly", Cadence.WEEKLY, NOON)
        assert last == NOON
        assert editions.find_last_slot(connection, "weekly", Cadence.DAILY, NOON) is None


def test_a_variant_is_stored_once_under_its_name(database: Database) -> None:
    with database.writing() as connection:
        news.open_newsletter(connection, "weekly", NOON)
        edition = editions.insert_edition(connection, describe_edition("k", 0), [])
        assert edition is not None
        first = Rendered("題", "前", "<p>一</p>", "一")
        args = (connection, edition.edition_id, "name", "ja")
        variant_id = record_variant(*args, first, [3, 1])
        assert record_variant(*args, replace(first, html="other"), [3, 1]) == variant_id
        [variant] = list_variants(connection, edition.edition_id)
    assert (variant.rendered, variant.post_ids, variant.language) == (first, (3, 1), "ja")


def test_a_reader_is_subscribed_once_and_begins_at_the_present_mark(database: Database) -> None:
    add_news(database, 1, 2)
    [first] = add_readers(database, [subscribe("a@example.jp", topics=("b", "a", "b"))])
    assert add_readers(database, [subscribe("a@example.jp"), subscribe("a@example.jp")]) == []
    with database.reading() as connection:
        reader = subscribers.find_subscription(connection, first)
        assert reader is not None
        assert reader.subscription.served_through == 2
        assert reader.subscription.topics == ("a", "b")
        assert reader.subscription.confirmed_at == NOON
        assert list(subscribers.stream_readers(connection)) == [reader]


def test_somebody_who_comes_back_begins_at_the_present_mark(database: Database) -> None:
    [id_] = add_readers(database, [subscribe("a@example.jp")])
    with database.writing() as connection:
        set_subscription_state(connection, id_, SubscriptionState.UNSUBSCRIBED, NOON)
    add_news(database, 1, 2, 3)
    with database.writing() as connection:
        set_subscription_state(connection, id_, SubscriptionState.ACTIVE, NOON)
        reader = subscribers.find_subscription(connection, id_)
    assert reader is not None
    assert reader.subscription.served_through == 3
    assert reader.subscription.ended_at is None


def test_an_erased_reader_waits_for_every_batch_that_may_name_them(database: Database) -> None:
    edition = freeze_news(database, 2)
    with database.writing() as connection:
        [batch_id] = claims.list_due_batches(connection, NOON, 9)
        until = NOON + timedelta(minutes=5)
        batch = claims.claim_batch(connection, batch_id, now=NOON, claimed_until=until)
        assert batch is not None
        claims.record_claimed(connection, batch, {"rows": []})
        readers = list(subscribers.stream_readers(connection))
        first = readers[0].subscriber.subscriber_id
        ask_to_erase(connection, first, NOON)
        assert complete_erasures(connection) == []
        outcomes.record_unsure(connection, batch, "lost", NOON)
        unknowns.plan_replay(connection, batch_id)
        assert complete_erasures(connection) == []
    with database.writing() as connection:
        again = claims.claim_batch(connection, batch_id, now=NOON, claimed_until=until)
        assert again is not None
        claims.record_claimed(connection, again, {"rows": []})
        outcomes.record_outcome(connection, again, message_ids={}, refusals={}, now=NOON)
        assert complete_erasures(connection) == [first]
        assert count_deliveries(connection, edition.edition_id).accepted == 2


def test_a_suppression_keeps_its_first_reason(database: Database) -> None:
    bounced = Suppression("a@x.jp", None, SuppressionReason.HARD_BOUNCE, "5.1.1", NOON)
    erased = Suppression(None, "hash", SuppressionReason.ERASED, "", NOON)
    with database.writing() as connection:
        assert suppressions.add_suppression(connection, bounced)
        again = replace(bounced, reason=SuppressionReason.COMPLAINT)
        assert not suppressions.add_suppression(connection, again)
        assert suppressions.add_suppression(connection, erased)
        assert suppressions.list_suppressions(connection) == [erased, bounced]
        found = suppressions.find_suppressed(connection, ["a@x.jp", "b@x.jp"], ["hash", "no"])
        assert found == ({"a@x.jp"}, {"hash"})
        assert suppressions.remove_suppression(connection, "a@x.jp")
        assert not suppressions.remove_suppression(connection, "a@x.jp")


def test_a_notice_is_planned_once_a_day_to_an_address(database: Database) -> None:
    open_installation(database)
    rendered = Rendered("確認", "", "<p>押して</p>", "押して")
    notice = Notice("confirm", "weekly", "a@x.jp", NOON.date(), rendered)
    with database.writing() as connection:
        ids = [
            notices.plan_notice(connection, one, account="fake", key_prefix="kb-x", now=NOON)
            for one in (notice, notice, replace(notice, address="b@x.jp"))
        ]
        assert ids[1] is None
        assert ids[0] is not None
        assert notices.find_notice_content(connection, ids[0]) == ("confirm", rendered)
        days = notices.list_notice_days(connection, "confirm", ["a@x.jp", "c@x.jp"])
        assert days == {"a@x.jp": [NOON.date()]}


def test_an_account_waits_pauses_and_is_resumed(database: Database) -> None:
    later = NOON + timedelta(minutes=1)
    with database.writing() as connection:
        accounts.delay_account(connection, "fake", later)
        accounts.pause_account(connection, "fake", "the key is wrong", NOON)
        assert [accounts.count_unknown(connection, "fake") for _ in range(2)] == [1, 2]
        [account] = accounts.list_accounts(connection)
        assert (account.not_before, account.paused_at) == (later, NOON)
        accounts.resume_account(connection, "fake")
        account = accounts.open_account(connection, "fake")
    assert (account.not_before, account.paused_at, account.unknown_in_a_row) == (None, None, 0)


def test_editions_are_listed_by_what_is_asked(database: Database) -> None:
    add_news(database, 1)
    with database.writing() as connection:
        candidates: list[Candidate] = []
        for key, cadence in (("a", Cadence.DAILY), ("b", Cadence.WEEKLY), ("c", None)):
            editions.insert_edition(connection, describe_edition(key, 0, cadence), candidates)
        daily = editions.list_editions(connection, cadence=Cadence.DAILY)
        waiting = editions.list_editions(connection, states=[EditionState.WAITING])
        assert [one.key for one in daily] == ["a"]
        assert [one.key for one in waiting] == ["a", "b", "c"]
        assert editions.list_editions(connection, newsletter_id="other") == []
