"""Mailgun's log, asked about a batch whose answer was lost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from service.errors import UnsureError
from service.outbound.client import OutboundClient, Reply
from service.providers.looking_up import LogReader, Sought
from service.providers.mailgun_log import find_accepted
from tests.contract.providers.bench import LATER, MakeBatch, send
from tests.contract.providers.bench_mailgun import MailgunBench

TRIED_AT = datetime(2025, 10, 20, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.fixture
def mailgun(request: pytest.FixtureRequest) -> MailgunBench:
    return MailgunBench.open(request)


def make_sought(key: str, readers: int) -> Sought:
    return Sought(
        key, TRIED_AT, {f"reader{number}@example.com": number for number in range(1, readers + 1)}
    )


def look_up(mailgun: MailgunBench, sought: Sought, **options: str) -> dict[int, str]:
    provider = mailgun.make_provider(**options)
    assert isinstance(provider, LogReader)
    return dict(provider.look_up(sought, total_for=LATER))


def test_every_reader_of_a_batch_whose_answer_was_lost_is_found(
    mailgun: MailgunBench, make_batch: MakeBatch
) -> None:
    mailgun.play("drop-after-accepting")
    batch = make_batch(recipients=250)
    with pytest.raises(UnsureError):
        send(mailgun.provider, batch)
    found = look_up(mailgun, make_sought(batch.key, 250))
    assert set(found) == set(range(1, 251))
    assert set(found.values()) == {"1@mailgun.example"}


def test_nobody_is_found_of_a_batch_that_never_arrived_or_has_another_key(
    mailgun: MailgunBench, make_batch: MakeBatch
) -> None:
    batch = make_batch()
    mailgun.play("drop-before-reading")
    with pytest.raises(UnsureError):
        send(mailgun.provider, batch)
    assert look_up(mailgun, make_sought(batch.key, 2)) == {}
    send(mailgun.provider, batch)
    assert look_up(mailgun, make_sought("another.key", 2)) == {}


def test_a_wrong_key_is_no_proof_of_anything(mailgun: MailgunBench) -> None:
    with pytest.raises(UnsureError):
        look_up(mailgun, make_sought("some.key", 2), api_key="wrong")


class Answering(OutboundClient):
    """Answers every question with the same page."""

    def __init__(self, page: str) -> None:
        self._page = page

    def get(self, url: str, *, headers: object, total_for: timedelta) -> Reply:
        return Reply(200, {}, self._page.encode())


@pytest.mark.parametrize(
    "page",
    [
        "It works!",
        '{"items": null}',
        '[{"event": "accepted"}]',
        '{"items": [{}], "paging": {"next": "https://elsewhere.example/v3/x/events/2"}}',
    ],
)
def test_what_is_no_page_of_the_log_proves_nothing(page: str) -> None:
    with pytest.raises(UnsureError):
        find_accepted(
            Answering(page), "https://x.example/e", {}, make_sought("k", 1), total_for=SECOND
        )


@pytest.mark.parametrize(
    "item",
    [
        '{"event": "accepted", "recipient": "reader1@example.com", "tags": ["another"]}',
        '{"event": "failed", "recipient": "reader1@example.com", "tags": ["k"]}',
        '{"event": "accepted", "recipient": "reader2@example.com", "tags": ["k"]}',
        '{"event": "accepted", "tags": ["k"]}',
        '{"event": "accepted", "recipient": "reader1@example.com"}',
        "7",
    ],
)
def test_only_an_accepted_reader_of_this_very_batch_counts(item: str) -> None:
    page = f'{{"items": [{item}]}}'
    client = Answering(page)
    sought = make_sought("k", 1)
    assert find_accepted(client, "https://x.example/e", {}, sought, total_for=SECOND) == {}
