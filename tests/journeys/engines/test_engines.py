from __future__ import annotations

import threading
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

from sqlalchemy import select

from service.delivery.mailbag import Mailbag
from service.providers.base import Rate, RateUnit
from service.store.tables import attempts
from tests.fakes.provider import BAD_REQUEST, refuse
from tests.fakes.waiting import wait_until
from tests.journeys.engines.conftest import BATCH, Plant


def everybody_once(plant: Plant, readers: int) -> bool:
    return plant.provider.delivered == Counter(f"reader{n}@example.jp" for n in range(readers))


def test_what_is_planned_while_it_runs_is_sent_to_everybody_once(plant: Plant) -> None:
    plant.start()
    plant.wait_for(plant.plan(45))
    assert everybody_once(plant, 45)


def test_what_was_planned_before_it_ran_is_sent(plant: Plant) -> None:
    edition_id = plant.plan(25)
    plant.start()
    plant.wait_for(edition_id)
    assert everybody_once(plant, 25)


def test_a_word_that_was_lost_loses_nobody(plant: Plant) -> None:
    edition_id = plant.plan(25, wakes=0)
    plant.start()
    plant.wait_for(edition_id)
    assert everybody_once(plant, 25)


def test_a_word_said_again_and_again_sends_nothing_twice(plant: Plant) -> None:
    plant.start()
    plant.wait_for(plant.plan(25, wakes=3))
    assert everybody_once(plant, 25)
    assert len(plant.provider.calls) == 3


def test_a_refused_batch_is_cut_and_its_parts_are_sent(plant: Plant) -> None:
    plant.provider.program = [refuse(BAD_REQUEST)]
    edition_id = plant.plan(BATCH)
    plant.start()
    plant.wait_for(edition_id)
    assert everybody_once(plant, BATCH)
    assert len(plant.provider.calls) == 3


def test_a_slow_answer_holds_up_no_other_batch(plant: Plant) -> None:
    others = 70
    all_others = threading.Semaphore(0)
    turns = iter(range(others + 1))

    def answer() -> None:
        if next(turns):
            all_others.release()
            return
        for _ in range(others):
            assert all_others.acquire(timeout=30)

    plant.provider.before_answer = answer
    edition_id = plant.plan((others + 1) * BATCH)
    plant.start()
    plant.wait_for(edition_id)
    assert everybody_once(plant, (others + 1) * BATCH)


def test_it_ends_when_the_batches_in_hand_are_recorded(plant: Plant) -> None:
    arrived, go_on = threading.Event(), threading.Event()

    def hold() -> None:
        arrived.set()
        go_on.wait(30)

    plant.provider.before_answer = hold
    plant.plan(BATCH)
    plant.start()
    assert arrived.wait(30)
    ending = threading.Thread(target=plant.stop)
    ending.start()
    go_on.set()
    ending.join(30)
    with plant.works.database.reading() as connection:
        assert connection.execute(select(attempts.c.outcome)).scalars().all() == ["accepted"]


def test_calls_come_no_closer_than_the_provider_takes_them(plant: Plant) -> None:
    rate = Rate(20, timedelta(seconds=1), RateUnit.CALLS)
    plant.provider.capabilities = replace(plant.provider.capabilities, rate=rate)
    plant.works = replace(plant.works, mailbag=Mailbag(plant.provider, plant.works.mailbag.head))
    plant.start()
    plant.wait_for(plant.plan(5 * BATCH))
    assert everybody_once(plant, 5 * BATCH)
    with plant.works.database.reading() as connection:
        query = select(attempts.c.claimed_at).order_by(attempts.c.claimed_at)
        claimed = connection.execute(query).scalars().all()
    gaps = [later - earlier for earlier, later in pairwise(claimed)]
    assert min(gaps) >= timedelta(seconds=0.05)
    assert len(claimed) == 5


def test_nothing_leaves_while_a_setting_is_missing(plant: Plant) -> None:
    plant.works = replace(plant.works, obstacles=("sender.email: is empty",))
    plant.plan(BATCH)
    plant.start()
    plant.stop()
    wait_until(lambda: not plant.running, "it ended")
    assert plant.provider.calls == []
