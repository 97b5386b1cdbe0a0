"""What Brevo's answers mean, and what its adapter alone has to keep."""

from __future__ import annotations

import json
import uuid
from dataclasses import replace
from datetime import timedelta

import pytest

from service.errors import UnsupportedError, UnsureError
from service.model.delivery import Scope
from tests.contract.providers.bench import MakeBatch, get_refusal, send
from tests.contract.providers.bench_brevo import BrevoBench

MINUTE = timedelta(minutes=1)


@pytest.fixture
def brevo(request: pytest.FixtureRequest) -> BrevoBench:
    return BrevoBench.open(request)


@pytest.mark.parametrize(
    ("answer", "scope", "code", "retry_after"),
    [
        ("400", Scope.ACCOUNT, "bad_message", None),
        ("400-reader", Scope.BATCH, "invalid_address", None),
        ("400-sender", Scope.ACCOUNT, "bad_message", None),
        ("400-capitals", Scope.ACCOUNT, "bad_message", None),
        ("400-missing", Scope.ACCOUNT, "bad_message", None),
        ("400-range", Scope.ACCOUNT, "bad_message", None),
        ("401", Scope.ACCOUNT, "unauthorized", None),
        ("402", Scope.ACCOUNT, "no_credits", None),
        ("403", Scope.ACCOUNT, "forbidden", None),
        ("403-validation", Scope.ACCOUNT, "forbidden", None),
        ("404", Scope.ACCOUNT, "not_found", None),
        ("405", Scope.ACCOUNT, "not_allowed", None),
        ("406", Scope.ACCOUNT, "not_acceptable", None),
        ("422", Scope.ACCOUNT, "bad_message", None),
        ("429", Scope.ACCOUNT, "rate_limited", MINUTE),
        ("429-seconds", Scope.ACCOUNT, "rate_limited", timedelta(seconds=17)),
        ("429-reset", Scope.ACCOUNT, "rate_limited", timedelta(seconds=23)),
    ],
)
def test_a_documented_refusal_says_whose_fault_it_is(
    brevo: BrevoBench,
    make_batch: MakeBatch,
    answer: str,
    scope: Scope,
    code: str,
    retry_after: timedelta | None,
) -> None:
    brevo.play(answer)

    refusal = get_refusal(brevo.provider, make_batch(recipients=1))

    assert (refusal.scope, refusal.code, refusal.retry_after) == (scope, code, retry_after)
    assert "@" not in refusal.detail
    assert len(brevo.list_requests()) == 1


@pytest.mark.parametrize("answer", ["400-other", "429-page", "500", "201-empty", "201-without-id"])
def test_an_answer_that_proves_nothing_is_unsure(
    brevo: BrevoBench, make_batch: MakeBatch, answer: str
) -> None:
    brevo.play(answer)

    with pytest.raises(UnsureError):
        send(brevo.provider, make_batch(recipients=1))


def test_the_request_holds_exactly_this(brevo: BrevoBench, make_batch: MakeBatch) -> None:
    outcome = send(brevo.provider, make_batch(recipients=1))

    [request] = brevo.list_requests()
    key = request["json"]["headers"].pop("idempotencyKey")
    assert uuid.UUID(key).version == 5
    assert outcome.message_ids == {1: "<1@smtp-relay.brevo.example>"}
    assert request["path"] == "/smtp/email"
    assert request["json"] == {
        "sender": {"email": "news@example.com", "name": "瓦版編集部"},
        "to": [{"email": "reader1@example.com"}],
        "replyTo": {"email": "desk@example.com"},
        "subject": "今週の瓦版：AIの話題15本",
        "htmlContent": (
            '<p>やあ</p><a href="https://news.example.com/unsubscribe/1?k=1&amp;t=x">配信停止</a>'
        ),
        "textContent": "やあ\n配信停止: https://news.example.com/unsubscribe/1?k=1&t=x\n",
        "headers": {
            "Message-ID": "<edition-7.1@example.com>",
            "List-Id": "<weekly.example.com>",
            "List-Unsubscribe": "<https://news.example.com/unsubscribe/1?k=1&t=x>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "X-Mailin-custom": '{"batch":"edition-7.batch-3","row":1}',
        },
    }


def test_each_batch_has_a_key_of_its_own(brevo: BrevoBench, make_batch: MakeBatch) -> None:
    def find_key(key: str) -> str:
        [body] = brevo.provider.prepare(make_batch(recipients=1, key=key)).bodies
        return str(json.loads(body)["headers"]["idempotencyKey"])

    assert find_key("b1") == find_key("b1")
    assert find_key("b1") != find_key("b2")


def test_a_key_that_was_taken_before_means_that_the_mail_was(
    brevo: BrevoBench, make_batch: MakeBatch
) -> None:
    brevo.play("500-after-accepting")
    with pytest.raises(UnsureError):
        send(brevo.provider, make_batch(recipients=1))

    outcome = send(brevo.provider, make_batch(recipients=1))

    assert (outcome.message_ids, outcome.refusals, outcome.unsure) == ({}, {}, {})
    assert len(brevo.list_arrived()) == 1


@pytest.mark.parametrize("by_settings", [True, False])
def test_in_test_mode_the_mail_is_taken_and_dropped(
    brevo: BrevoBench, make_batch: MakeBatch, by_settings: bool
) -> None:
    provider = brevo.make_provider(test_mode=by_settings)

    send(provider, make_batch(recipients=1, test_mode=not by_settings))

    [request] = brevo.list_requests()
    assert request["json"]["headers"]["X-Sib-Sandbox"] == "drop"
    assert brevo.list_arrived() == []


def test_a_name_that_brevo_would_drop_gets_wide_signs(
    brevo: BrevoBench, make_batch: MakeBatch
) -> None:
    batch = make_batch(recipients=1)
    for number, name in enumerate(('瓦版 (編集部), "号外"', "Desk, Inc. (Tokyo)")):
        sender = replace(batch.sender, name=name)
        send(brevo.provider, replace(batch, key=f"b{number}", sender=sender))

    names = [mail.sender_name for mail in brevo.list_arrived()]
    assert names == ["瓦版 （編集部）， ＂号外＂", "Desk, Inc. (Tokyo)"]


def test_template_marks_are_parted_in_text_written_out_in_html_and_spaced_in_styles(
    brevo: BrevoBench, make_batch: MakeBatch
) -> None:
    page = "<style>@media print{#a{b:c}}</style><p title='{{x}}'>{%x%} {x}</p><STYLE>{{</STYLE>"
    send(brevo.provider, make_batch(recipients=1, html=page, text="{{{x}}} {#x#} {x}"))

    [request] = brevo.list_requests()
    assert request["json"]["textContent"] == "{\u2060{\u2060{x}}} {\u2060#x#} {x}"
    assert request["json"]["htmlContent"] == (
        "<style>@media print{ #a{b:c}}</style>"
        "<p title='&#123;{x}}'>&#123;%x%} {x}</p><STYLE>{ {</STYLE>"
    )


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"headers": (("List-Id", "<a>"), ("list-id", "<b>"))}, "once"),
        ({"headers": (("X-Mailin-Tag", "a"),)}, "not pass"),
        ({"headers": (("X-Sib-Sandbox", "drop"),)}, "not pass"),
        ({"headers": (("Idempotency-Key", "a"),)}, "not pass"),
        ({"headers": (("X-A", "{{ params.a }}"),)}, "X-A"),
        ({"headers": (("X-A", r"\u3042"),)}, "X-A"),
        ({"subject": ""}, "empty"),
        ({"html": ""}, "empty"),
        ({"text": ""}, "empty"),
        ({"key": ""}, "key"),
        ({"key": "k" * 201}, "key"),
        ({"text": "あ" * 3_400_000}, "longer"),
    ],
)
def test_what_brevo_would_lose_is_unsupported(
    brevo: BrevoBench, make_batch: MakeBatch, changes: dict[str, object], complaint: str
) -> None:
    with pytest.raises(UnsupportedError, match=complaint):
        brevo.provider.prepare(make_batch(recipients=1, **changes))


def test_a_name_of_more_than_70_characters_is_unsupported(
    brevo: BrevoBench, make_batch: MakeBatch
) -> None:
    batch = make_batch(recipients=1)
    brevo.provider.prepare(replace(batch, sender=replace(batch.sender, name="瓦" * 70)))

    with pytest.raises(UnsupportedError, match="70 characters"):
        brevo.provider.prepare(replace(batch, sender=replace(batch.sender, name="瓦" * 71)))
