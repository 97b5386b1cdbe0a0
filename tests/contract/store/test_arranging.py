from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import insert, select, update

from service.model.edition import Edition
from service.model.event import EventKind
from service.model.newsletter import Cadence
from service.store import arranging
from service.store.corrections import (
    insert_correction,
    list_corrections_for,
    return_corrections,
    take_corrections,
    withdraw_correction,
)
from service.store.database import Database
from service.store.edition_posts import list_arranged, list_edition_candidates
from service.store.editions import find_edition
from service.store.event_counts import EventCount, add_event_counts, list_event_counts
from service.store.growth import list_growth
from service.store.mailed_texts import find_last_mailed_text
from service.store.tables import deliveries, past_consents, subscriptions
from service.store.variant_readers import list_carried
from tests.fakes import world
from tests.fakes.world import NOON

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def _find(database: Database, edition: Edition) -> Edition:
    with database.reading() as connection:
        return find_edition(connection, edition.edition_id)


def _count_mails(database: Database, edition: Edition) -> int:
    query = select(deliveries.c.delivery_id).where(deliveries.c.edition_id == edition.edition_id)
    with database.reading() as connection:
        return len(connection.execute(query).all())


def test_an_arrangement_is_read_as_it_was_written(database: Database) -> None:
    one, two, three, old = world.add_news(database, 1, 2, 3, 4)
    edition = world.open_edition(database, "2025-10-13", above=0)
    with database.writing() as connection:
        number = edition.edition_id
        arranging.set_order(connection, number, [three, one])
        arranging.set_order(connection, number, [two, three])
        assert arranging.leave_out(connection, number, one, is_left_out=True)
        assert not arranging.leave_out(connection, number, 999, is_left_out=True)
        arranging.set_words(connection, number, subject="題", preheader="前")
        assert arranging.raise_revision(connection, edition)
        assert not arranging.raise_revision(connection, edition)
        found = {c.post.post_id: c for c in list_arranged(connection, number)}
        shown = [c.post.post_id for c in list_edition_candidates(connection, number)]
    assert {id_: c.place for id_, c in found.items()} == {one: None, two: 0, three: 1, old: None}
    assert shown == [two, three, old]
    after = _find(database, edition)
    assert (after.subject, after.preheader, after.intro, after.revision) == ("題", "前", "", 1)


def test_an_added_post_goes_once_to_who_never_had_it(database: Database) -> None:
    world.add_readers(database, world.number_readers(3))
    (old,) = world.add_news(database, 1)
    world.freeze(database, world.open_edition(database, "2025-10-06"))
    world.add_readers(database, [world.subscribe("new@example.jp")])
    later = world.open_edition(database, "2025-10-13", above=1)
    with database.writing() as connection:
        arranging.add_post(connection, later.edition_id, old, 1)
    world.freeze(database, later)
    assert _count_mails(database, later) == 1

    again = world.open_edition(database, "2025-10-20", above=1)
    with database.writing() as connection:
        arranging.add_post(connection, again.edition_id, old, 1)
    assert _count_mails(database, world.freeze(database, again)) == 0


def test_what_posts_said_when_they_were_mailed_is_kept(database: Database) -> None:
    frozen = world.freeze_news(database, 2)
    with database.reading() as connection:
        (candidate,) = list_edition_candidates(connection, frozen.edition_id)
        kept = find_last_mailed_text(connection, candidate.post.post_id)
        assert list_carried(connection, frozen.edition_id)
        assert find_last_mailed_text(connection, 999) is None
    assert kept is not None
    assert (kept.edition_id, kept.title, kept.text, kept.mailed_at) == (
        frozen.edition_id,
        candidate.post.title,
        "本文",
        NOON,
    )


def test_a_correction_waits_for_the_next_mail_to_the_same_readers(database: Database) -> None:
    wrong = world.freeze_news(database, 1)
    world.add_news(database, 2)
    monthly = world.open_edition(database, "2025-11-01", Cadence.MONTHLY)
    weekly = world.open_edition(database, "2025-10-20", above=1)
    with database.writing() as connection:
        first = insert_correction(connection, wrong, "一", "editor", NOON)
        second = insert_correction(connection, wrong, "二", "editor", NOON)
        assert withdraw_correction(connection, second.correction_id, NOON)
        assert not withdraw_correction(connection, second.correction_id, NOON)
        assert list_corrections_for(connection, monthly) == []
        assert list_corrections_for(connection, weekly) == [first]
        take_corrections(connection, monthly)
        take_corrections(connection, weekly)
        assert list_corrections_for(connection, weekly) == [
            replace(first, edition_id=weekly.edition_id)
        ]
        assert not withdraw_correction(connection, first.correction_id, NOON)
        return_corrections(connection, weekly.edition_id)
        assert withdraw_correction(connection, first.correction_id, NOON)


def test_events_are_counted_by_hour_and_kind(database: Database) -> None:
    number = world.freeze_news(database, 1).edition_id
    counts = {(number, NOON, EventKind.DELIVERED): 2, (number, NOON, EventKind.BOUNCED): 1}
    with database.writing() as connection:
        add_event_counts(connection, counts)
        add_event_counts(connection, {(number, NOON, EventKind.DELIVERED): 3})
        add_event_counts(connection, {(number, NOON + HOUR, EventKind.DELIVERED): 1})
        add_event_counts(connection, {})
        assert list_event_counts(connection, number) == [
            EventCount(NOON, EventKind.BOUNCED, 1),
            EventCount(NOON, EventKind.DELIVERED, 5),
            EventCount(NOON + HOUR, EventKind.DELIVERED, 1),
        ]


def test_growth_counts_who_joined_confirmed_and_left_each_day(database: Database) -> None:
    ids = world.add_readers(database, world.number_readers(3))
    moments: list[dict[str, datetime]] = [
        {"consent_at": NOON, "confirmed_at": NOON + HOUR},
        {"consent_at": NOON, "confirmed_at": NOON + DAY, "ended_at": NOON + 2 * DAY},
        {"consent_at": NOON - 9 * DAY, "confirmed_at": NOON - 9 * DAY},
    ]
    with database.writing() as connection:
        for number, values in zip(ids, moments, strict=True):
            chosen = subscriptions.c.subscription_id == number
            connection.execute(update(subscriptions).where(chosen).values(**values))
        earlier = {"consent_source": "form", "consent_text": "", "consent_at": NOON - 9 * DAY}
        connection.execute(
            insert(past_consents).values(subscription_id=ids[0], ended_at=NOON + DAY, **earlier)
        )
        midnights = [NOON - timedelta(hours=12) + step * DAY for step in range(4)]
        found = list_growth(connection, "weekly", midnights)
        assert list_growth(connection, "other", midnights)[0].joined == 0
    assert [(day.joined, day.confirmed, day.left) for day in found] == [
        (2, 1, 0),
        (0, 1, 1),
        (0, 0, 1),
    ]
    assert [day.begins_at for day in found] == midnights[:-1]
