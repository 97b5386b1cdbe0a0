"""What Postmark's answers mean, and what its adapter alone has to keep."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from service.errors import UnsupportedError, UnsureError
from service.model.delivery import Scope
from tests.contract.providers.bench import MakeBatch, get_refusal, send
from tests.contract.providers.bench_postmark import PostmarkBench

NOT_NOW = timedelta(minutes=1)


@pytest.fixture
def postmark(request: pytest.FixtureRequest) -> PostmarkBench:
    return PostmarkBench.open(request)


@pytest.mark.parametrize(
    ("answer", "scope", "code", "retry_after"),
    [
        ("401", Scope.ACCOUNT, "bad_token", None),
        ("422-300", Scope.BATCH, "invalid_request", None),
        ("422-from", Scope.ACCOUNT, "invalid_sender", None),
        ("422-400", Scope.ACCOUNT, "sender_not_found", None),
        ("422-401", Scope.ACCOUNT, "sender_not_confirmed", None),
        ("422-402", Scope.BATCH, "invalid_json", None),
        ("422-403", Scope.BATCH, "incompatible_json", None),
        ("422-405", Scope.ACCOUNT, "out_of_credits", None),
        ("422-410", Scope.BATCH, "too_many_messages", None),
        ("422-412", Scope.ACCOUNT, "account_pending", None),
        ("422-413", Scope.ACCOUNT, "account_may_not_send", None),
        ("422-1235", Scope.ACCOUNT, "stream_not_found", None),
        ("429", Scope.ACCOUNT, "rate_limited", NOT_NOW),
        ("429-seconds", Scope.ACCOUNT, "rate_limited", timedelta(seconds=170)),
        ("503-100", Scope.ACCOUNT, "maintenance", NOT_NOW),
        ("no-credits", Scope.ACCOUNT, "out_of_credits", None),
        ("bad-from", Scope.ACCOUNT, "invalid_sender", None),
        ("bad-metadata-all", Scope.ACCOUNT, "invalid_request", None),
    ],
)
def test_a_documented_refusal_says_whose_fault_it_is(
    postmark: PostmarkBench,
    make_batch: MakeBatch,
    answer: str,
    scope: Scope,
    code: str,
    retry_after: timedelta | None,
) -> None:
    postmark.play(answer)

    refusal = get_refusal(postmark.provider, make_batch())

    assert (refusal.scope, refusal.code, refusal.retry_after) == (scope, code, retry_after)
    assert "@" not in refusal.detail
    assert len(postmark.list_requests()) == 1


@pytest.mark.parametrize("answer", ["422-701", "422-bare", "429-page", "500", "one-short"])
def test_an_answer_that_proves_nothing_is_unsure(
    postmark: PostmarkBench, make_batch: MakeBatch, answer: str
) -> None:
    postmark.play(answer)

    with pytest.raises(UnsureError):
        send(postmark.provider, make_batch())


@pytest.mark.parametrize(
    ("answer", "scope", "code"),
    [
        ("inactive", Scope.RECIPIENT, "inactive"),
        ("inactive-in-words", Scope.RECIPIENT, "inactive"),
        ("bad-to", Scope.RECIPIENT, "invalid_address"),
        ("bad-metadata", Scope.BATCH, "invalid_request"),
        ("credits-run-out", Scope.ACCOUNT, "out_of_credits"),
    ],
)
def test_one_message_refused_inside_a_success_leaves_the_others_accepted(
    postmark: PostmarkBench, make_batch: MakeBatch, answer: str, scope: Scope, code: str
) -> None:
    postmark.play(answer)

    outcome = send(postmark.provider, make_batch())

    assert set(outcome.message_ids) == {1}
    assert set(outcome.refusals) == {2}
    assert (outcome.refusals[2].scope, outcome.refusals[2].code) == (scope, code)
    assert "@" not in outcome.refusals[2].detail
    assert outcome.unsure == {}


def test_a_message_that_may_be_delayed_is_accepted(
    postmark: PostmarkBench, make_batch: MakeBatch
) -> None:
    postmark.play("delayed")

    outcome = send(postmark.provider, make_batch())

    assert set(outcome.message_ids) == {1, 2}
    assert outcome.refusals == {}


@pytest.mark.parametrize("answer", ["odd", "without-id"])
def test_a_message_whose_answer_proves_nothing_is_unsure_alone(
    postmark: PostmarkBench, make_batch: MakeBatch, answer: str
) -> None:
    postmark.play(answer)

    outcome = send(postmark.provider, make_batch())

    assert set(outcome.message_ids) == {1}
    assert set(outcome.unsure) == {2}
    assert outcome.refusals == {}


def test_each_row_has_the_id_of_its_own_mail(
    postmark: PostmarkBench, make_batch: MakeBatch
) -> None:
    assert send(postmark.provider, make_batch()).message_ids == {1: "pm-1-1", 2: "pm-1-2"}


def test_the_request_holds_exactly_this(postmark: PostmarkBench, make_batch: MakeBatch) -> None:
    send(postmark.make_provider(stream="weekly"), make_batch())

    [request] = postmark.list_requests()
    headers = {name.lower(): value for name, value in request["headers"].items()}
    assert request["path"] == "/email/batch"
    assert headers["x-postmark-server-token"] == "test-key"
    assert headers["accept"] == headers["content-type"] == "application/json"
    assert request["json"][1] == {
        "From": "=?utf-8?B?55Om54mI57eo6ZuG6YOo?= <news@example.com>",
        "To": "reader2@example.com",
        "Subject": "今週の瓦版：AIの話題15本",
        "ReplyTo": "desk@example.com",
        "Headers": [
            {"Name": "Message-ID", "Value": "<edition-7.2@example.com>"},
            {"Name": "List-Id", "Value": "<weekly.example.com>"},
            {
                "Name": "List-Unsubscribe",
                "Value": "<https://news.example.com/unsubscribe/2?k=1&t=x>",
            },
            {"Name": "List-Unsubscribe-Post", "Value": "List-Unsubscribe=One-Click"},
            {"Name": "X-PM-KeepID", "Value": "true"},
        ],
        "MessageStream": "weekly",
        "Metadata": {"batch": "edition-7.batch-3", "row": "2"},
        "TrackOpens": False,
        "TrackLinks": "None",
        "TextBody": "やあ\n配信停止: https://news.example.com/unsubscribe/2?k=1&t=x\n",
        "HtmlBody": (
            '<p>やあ</p><a href="https://news.example.com/unsubscribe/2?k=1&amp;t=x">配信停止</a>'
        ),
    }


@pytest.mark.parametrize("key", ["", "k" * 81, "two words", "号外"])
def test_a_key_that_metadata_cannot_hold_is_unsupported(
    postmark: PostmarkBench, make_batch: MakeBatch, key: str
) -> None:
    with pytest.raises(UnsupportedError, match="key"):
        postmark.provider.prepare(make_batch(key=key))


def test_what_postmark_could_not_take_is_unsupported(
    postmark: PostmarkBench, make_batch: MakeBatch
) -> None:
    with pytest.raises(UnsupportedError, match="POSTMARK_API_TEST"):
        postmark.provider.prepare(make_batch(test_mode=True))
    with pytest.raises(UnsupportedError, match="10 MB"):
        postmark.provider.prepare(make_batch(recipients=1, text="あ" * 3_400_000))
    with pytest.raises(UnsupportedError, match="50 MB"):
        postmark.provider.prepare(make_batch(recipients=60, text="あ" * 285_000))


@pytest.mark.parametrize(("is_notice", "stream"), [(False, "broadcast"), (True, "outbound")])
def test_what_a_person_asked_for_is_kept_apart_from_what_goes_to_a_list(
    postmark: PostmarkBench, make_batch: MakeBatch, *, is_notice: bool, stream: str
) -> None:
    batch = replace(make_batch(), is_notice=is_notice)
    (body,) = postmark.provider.prepare(batch).bodies
    assert {message["MessageStream"] for message in json.loads(body)} == {stream}


def test_the_account_is_its_stream_and_what_the_configuration_calls_it(
    postmark: PostmarkBench,
) -> None:
    assert postmark.provider.account == "postmark:broadcast"
    assert postmark.make_provider(account="tokyo").account == "postmark:tokyo:broadcast"
