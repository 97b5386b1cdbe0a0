"""What Resend's answers mean, and what its adapter alone has to keep."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from service.errors import UnsupportedError, UnsureError
from service.model.delivery import Scope
from tests.contract.providers.bench import MakeBatch, get_refusal, send
from tests.contract.providers.bench_resend import ResendBench


@pytest.fixture
def resend(request: pytest.FixtureRequest) -> ResendBench:
    return ResendBench.open(request)


@pytest.mark.parametrize(
    ("answer", "scope", "code", "retry_after"),
    [
        ("400", Scope.BATCH, "bad_request", None),
        ("400-key", Scope.ACCOUNT, "account", None),
        ("401", Scope.ACCOUNT, "account", None),
        ("401-restricted", Scope.ACCOUNT, "account", None),
        ("403", Scope.ACCOUNT, "account", None),
        ("403-domain", Scope.ACCOUNT, "account", None),
        ("403-suspended", Scope.ACCOUNT, "account", None),
        ("404", Scope.ACCOUNT, "account", None),
        ("405", Scope.ACCOUNT, "account", None),
        ("422", Scope.BATCH, "bad_request", None),
        ("422-from", Scope.ACCOUNT, "bad_message", None),
        ("422-subject", Scope.ACCOUNT, "bad_message", None),
        ("422-address", Scope.ACCOUNT, "account", None),
        ("422-missing", Scope.ACCOUNT, "bad_message", None),
        ("451", Scope.ACCOUNT, "account", None),
        ("429", Scope.ACCOUNT, "rate_limit_exceeded", timedelta(seconds=1)),
        ("429-seconds", Scope.ACCOUNT, "rate_limit_exceeded", timedelta(seconds=17)),
        ("429-day", Scope.ACCOUNT, "daily_quota_exceeded", timedelta(hours=1)),
        ("429-month", Scope.ACCOUNT, "account", None),
    ],
)
def test_a_documented_refusal_says_whose_fault_it_is(
    resend: ResendBench,
    make_batch: MakeBatch,
    answer: str,
    scope: Scope,
    code: str,
    retry_after: timedelta | None,
) -> None:
    resend.play(answer)

    refusal = get_refusal(resend.provider, make_batch())

    assert (refusal.scope, refusal.code, refusal.retry_after) == (scope, code, retry_after)
    assert "@" not in refusal.detail
    assert len(resend.list_requests()) == 1


@pytest.mark.parametrize(
    "answer",
    [
        "409",
        "409-running",
        "429-page",
        "500",
        "500-internal",
        "one-short",
        "without-id",
        "with-errors",
    ],
)
def test_a_documented_answer_that_proves_nothing_is_unsure(
    resend: ResendBench, make_batch: MakeBatch, answer: str
) -> None:
    resend.play(answer)

    with pytest.raises(UnsureError):
        send(resend.provider, make_batch())


def test_a_lost_answer_is_found_again_under_the_same_key(
    resend: ResendBench, make_batch: MakeBatch
) -> None:
    resend.play("drop-after-accepting")
    with pytest.raises(UnsureError):
        send(resend.provider, make_batch())

    outcome = send(resend.provider, make_batch())

    assert outcome.message_ids == {1: "re-1-1", 2: "re-1-2"}
    assert len(resend.list_arrived()) == 2


def test_a_key_that_was_used_for_another_body_proves_nothing(
    resend: ResendBench, make_batch: MakeBatch
) -> None:
    send(resend.provider, make_batch())

    with pytest.raises(UnsureError, match="409"):
        send(resend.provider, make_batch(subject="別の号"))


def test_each_row_has_the_id_of_its_own_mail(resend: ResendBench, make_batch: MakeBatch) -> None:
    assert send(resend.provider, make_batch()).message_ids == {1: "re-1-1", 2: "re-1-2"}


def test_the_request_holds_exactly_this(resend: ResendBench, make_batch: MakeBatch) -> None:
    send(resend.provider, make_batch())

    [request] = resend.list_requests()
    headers = {name.lower(): value for name, value in request["headers"].items()}
    assert request["path"] == "/emails/batch"
    assert headers["authorization"] == "Bearer test-key"
    assert headers["idempotency-key"] == "edition-7.batch-3"
    assert headers["content-type"] == "application/json"
    assert "x-batch-validation" not in headers
    assert request["json"][1] == {
        "from": "瓦版編集部 <news@example.com>",
        "to": ["reader2@example.com"],
        "subject": "今週の瓦版：AIの話題15本",
        "reply_to": "desk@example.com",
        "headers": {
            "Message-ID": "<edition-7.2@example.com>",
            "List-Id": "<weekly.example.com>",
            "List-Unsubscribe": "<https://news.example.com/unsubscribe/2?k=1&t=x>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
        "tags": [{"name": "batch", "value": "edition-7_batch-3"}, {"name": "row", "value": "2"}],
        "text": "やあ\n配信停止: https://news.example.com/unsubscribe/2?k=1&t=x\n",
        "html": (
            '<p>やあ</p><a href="https://news.example.com/unsubscribe/2?k=1&amp;t=x">配信停止</a>'
        ),
    }


def test_what_a_name_would_need_quoting_for_gets_wide_signs(
    resend: ResendBench, make_batch: MakeBatch
) -> None:
    batch = make_batch()
    send(resend.provider, replace(batch, sender=replace(batch.sender, name='Desk, "Inc." <x>')))

    [request] = resend.list_requests()
    assert request["json"][0]["from"] == "Desk， ＂Inc.＂ ＜x＞ <news@example.com>"


@pytest.mark.parametrize("key", ["", "k" * 257, "two words", "号外"])
def test_a_key_that_resend_does_not_take_is_unsupported(
    resend: ResendBench, make_batch: MakeBatch, key: str
) -> None:
    with pytest.raises(UnsupportedError, match="key"):
        resend.provider.prepare(make_batch(key=key))


def test_what_resend_could_not_keep_is_unsupported(
    resend: ResendBench, make_batch: MakeBatch
) -> None:
    with pytest.raises(UnsupportedError, match="header once"):
        resend.provider.prepare(make_batch(headers=(("X-A", "1"), ("x-a", "2"))))
    with pytest.raises(UnsupportedError, match="no test mode"):
        resend.provider.prepare(make_batch(test_mode=True))
    with pytest.raises(UnsupportedError, match="longer than"):
        resend.provider.prepare(make_batch(text="あ" * 1_700_000))
    with pytest.raises(UnsupportedError, match="half of a character"):
        resend.provider.prepare(make_batch(text="\ud83d"))


def test_the_account_is_what_the_configuration_calls_it(resend: ResendBench) -> None:
    assert resend.provider.account == "resend"
    assert resend.make_provider(account="tokyo").account == "resend:tokyo"
