"""What a mail server's answers mean, and what becomes of a batch whose session breaks."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from service.errors import ConfigError, UnsupportedError
from service.model.delivery import Scope
from service.outbound.smtp import Answer, Letter, Relay, Security, Stage, open_session
from service.providers.smtp import SmtpSettings
from service.providers.smtp_answers import judge
from tests.contract.providers.bench import MakeBatch, get_refusal, send
from tests.contract.providers.bench_smtp import SmtpBench
from tests.fakes.smtp_server import DROP, SILENCE, SLOW

NOT_NOW = timedelta(minutes=1)
LATER = timedelta(minutes=15)
SOON = timedelta(milliseconds=200)


@pytest.fixture
def smtp(request: pytest.FixtureRequest) -> SmtpBench:
    return SmtpBench.open(request)


def reader(number: int) -> str:
    return f"reader{number}@example.com"


def describe(refusals: Any) -> dict[int, tuple[Scope, str, timedelta | None]]:  # noqa: ANN401
    return {row: (one.scope, one.code, one.retry_after) for row, one in refusals.items()}


@pytest.mark.parametrize(
    ("stage", "said", "scope", "code", "retry_after"),
    [
        (Stage.OPENING, "554 5.3.2 no mail here", Scope.ACCOUNT, "turned_away", None),
        (Stage.OPENING, "421 4.3.2 too busy", Scope.ACCOUNT, "closing", NOT_NOW),
        (Stage.OPENING, "451 4.3.0 later", Scope.ACCOUNT, "out_of_order", NOT_NOW),
        (Stage.SIGN_IN, "535 5.7.8 wrong password", Scope.ACCOUNT, "unauthorized", None),
        (Stage.SIGN_IN, "454 4.7.0 try again", Scope.ACCOUNT, "out_of_order", NOT_NOW),
        (Stage.SENDER, "550 5.7.1 not your address", Scope.ACCOUNT, "sender_refused", None),
        (Stage.SENDER, "530 5.7.0 sign in first", Scope.ACCOUNT, "not_allowed", None),
        (Stage.SENDER, "552 too long", Scope.BATCH, "too_large", None),
        (Stage.SENDER, "452 4.3.1 disk full", Scope.ACCOUNT, "out_of_order", NOT_NOW),
        (Stage.RECIPIENT, "550 5.1.1 unknown", Scope.RECIPIENT, "no_mailbox", None),
        (Stage.RECIPIENT, "550 no such user", Scope.RECIPIENT, "no_mailbox", None),
        (Stage.RECIPIENT, "553 5.1.8 sender's domain", Scope.ACCOUNT, "sender_refused", None),
        (Stage.RECIPIENT, "554 5.7.1 relay access denied", Scope.BATCH, "policy", None),
        (Stage.RECIPIENT, "554 no", Scope.BATCH, "policy", None),
        (Stage.RECIPIENT, "503 5.5.1 MAIL first", Scope.ACCOUNT, "not_allowed", None),
        (Stage.RECIPIENT, "450 4.2.0 greylisted", Scope.RECIPIENT, "put_off", LATER),
        (Stage.RECIPIENT, "452 4.2.2 mailbox full", Scope.RECIPIENT, "put_off", LATER),
        (Stage.RECIPIENT, "452 4.3.1 disk full", Scope.ACCOUNT, "out_of_order", NOT_NOW),
        (Stage.CONTENT, "554 5.6.0 spam", Scope.BATCH, "content_refused", None),
        (Stage.CONTENT, "552 5.2.3 too long", Scope.BATCH, "too_large", None),
        (Stage.CONTENT, "552 5.2.2 mailbox full", Scope.RECIPIENT, "no_mailbox", None),
        (Stage.CONTENT, "454 Throttling failure", Scope.ACCOUNT, "out_of_order", NOT_NOW),
        (Stage.CONTENT, "451 4.7.1 later", Scope.RECIPIENT, "put_off", LATER),
        (Stage.CONTENT, "421 4.3.0 closing", Scope.ACCOUNT, "closing", NOT_NOW),
    ],
)
def test_an_answer_says_whose_fault_it_is(
    stage: Stage, said: str, scope: Scope, code: str, retry_after: timedelta | None
) -> None:
    refusal = judge(Answer(stage, int(said[:3]), said[4:]))

    assert (refusal.scope, refusal.code, refusal.retry_after) == (scope, code, retry_after)


def test_what_the_server_says_is_kept_without_addresses() -> None:
    said = "5.1.1 <reader1@example.com>: Recipient address rejected\nUser unknown"

    refusal = judge(Answer(Stage.RECIPIENT, 550, said))

    assert refusal.detail == "550 5.1.1 <(address)>: Recipient address rejected User unknown"


def test_each_reader_gets_a_transaction_of_their_own(
    smtp: SmtpBench, make_batch: MakeBatch
) -> None:
    outcome = send(smtp.provider, make_batch(recipients=3))

    assert outcome.message_ids == {row: f"2.0.0 Ok: queued as {row}" for row in (1, 2, 3)}
    assert [(sender, to) for sender, to, _ in smtp.server.mails] == [
        ("news@example.com", reader(number)) for number in (1, 2, 3)
    ]
    sizes = [f"MAIL SIZE={len(content)}" for _, _, content in smtp.server.mails]
    assert smtp.server.commands == ["EHLO [127.0.0.1]", *sizes]


def test_a_message_is_plain_ascii_lines_as_any_server_takes_them(
    smtp: SmtpBench, make_batch: MakeBatch
) -> None:
    send(smtp.provider, make_batch(subject="号外" * 50, text="。\r\n.\r\n" * 80, html="あ" * 999))

    for _, _, content in smtp.server.mails:
        assert content.isascii()
        assert content.endswith(b"\r\n")
        assert max(map(len, content.split(b"\r\n"))) <= 78
        assert b"\n" not in content.replace(b"\r\n", b"")


def test_each_reader_ends_by_their_own_answer(smtp: SmtpBench, make_batch: MakeBatch) -> None:
    smtp.server.answers = {
        f"RCPT {reader(1)}": "550 5.1.1 unknown",
        f"RCPT {reader(3)}": "450 4.2.0 greylisted",
        f"CONTENT {reader(4)}": "554 5.7.1 looks like spam",
        f"CONTENT {reader(5)}": "451 4.7.1 later",
    }

    outcome = send(smtp.provider, make_batch(recipients=6))

    assert set(outcome.message_ids) == {2, 6}
    assert outcome.unsure == {}
    assert describe(outcome.refusals) == {
        1: (Scope.RECIPIENT, "no_mailbox", None),
        3: (Scope.RECIPIENT, "put_off", LATER),
        4: (Scope.BATCH, "content_refused", None),
        5: (Scope.RECIPIENT, "put_off", LATER),
    }
    assert [mail.to for mail in smtp.list_arrived()] == [reader(2), reader(6)]


@pytest.mark.parametrize(
    ("step", "taken", "unsure", "rest"),
    [
        ("RCPT", {1}, set(), {2, 3, 4}),
        ("CONTENT", {1}, {2}, {3, 4}),
    ],
)
def test_a_lost_connection_leaves_at_most_one_reader_in_doubt(
    smtp: SmtpBench,
    make_batch: MakeBatch,
    step: str,
    taken: set[int],
    unsure: set[int],
    rest: set[int],
) -> None:
    smtp.server.answers = {f"{step} {reader(2)}": DROP}

    outcome = send(smtp.provider, make_batch(recipients=4))

    assert set(outcome.message_ids) == taken
    assert set(outcome.unsure) == unsure
    assert describe(outcome.refusals) == dict.fromkeys(
        rest, (Scope.ACCOUNT, "unreachable", NOT_NOW)
    )
    assert {mail.to for mail in smtp.list_arrived()} == {reader(row) for row in taken | unsure}


@pytest.mark.parametrize(("step", "unsure"), [("RCPT", set()), ("CONTENT", {2})])
def test_a_silent_server_costs_no_more_than_the_time_there_was(
    smtp: SmtpBench, make_batch: MakeBatch, step: str, unsure: set[int]
) -> None:
    smtp.server.answers = {f"{step} {reader(2)}": SILENCE}

    outcome = send(smtp.provider, make_batch(recipients=3), total_for=SOON)

    assert set(outcome.message_ids) == {1}
    assert set(outcome.unsure) == unsure
    assert set(outcome.refusals) == {2, 3} - unsure


def test_no_mail_is_begun_whose_answer_would_come_too_late(
    smtp: SmtpBench, make_batch: MakeBatch
) -> None:
    smtp.server.answers = {f"CONTENT {reader(1)}": SLOW, f"CONTENT {reader(2)}": SILENCE}

    outcome = send(smtp.provider, make_batch(recipients=3), total_for=SOON)

    assert (set(outcome.message_ids), outcome.unsure) == ({1}, {})
    assert {one.scope for one in outcome.refusals.values()} == {Scope.ACCOUNT}


def test_lines_that_begin_with_a_dot_arrive_whole(smtp: SmtpBench) -> None:
    content = b"Subject: x\r\n\r\n.\r\n..\r\n.a\r\n"
    relay = Relay("127.0.0.1", smtp.server.port, Security.NONE)

    with open_session(relay, total_for=timedelta(seconds=20)) as session:
        answer = session.hand_over(Letter("news@example.com", reader(1), content))

    assert answer.is_taken
    assert smtp.server.mails == [("news@example.com", reader(1), content)]


def test_the_account_refused_half_way_puts_the_rest_back(
    smtp: SmtpBench, make_batch: MakeBatch
) -> None:
    smtp.server.answers = {f"CONTENT {reader(2)}": "454 4.7.0 Throttling failure"}

    outcome = send(smtp.provider, make_batch(recipients=3))

    assert set(outcome.message_ids) == {1}
    assert describe(outcome.refusals) == dict.fromkeys(
        (2, 3), (Scope.ACCOUNT, "out_of_order", NOT_NOW)
    )


@pytest.mark.parametrize(
    ("answers", "code", "retry_after"),
    [
        ({"EHLO": "554 5.7.1 go away"}, "turned_away", None),
        ({"EHLO": "421 4.3.2 busy"}, "closing", NOT_NOW),
        ({"EHLO": DROP}, "unreachable", NOT_NOW),
        ({"MAIL": "550 5.7.1 not your address"}, "sender_refused", None),
        ({"MAIL": DROP}, "unreachable", NOT_NOW),
        ({"RCPT": "554 5.7.1 relay access denied"}, "policy", None),
        ({"DATA": "451 4.3.0 no queue"}, "out_of_order", NOT_NOW),
        ({"CONTENT": "554 5.7.1 looks like spam"}, "content_refused", None),
    ],
)
def test_what_meets_everybody_is_the_accounts_business_and_about_no_reader(
    smtp: SmtpBench,
    make_batch: MakeBatch,
    answers: dict[str, str],
    code: str,
    retry_after: timedelta | None,
) -> None:
    smtp.server.answers = answers

    refusal = get_refusal(smtp.provider, make_batch(recipients=3))

    assert (refusal.scope, refusal.code) == (Scope.ACCOUNT, code)
    assert refusal.retry_after == retry_after
    assert smtp.list_arrived() == []


def test_a_single_mail_that_is_refused_is_refused(smtp: SmtpBench, make_batch: MakeBatch) -> None:
    smtp.server.answers = {"CONTENT": "554 5.7.1 looks like spam"}

    outcome = send(smtp.provider, make_batch(recipients=1))

    assert describe(outcome.refusals) == {1: (Scope.BATCH, "content_refused", None)}


def test_no_connection_at_all_is_a_refusal_for_now(smtp: SmtpBench, make_batch: MakeBatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    refusal = get_refusal(smtp.make_provider(port=port), make_batch())

    assert (refusal.scope, refusal.retry_after) == (Scope.ACCOUNT, NOT_NOW)


@contextmanager
def play(*lines: bytes) -> Iterator[int]:
    """A server that says these bytes one after the other, whatever it hears in between."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                for line in lines:
                    connection.sendall(line)
                    end = b"\r\n.\r\n" if line == GO_ON else b"\n"
                    heard = b""
                    while not heard.endswith(end):
                        chunk = connection.recv(65536)
                        if not chunk:
                            return
                        heard += chunk

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        thread.join(5)


GO_ON = b"354 go on\r\n"
HELLO = (b"220 hello\r\n", b"250 hello\r\n")


@pytest.mark.parametrize(
    "lines",
    [
        (b"garbage\r\n",),
        (b"SSH-2.0-x\r\n",),
        (b"220-" + b"x" * 20_000,),
        (b"220-x\r\n" * 3_000,),
        (*HELLO, b"250 ok\r\n", b"250 ok\r\n", b"999 what\r\n"),
        (*HELLO, b"354 what\r\n"),
    ],
)
def test_a_server_that_speaks_something_else_before_any_content_was_sent_nothing(
    smtp: SmtpBench, make_batch: MakeBatch, lines: tuple[bytes, ...]
) -> None:
    with play(*lines) as port:
        refusal = get_refusal(smtp.make_provider(port=port), make_batch())

    assert (refusal.scope, refusal.code) == (Scope.ACCOUNT, "unreachable")


@pytest.mark.parametrize("last", [b"what?\r\n", b"354 more\r\n", b"250", b"2500 ok\r\n"])
def test_after_the_content_only_a_whole_answer_counts(
    smtp: SmtpBench, make_batch: MakeBatch, last: bytes
) -> None:
    talk = (*HELLO, b"250 ok\r\n", b"250 ok\r\n", GO_ON, last)
    with play(*talk) as port:
        outcome = send(smtp.make_provider(port=port), make_batch(), total_for=SOON)

    assert set(outcome.unsure) == {1}
    assert set(outcome.refusals) == {2}


def test_mails_longer_than_the_server_takes_are_unsupported_before_the_first(
    smtp: SmtpBench, make_batch: MakeBatch
) -> None:
    hello = (b"220 hello\r\n", b"250-hello\r\n250 SIZE 1000\r\n")
    called: list[int] = []
    with play(*hello) as port, pytest.raises(UnsupportedError, match="takes 1000"):
        send(smtp.make_provider(port=port), make_batch(), ready=lambda: called.append(1))

    assert called == []


def test_test_mode_would_be_lost(smtp: SmtpBench, make_batch: MakeBatch) -> None:
    with pytest.raises(UnsupportedError, match="test mode"):
        smtp.provider.prepare(make_batch(test_mode=True))


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"host": "mail.example.com", "security": "none"}, "provider.security"),
        ({"host": "mail.example.com", "username": "瓦版"}, "provider.username"),
    ],
)
def test_wrong_settings_are_told_by_key(options: dict[str, Any], told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        SmtpSettings(**options)


@pytest.mark.parametrize(("security", "port"), [("starttls", 587), ("tls", 465)])
def test_the_port_follows_from_the_security(security: str, port: int) -> None:
    assert SmtpSettings("mail.example.com", security=security).relay.port == port


def test_the_password_stays_out_of_sight() -> None:
    assert "test-key" not in repr(SmtpSettings("a.example", password="test-key").relay)
