from __future__ import annotations

from collections import Counter

import pytest

from service.delivery.envelope import Letterhead
from service.delivery.mailbag import Mailbag
from service.delivery.reconcile import reconcile
from service.delivery.recording import Ending
from service.delivery.send import send_batch
from service.delivery.settling import settle_batch
from service.model.editor import COMMAND
from service.store import claims
from service.store.accounting import count_deliveries
from service.store.database import Database
from tests.fakes.provider import LOST_REPLY, ProgrammedProvider
from tests.fakes.replay import freeze_news
from tests.fakes.world import HandClock


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


def make_other(batch_limit: int) -> ProgrammedProvider:
    provider = ProgrammedProvider(batch_limit=batch_limit)
    provider.account = "other"
    return provider


def send_due(
    database: Database, provider: ProgrammedProvider, head: Letterhead, clock: HandClock
) -> list[Ending]:
    with database.reading() as connection:
        due = claims.list_due_batches(connection, clock(), 99, provider.account)
    return [send_batch(database, Mailbag(provider, head), one, clock) for one in due]


def test_what_never_left_is_cut_anew_for_the_provider_there_is_now(
    database: Database, head: Letterhead, clock: HandClock
) -> None:
    edition = freeze_news(database, 5)
    other = make_other(batch_limit=2)
    assert send_due(database, other, head, clock) == []
    assert len(reconcile(database, other, clock()).handed_over) == 3
    assert send_due(database, other, head, clock) == [Ending.ACCEPTED] * 3
    assert sorted(len(call.addresses) for call in other.calls) == [1, 2, 2]
    assert set(other.delivered.values()) == {1}
    with database.reading() as connection:
        assert count_deliveries(connection, edition.edition_id).accepted == 5


def test_switching_waits_until_nothing_is_unknown_at_the_provider_before(
    database: Database, head: Letterhead, clock: HandClock
) -> None:
    freeze_news(database, 4, batch_size=2)
    former, other = ProgrammedProvider(), make_other(batch_limit=100)
    former.program = [LOST_REPLY]
    with database.reading() as connection:
        first = claims.list_due_batches(connection, clock(), 1)[0]
    assert send_batch(database, Mailbag(former, head), first, clock) is Ending.UNKNOWN
    assert reconcile(database, other, clock()).handed_over == ()
    assert send_due(database, other, head, clock) == []
    settle_batch(database, first, clock(), was_accepted=True, by=COMMAND)
    assert len(reconcile(database, other, clock()).handed_over) == 1
    assert send_due(database, other, head, clock) == [Ending.ACCEPTED]
    assert Counter(former.delivered) + Counter(other.delivered) == dict.fromkeys(
        [f"reader{number}@example.jp" for number in range(4)], 1
    )


def test_a_batch_under_way_at_the_provider_before_keeps_the_others_there(
    database: Database, head: Letterhead, clock: HandClock
) -> None:
    freeze_news(database, 4, batch_size=2)
    former, other = ProgrammedProvider(), make_other(batch_limit=100)
    seen = []
    former.before_answer = lambda: seen.append(reconcile(database, other, clock()).handed_over)
    send_due(database, former, head, clock)
    assert seen[0] == ()
