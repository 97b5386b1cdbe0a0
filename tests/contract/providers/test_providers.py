"""What every provider keeps, whatever it is; a new one joins with a line in BENCHES."""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from service.errors import NotAllowedError, UnsupportedError
from service.model.delivery import Scope
from service.model.message import MESSAGE_ID_MARK, UNSUBSCRIBE_MARK
from service.outbound.client import OutboundClient
from service.providers.base import Provider
from service.providers.looking_up import LogReader
from service.providers.sources import open_hooks
from tests.contract.providers.bench import (
    LATER,
    Bench,
    HttpBench,
    MakeBatch,
    get_refusal,
    send,
)
from tests.contract.providers.bench_brevo import BrevoBench
from tests.contract.providers.bench_mailgun import MailgunBench
from tests.contract.providers.bench_outbox import OutboxBench
from tests.contract.providers.bench_postmark import PostmarkBench
from tests.contract.providers.bench_resend import ResendBench
from tests.contract.providers.bench_sendgrid import SendGridBench
from tests.contract.providers.bench_ses import SesBench
from tests.contract.providers.bench_smtp import SmtpBench

BENCHES: tuple[type[Bench], ...] = (
    OutboxBench,
    BrevoBench,
    MailgunBench,
    PostmarkBench,
    ResendBench,
    SendGridBench,
    SmtpBench,
    SesBench,
)
OWN_MESSAGE_ID = {"ses"}
"""Providers that put an id of their own in the place of any other, and hand it back."""

HTTP_BENCHES = [kind for kind in BENCHES if issubclass(kind, HttpBench)]

WORD_JOINER = "\u2060"
SOON, NO_TIME = timedelta(milliseconds=300), timedelta(0)
UNDOCUMENTED = (
    "400-page",
    "401-page",
    "418",
    "500-after-accepting",
    "502-page",
    "503",
    "redirect",
    "text-200",
    "array-200",
    "broken-json",
    "truncated",
    "endless",
    "drop-before-reading",
    "drop-after-accepting",
)
TIME_OUTS = ("silence-before-reading", "silence-after-accepting", "drip")


@pytest.fixture(params=BENCHES, ids=lambda kind: kind.kind)
def bench(request: pytest.FixtureRequest) -> Bench:
    kind: type[Bench] = request.param
    return kind.open(request)


@pytest.fixture(params=HTTP_BENCHES, ids=lambda kind: kind.kind)
def api(request: pytest.FixtureRequest) -> HttpBench:
    kind: type[HttpBench] = request.param
    return kind.open(request)


def read_as_people_do(content: str) -> str:
    return content.replace(WORD_JOINER, "").replace("&#37;", "%").replace("&#123;", "{")


def test_everybody_in_the_batch_is_accepted_and_gets_one_mail(
    bench: Bench, make_batch: MakeBatch
) -> None:
    outcome = send(bench.provider, make_batch())

    assert set(outcome.message_ids) == {1, 2}
    assert all(outcome.message_ids.values())
    assert outcome.refusals == {}
    assert [mail.to for mail in bench.list_arrived()] == [
        "reader1@example.com",
        "reader2@example.com",
    ]


def test_each_reader_gets_exactly_these_headers(bench: Bench, make_batch: MakeBatch) -> None:
    send(bench.provider, make_batch())

    for row_id, mail in enumerate(bench.list_arrived(), start=1):
        message_id = {"message-id": f"<edition-7.{row_id}@example.com>"}
        assert {name.lower(): value for name, value in mail.headers.items()} == {
            "reply-to": "desk@example.com",
            **({} if bench.kind in OWN_MESSAGE_ID else message_id),
            "list-id": "<weekly.example.com>",
            "list-unsubscribe": f"<https://news.example.com/unsubscribe/{row_id}?k=1&t=x>",
            "list-unsubscribe-post": "List-Unsubscribe=One-Click",
        }


def test_each_readers_own_link_stands_in_text_and_html(bench: Bench, make_batch: MakeBatch) -> None:
    send(bench.provider, make_batch())

    for row_id, mail in enumerate(bench.list_arrived(), start=1):
        link = f"https://news.example.com/unsubscribe/{row_id}?k=1"
        assert mail.text == f"やあ\n配信停止: {link}&t=x\n"
        assert mail.html == f'<p>やあ</p><a href="{link}&amp;t=x">配信停止</a>'


def test_japanese_subjects_and_names_arrive_as_written(bench: Bench, make_batch: MakeBatch) -> None:
    batch = make_batch(subject="号外・" * 40)
    send(
        bench.provider,
        replace(batch, sender=replace(batch.sender, name="瓦版「毎週月曜」編集部" * 4)),
    )

    [mail, _] = bench.list_arrived()
    assert mail.subject == "号外・" * 40
    assert mail.sender_name == "瓦版「毎週月曜」編集部" * 4
    assert mail.sender_address == "news@example.com"


def test_a_sender_without_name_or_reply_address_is_fine(
    bench: Bench, make_batch: MakeBatch
) -> None:
    batch = make_batch()
    send(bench.provider, replace(batch, sender=replace(batch.sender, name="", reply_to="")))

    [mail, _] = bench.list_arrived()
    assert (mail.sender_name, mail.sender_address) == ("", "news@example.com")
    assert "reply-to" not in {name.lower() for name in mail.headers}


@pytest.mark.parametrize("count", [1, None])
def test_one_recipient_or_a_full_batch_are_taken(
    bench: Bench, make_batch: MakeBatch, count: int | None
) -> None:
    count = count or bench.provider.capabilities.batch_limit

    outcome = send(bench.provider, make_batch(recipients=count))

    assert len(outcome.message_ids) == count
    assert len(set(bench.list_readers())) == count


def test_nobody_or_one_too_many_is_unsupported(bench: Bench, make_batch: MakeBatch) -> None:
    for count in (0, bench.provider.capabilities.batch_limit + 1):
        with pytest.raises(UnsupportedError, match="recipients"):
            bench.provider.prepare(make_batch(recipients=count))


def test_one_address_twice_is_unsupported(bench: Bench, make_batch: MakeBatch) -> None:
    batch = make_batch()
    first, second = batch.recipients
    twice = (first, replace(second, address=first.address.upper()))

    with pytest.raises(UnsupportedError, match=r"twice|1 recipients"):
        bench.provider.prepare(replace(batch, recipients=twice))


def test_preparing_again_gives_the_same_bytes(bench: Bench, make_batch: MakeBatch) -> None:
    first, again = (bench.provider.prepare(make_batch(recipients=1)) for _ in range(2))

    assert first == again
    assert first.digest == again.digest
    assert first.row_ids == (1,)
    other = bench.provider.prepare(make_batch(recipients=1, key="edition-7.batch-4"))
    assert other.digest != first.digest


def test_a_batch_sent_twice_arrives_once_where_the_provider_knows_its_key(
    bench: Bench, make_batch: MakeBatch
) -> None:
    first, again = (send(bench.provider, make_batch()) for _ in range(2))

    knows_keys = bench.provider.capabilities.same_key_for is not None
    assert len(bench.list_arrived()) == (2 if knows_keys else 4)
    assert (again.refusals, again.unsure) == ({}, {})
    # Some say the first answer again, and some only that there was one.
    assert (first == again or not again.message_ids) == knows_keys


def test_ready_is_called_once_and_nothing_has_left_before(
    bench: Bench, make_batch: MakeBatch
) -> None:
    seen: list[int] = []

    batch = make_batch(recipients=1)
    send(bench.provider, batch, ready=lambda: seen.append(len(bench.list_arrived())))

    assert seen == [0]


def test_whatever_ready_raises_comes_out_and_nothing_leaves(
    bench: Bench, make_batch: MakeBatch
) -> None:
    error = NotAllowedError("another attempt took over")

    def refuse() -> None:
        raise error

    with pytest.raises(NotAllowedError) as caught:
        send(bench.provider, make_batch(), ready=refuse)

    assert caught.value is error
    assert bench.list_arrived() == []


@pytest.mark.parametrize(
    "written",
    [
        "%recipient.u%",
        "%recipient.uh%と%recipient%",
        "100%recipient.m%",
        "%%recipient_email%%",
        "%unsubscribe_url% %tag_unsubscribe_url% %mailing_list_unsubscribe_url%",
        "%recipient.",
        "{{name}} -name- {$name} {{ params.a }}{%if a%}{#a#}{{{a}}}",
        "50%オフ、%E3%81%82、%20",
        MESSAGE_ID_MARK,
    ],
)
def test_merge_marks_in_a_post_arrive_as_written(
    bench: Bench, make_batch: MakeBatch, written: str
) -> None:
    send(
        bench.provider,
        make_batch(
            subject=f"件名 {written}",
            text=f"{written}{UNSUBSCRIBE_MARK}\n",
            html=f"<p>{written}</p>{UNSUBSCRIBE_MARK}",
        ),
    )

    [mail, _] = bench.list_arrived()
    link = "https://news.example.com/unsubscribe/1?k=1"
    assert read_as_people_do(mail.subject) == f"件名 {written}"
    assert read_as_people_do(mail.text) == f"{written}{link}&t=x\n"
    assert read_as_people_do(mail.html) == f"<p>{written}</p>{link}&amp;t=x"


def test_content_without_any_mark_still_goes_to_each_reader_alone(
    bench: Bench, make_batch: MakeBatch
) -> None:
    send(bench.provider, make_batch(headers=(), text="やあ", html="やあ"))

    assert [mail.to for mail in bench.list_arrived()] == [
        "reader1@example.com",
        "reader2@example.com",
    ]


@pytest.mark.parametrize("evil", ["\r\nBcc: x@example.com", "\0", "\u2028"])
def test_control_characters_in_headers_are_unsupported(
    bench: Bench, make_batch: MakeBatch, evil: str
) -> None:
    batch = make_batch(recipients=1)
    for attempt in (
        replace(batch, subject=f"号外{evil}"),
        replace(batch, sender=replace(batch.sender, name=f"編集部{evil}")),
        replace(batch, sender=replace(batch.sender, reply_to=f"a@example.com{evil}")),
        replace(batch, headers=(("List-Id", f"<a>{evil}"),)),
    ):
        with pytest.raises(UnsupportedError):
            bench.provider.prepare(attempt)


def test_a_reader_without_a_value_is_unsupported(bench: Bench, make_batch: MakeBatch) -> None:
    batch = make_batch(recipients=1)
    [reader] = batch.recipients

    with pytest.raises(UnsupportedError, match="row 1"):
        bench.provider.prepare(replace(batch, recipients=(replace(reader, values={}),)))


def test_what_is_not_documented_is_unsure_and_never_asked_again(
    api: HttpBench, make_batch: MakeBatch
) -> None:
    api.play(*UNDOCUMENTED)

    ends = {answer: end_of(api.provider, make_batch, LATER) for answer in UNDOCUMENTED}

    assert ends == dict.fromkeys(UNDOCUMENTED, "UnsureError")
    # All but the one that the fake hung up on without reading it.
    assert len(api.list_requests()) == len(UNDOCUMENTED) - 1


def test_a_time_out_is_unsure_whether_the_request_was_taken_or_not(
    request: pytest.FixtureRequest, make_batch: MakeBatch
) -> None:
    benches = [kind.open(request) for kind in HTTP_BENCHES]
    for one in benches:
        one.play(*TIME_OUTS)

    # All at once, for each of them takes the whole of its time.
    with ThreadPoolExecutor(len(benches) * len(TIME_OUTS)) as pool:
        calls = [one.provider for one in benches for _ in TIME_OUTS]
        ends = list(pool.map(lambda provider: end_of(provider, make_batch, SOON), calls))

    assert ends == ["UnsureError"] * len(calls)


def end_of(provider: Provider, make_batch: MakeBatch, total_for: timedelta) -> str:
    with pytest.raises(Exception, match=r".") as caught:
        send(provider, make_batch(), total_for=total_for)
    return type(caught.value).__name__


def test_no_connection_at_all_is_a_refusal_for_now(api: HttpBench, make_batch: MakeBatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    provider = api.make_provider(base_url=f"http://127.0.0.1:{port}")

    refusal = get_refusal(provider, make_batch())

    assert (refusal.scope, refusal.code) == (Scope.ACCOUNT, "unreachable")
    assert refusal.retry_after == timedelta(minutes=1)


def test_a_wrong_key_is_refused_for_the_account(api: HttpBench, make_batch: MakeBatch) -> None:
    refusal = get_refusal(api.make_provider(api_key="other"), make_batch())

    assert (refusal.scope, refusal.retry_after) == (Scope.ACCOUNT, None)
    assert api.list_arrived() == []


def test_what_is_declared_is_there(bench: Bench, client: OutboundClient) -> None:
    can = bench.provider.capabilities

    assert isinstance(bench.provider, LogReader) == can.looks_up
    assert (bench.kind in open_hooks({}, client)) == can.sends_events
    # Nobody forgets within the time in which they are believed.
    assert (can.log_complete_after or NO_TIME) <= (can.log_kept_for or NO_TIME)
    assert 1 <= can.batch_limit <= can.byte_limit


def test_the_account_names_its_kind_and_holds_no_key(bench: Bench) -> None:
    assert bench.provider.account.partition(":")[0] == bench.kind
    assert "test-key" not in bench.provider.account
