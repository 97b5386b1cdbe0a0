from __future__ import annotations

from collections import Counter
from datetime import timedelta
from itertools import pairwise

import pytest
from sqlalchemy import select, text, update

from service.delivery.freeze import freeze_edition
from service.model.edition import EditionState
from service.model.newsletter import Cadence
from service.model.subscriber import SuppressionReason
from service.store import claims, editions, planning
from service.store.accounting import count_deliveries
from service.store.audience import (
    AudienceQuery,
    Span,
    list_reader_groups,
    lock_span,
    lock_subscriptions,
)
from service.store.database import Database
from service.store.holds import hold_post
from service.store.reported import lock_readers
from service.store.suppressions import Suppression, add_suppression
from service.store.tables import batches, deliveries, subscribers, subscriptions
from service.store.variants import list_variants
from tests.fakes.world import (
    NOON,
    WEEKLY,
    add_news,
    add_readers,
    freeze,
    freeze_with,
    number_readers,
    open_edition,
    subscribe,
)


def ask(*variant_ids: int) -> AudienceQuery:
    return AudienceQuery("weekly", (Cadence.WEEKLY,), variant_ids, NOON)


def read_batches(database: Database, edition_id: int) -> list[tuple[int, int, int]]:
    """Ordinal, variant and size of every batch."""
    with database.reading() as connection:
        query = select(batches.c.ordinal, batches.c.variant_id, batches.c.batch_id).where(
            batches.c.edition_id == edition_id
        )
        sizes = Counter(connection.execute(select(deliveries.c.batch_id)).scalars())
        return sorted((row[0], row[1], sizes[row[2]]) for row in connection.execute(query))


def test_readers_who_chose_alike_are_one_group(database: Database) -> None:
    add_readers(
        database,
        [
            *number_readers(3),
            subscribe("t@x.jp", topics=("AI",)),
            subscribe("h@x.jp", send_hour=7),
            subscribe("e@x.jp", language="en"),
            subscribe("d@x.jp", Cadence.DAILY),
        ],
    )
    with database.reading() as connection:
        groups = list_reader_groups(connection, ask())
    assert sorted((one.topics, one.language, one.send_hour or 0, one.count) for one in groups) == [
        ("", "en", 0, 1),
        ("", "ja", 0, 3),
        ("", "ja", 7, 1),
        ("AI", "ja", 0, 1),
    ]


def test_suppressed_paused_and_erased_readers_are_told_apart(database: Database) -> None:
    add_readers(database, number_readers(4))
    with database.writing() as connection:
        reason = SuppressionReason.MANUAL
        add_suppression(connection, Suppression("reader0@example.jp", None, reason, "", NOON))
        at = subscribers.c.address
        for address, values in (
            ("reader1@example.jp", {"paused_until": NOON + timedelta(days=1)}),
            ("reader2@example.jp", {"paused_until": NOON - timedelta(days=1)}),
            ("reader3@example.jp", {"address": None}),
        ):
            connection.execute(update(subscribers).where(at == address).values(values))
        groups = list_reader_groups(connection, ask())
    assert sorted((one.is_paused, one.count) for one in groups) == [(False, 1), (True, 1)]


def test_masks_tell_of_more_variants_than_fit_one_number(database: Database) -> None:
    add_readers(database, number_readers(2))
    first, second = hand_out(database, 1), hand_out(database, 2)
    with database.writing() as connection:
        readers = connection.execute(select(subscribers.c.subscriber_id).order_by("subscriber_id"))
        for subscriber_id, variant_id in zip(readers.scalars(), (second, first), strict=True):
            connection.execute(
                update(deliveries)
                .where(
                    deliveries.c.subscriber_id == subscriber_id,
                    deliveries.c.variant_id == variant_id,
                )
                .values(state="refused")
            )
    asked = (*range(10_000_000, 10_000_059), first, second, *range(20_000_000, 20_000_060))
    with database.reading() as connection:
        groups = list_reader_groups(connection, ask(*asked))
    assert [len(one.masks) for one in groups] == [3, 3]
    assert sorted(one.had(asked) for one in groups) == [(first,), (second,)]


def hand_out(database: Database, number: int) -> int:
    """An edition by hand to everybody, with one post; its variant."""
    [post_id] = add_news(database, number)
    edition = freeze(database, open_edition(database, f"hand-{number}", None, above=number - 1))
    with database.reading() as connection:
        [variant] = list_variants(connection, edition.edition_id)
    assert variant.post_ids == (post_id,)
    return variant.variant_id


def test_batches_are_cut_by_variant_and_time(database: Database) -> None:
    add_readers(
        database,
        [
            *[subscribe(f"ja{n}@x.jp") for n in range(7)],
            *[subscribe(f"ja-late{n}@x.jp", send_hour=20) for n in range(4)],
            *[subscribe(f"en{n}@x.jp", language="en") for n in range(3)],
            *[subscribe(f"en-late{n}@x.jp", language="en", send_hour=20) for n in range(5)],
        ],
    )
    add_news(database, 1)
    frozen = freeze(database, open_edition(database, "k"), batch_size=3)
    assert frozen.state is EditionState.FROZEN
    cut = read_batches(database, frozen.edition_id)
    assert [ordinal for ordinal, _, _ in cut] == list(range(8))
    by_variant: dict[int, list[int]] = {}
    for _, variant_id, size in cut:
        by_variant.setdefault(variant_id, []).append(size)
    assert sorted(sorted(sizes) for sizes in by_variant.values()) == [[1, 1, 3, 3, 3], [2, 3, 3]]
    with database.reading() as connection:
        due = claims.list_due_batches(connection, NOON, 99)
        assert len(due) == 4
        assert claims.find_next_batch_at(connection, NOON) == NOON.replace(hour=20)
        assert count_deliveries(connection, frozen.edition_id).frozen == 19


def test_groups_of_two_histories_share_a_variant_and_their_batches(database: Database) -> None:
    add_readers(database, [subscribe(f"a{n}@x.jp", topics=("odd",)) for n in range(2)])
    add_readers(database, [subscribe(f"b{n}@x.jp", topics=("even", "odd")) for n in range(3)])
    add_news(database, 1)
    frozen = freeze(database, open_edition(database, "k"), batch_size=4)
    assert [size for _, _, size in read_batches(database, frozen.edition_id)] == [4, 1]


def test_an_audience_is_planned_in_spans_and_nobody_twice(database: Database) -> None:
    add_readers(database, number_readers(25))
    add_news(database, 1)
    edition = open_edition(database, "k")
    with database.writing() as connection:
        editions.move_edition(connection, edition, EditionState.FREEZING)
        spans: list[Span] = []
        while span := planning.find_next_span(connection, edition, ask(), 10):
            assert planning.claim_span(connection, edition, span)
            assert not planning.claim_span(connection, edition, span)
            lock_span(connection, ask(), span)
            spans.append(span)
        sizes = [
            sum(one.count for one in list_reader_groups(connection, ask(), span)) for span in spans
        ]
    assert sizes == [10, 10, 5]
    assert all(one.through == other.above for one, other in pairwise(spans))


@pytest.mark.postgres
def test_a_freeze_keeps_no_callback_about_its_readers_waiting(postgres: Database) -> None:
    add_readers(postgres, number_readers(2))
    with postgres.writing() as freezing, postgres.writing() as telling:
        lock_span(freezing, ask(), Span(0, 1 << 40))
        telling.execute(text("SET LOCAL lock_timeout = '5s'"))
        ids = telling.execute(select(subscribers.c.subscriber_id)).scalars().all()
        assert len(lock_readers(telling, ids)) == 2


def test_subscriptions_of_several_readers_are_taken_in_the_order_of_a_freeze(
    database: Database,
) -> None:
    first = add_readers(database, number_readers(3))
    with database.writing() as connection:
        readers = connection.execute(select(subscribers.c.subscriber_id)).scalars().all()
        assert lock_subscriptions(connection, []) == []
        assert lock_subscriptions(connection, sorted(readers, reverse=True)) == sorted(first)


def test_a_span_fills_the_batches_that_the_one_before_left_off(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.delivery.lineup._SPAN", 3)
    topics = [("odd",) if n % 3 else ("even",) for n in range(16)]
    wanted = [subscribe(f"r{n}@x.jp", topics=one) for n, one in enumerate(topics)]
    ids = add_readers(database, wanted)
    news = add_news(database, 1, 2)
    frozen = freeze(database, open_edition(database, "k"), batch_size=4)
    with database.reading() as connection:
        query = select(deliveries.c.subscription_id, deliveries.c.variant_id)
        rows = connection.execute(query).all()
        variants = {
            one.variant_id: one.post_ids for one in list_variants(connection, frozen.edition_id)
        }
    assert sorted(row.subscription_id for row in rows) == sorted(ids)
    got = dict(zip(ids, topics, strict=True))
    assert {(got[row.subscription_id], variants[row.variant_id]) for row in rows} == {
        (("odd",), (news[0],)),
        (("even",), (news[1],)),
    }
    sizes = sorted(size for _, _, size in read_batches(database, frozen.edition_id))
    assert sizes == [2, 2, 4, 4, 4]


def test_readers_move_to_the_editions_mark_also_when_they_get_nothing(database: Database) -> None:
    add_readers(database, [subscribe("a@x.jp"), subscribe("b@x.jp", topics=("elsewhere",))])
    add_news(database, 1, 2)
    frozen = freeze(database, open_edition(database, "k"))
    with database.reading() as connection:
        served = connection.execute(select(subscriptions.c.served_through)).scalars().all()
        assert count_deliveries(connection, frozen.edition_id).frozen == 1
    assert served == [2, 2]


def test_an_edition_for_nobody_is_empty(database: Database) -> None:
    add_readers(database, [subscribe("b@x.jp", topics=("elsewhere",))])
    add_news(database, 1)
    assert freeze(database, open_edition(database, "k")).state is EditionState.EMPTY


def test_a_freeze_that_was_interrupted_goes_on_where_it_stopped(database: Database) -> None:
    add_readers(database, number_readers(5))
    add_news(database, 1)
    edition = open_edition(database, "k")
    with database.writing() as connection:
        editions.move_edition(connection, edition, EditionState.FREEZING)
        interrupted = editions.find_edition(connection, edition.edition_id)
    for _ in range(2):
        done = freeze_edition(database, interrupted, WEEKLY, freeze_with(2), NOON)
    assert done.state is EditionState.FROZEN
    assert [size for _, _, size in read_batches(database, done.edition_id)] == [2, 2, 1]


def test_a_post_held_after_the_draft_is_not_mailed(database: Database) -> None:
    add_readers(database, number_readers(1))
    ids = add_news(database, 1, 2)
    edition = open_edition(database, "k")
    with database.writing() as connection:
        hold_post(connection, ids[0], "embarrassing")
    frozen = freeze(database, edition)
    with database.reading() as connection:
        [variant] = list_variants(connection, frozen.edition_id)
    assert variant.post_ids == (ids[1],)
