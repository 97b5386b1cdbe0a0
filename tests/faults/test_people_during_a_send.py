"""People who leave, are erased, or press buttons while an edition is being sent."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import datetime

from sqlalchemy import select
from structlog.testing import capture_logs

from service.app import App
from service.audience.tokens import Purpose, sign_link
from service.delivery.retrying import retry_edition
from service.engine.works import deliver_due
from service.errors import NotAllowedError
from service.model.edition import Edition, EditionState
from service.model.editor import COMMAND
from service.sending import cancel_edition, pause_edition, resume_edition
from service.store.tables import attempts, deliveries, subscribers
from tests.fakes.office import Office, open_door, post, sending
from tests.fakes.waiting import wait_until

READERS = 1_200
LEAVERS = 240
PRESSED = 300
PRESSES = 40

Button = Callable[[App, Edition], None]


def name(number: int) -> str:
    return f"reader{number}@example.jp"


def leave(office: Office, port: int, subscription_id: int) -> datetime:
    """Press the button of the mail program; when it was answered."""
    key = office.app.works.register.key_ring.current
    token = sign_link(key, Purpose.UNSUBSCRIBE, f"s{subscription_id}")
    form = "application/x-www-form-urlencoded"
    assert post(port, f"/unsubscribe/{token}", b"List-Unsubscribe=One-Click", form) == 200
    return office.read_clock()


@contextmanager
def watching(office: Office, edition: Edition) -> Iterator[list[int]]:
    """Ask for the accounting and for the doctor all the while; how many were accepted each time."""
    seen: list[int] = []
    failures: list[object] = []
    is_over = threading.Event()

    def look() -> None:
        while not is_over.is_set():
            shown = office.run("editions", "show", str(edition.edition_id))[1]["accounting"]
            alarms = office.find_alarms()
            seen.append(shown["accepted"])
            if not shown["adds_up"] or alarms:
                failures.append((shown, alarms))

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield seen
    finally:
        is_over.set()
        thread.join()
    assert failures == []


def test_who_leaves_during_a_send_gets_nothing_that_was_not_claimed_before(office: Office) -> None:
    ids = office.add_readers(*(name(number) for number in range(READERS)))
    edition = office.plan("fune")
    step = READERS // LEAVERS
    leavers = [name(number) for number in range(0, step * LEAVERS, step)]
    # From the last: those at the end of the edition are still to come when they press.
    leavers.reverse()
    left: dict[str, datetime] = {}
    with capture_logs() as logs, open_door(office.app) as port, ThreadPoolExecutor(4) as people:

        def press(address: str) -> None:
            left[address] = leave(office, port, ids[address])

        list(people.map(press, leavers[:10]))
        with watching(office, edition) as seen, sending(office.app):
            list(people.map(press, leavers[10:-10]))
            wait_until(
                lambda: office.find(edition).state is EditionState.FINISHED, "it is finished"
            )
        list(people.map(press, leavers[-10:]))
    mailed = office.count_mail()
    assert set(mailed.values()) == {1}
    stayed = ids.keys() - set(leavers)
    assert stayed <= mailed.keys()
    claimed_at = read_claims(office)
    for address, at in left.items():
        if address in mailed:
            assert claimed_at[address] < at
    count = office.count(edition)
    assert (count.accepted, count.suppressed) == (len(mailed), READERS - len(mailed))
    assert count.is_settled
    assert count.adds_up
    assert 10 <= count.suppressed <= LEAVERS - 10
    assert len(seen) >= 2
    assert [one for one in logs if one["log_level"] == "error"] == []
    assert "@example.jp" not in repr(logs)


def test_two_people_who_press_buttons_during_a_send_lose_nobody_and_repeat_nothing(
    office: Office,
) -> None:
    ids = office.add_readers(*(name(number) for number in range(PRESSED)))
    people = [office.open_app(batch_limit=4), office.open_app()]
    edition = office.plan("fune", people[0])
    # Refused as they are, batches are halved; who stands alone in the end is refused.
    refused = office.mailgun.find_behaviour("400")
    office.mailgun.ledger.script += [refused, {"accepts": True}] * 12 + [refused] * 6
    with capture_logs() as logs, sending(office.app):
        with watching(office, edition), ThreadPoolExecutor(2) as hands:
            list(hands.map(lambda one: press_often(one, edition, (pause, retry, resume)), people))
            with suppress(NotAllowedError):
                resume(office.app, edition)
            office.app.wake_up.ring()
            wait_until(lambda: office.count(edition).accepted >= PRESSED // 4, "a part has left")
        list(ThreadPoolExecutor(2).map(lambda one: press_often(one, edition, (cancel,)), people))
        wait_until(lambda: office.count(edition).is_settled, "nothing is under way")
    assert office.find(edition).state in {EditionState.CANCELLED, EditionState.FINISHED}
    assert office.find_alarms() == []
    assert [one for one in logs if one["log_level"] == "error"] == []
    count = office.count(edition)
    assert count.adds_up
    assert count.accepted == len(office.count_mail())
    # What did not reach them comes with another one, and with that alone.
    again = office.plan("fune", key="again")
    deliver_due(office.app.works)
    assert office.count(again).frozen == PRESSED - count.accepted
    assert office.count_mail() == Counter(dict.fromkeys(ids, 1))


def press_often(app: App, edition: Edition, buttons: Sequence[Button]) -> None:
    """Press buttons as they come, whether they do anything or are refused."""
    for number in range(PRESSES):
        with suppress(NotAllowedError):
            buttons[number % len(buttons)](app, edition)


def pause(app: App, edition: Edition) -> None:
    pause_edition(app.works.database, edition.edition_id, "wait", app.works.clock(), by=COMMAND)


def resume(app: App, edition: Edition) -> None:
    resume_edition(
        app.works.database, app.works.press.wake, edition.edition_id, app.works.clock(), by=COMMAND
    )


def retry(app: App, edition: Edition) -> None:
    works = app.works
    retry_edition(
        works.database,
        works.mailbag.provider,
        works.press.wake,
        edition.edition_id,
        works.clock(),
        by=COMMAND,
    )


def cancel(app: App, edition: Edition) -> None:
    cancel_edition(
        app.works.database, edition.edition_id, "a mistake", app.works.clock(), by=COMMAND
    )


def read_claims(office: Office) -> dict[str, datetime]:
    """When the batch was claimed in which each reader is, for those who were."""
    query = (
        select(subscribers.c.address, attempts.c.claimed_at)
        .join(deliveries, deliveries.c.subscriber_id == subscribers.c.subscriber_id)
        .join(attempts, attempts.c.batch_id == deliveries.c.batch_id)
    )
    with office.app.works.database.reading() as connection:
        return {row.address: row.claimed_at for row in connection.execute(query)}
