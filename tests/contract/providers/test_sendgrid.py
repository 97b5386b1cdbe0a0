"""What SendGrid's answers mean, and what its adapter alone has to keep."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import timedelta

import pytest

from service.errors import ConfigError, UnsupportedError, UnsureError
from service.model.delivery import Scope
from service.model.message import MESSAGE_ID_MARK, UNSUBSCRIBE_MARK
from service.providers.sendgrid import SendGridSettings
from tests.contract.providers.bench import MakeBatch, get_refusal, send
from tests.contract.providers.bench_sendgrid import SendGridBench

MINUTE = timedelta(minutes=1)


@pytest.fixture
def sendgrid(request: pytest.FixtureRequest) -> SendGridBench:
    return SendGridBench.open(request)


@pytest.mark.parametrize(
    ("answer", "scope", "code", "retry_after"),
    [
        ("400", Scope.ACCOUNT, "bad_message", None),
        ("400-reader", Scope.BATCH, "bad_request", None),
        ("400-sender", Scope.ACCOUNT, "bad_message", None),
        ("400-subject", Scope.ACCOUNT, "bad_message", None),
        ("401", Scope.ACCOUNT, "unauthorized", None),
        ("401-credits", Scope.ACCOUNT, "no_credits", None),
        ("403", Scope.ACCOUNT, "forbidden", None),
        ("404", Scope.ACCOUNT, "not_found", None),
        ("405", Scope.ACCOUNT, "not_allowed", None),
        ("413", Scope.BATCH, "too_large", None),
        ("429", Scope.ACCOUNT, "rate_limited", MINUTE),
        ("429-seconds", Scope.ACCOUNT, "rate_limited", timedelta(seconds=17)),
        ("429-reset", Scope.ACCOUNT, "rate_limited", timedelta(seconds=50)),
        ("429-reset-odd", Scope.ACCOUNT, "rate_limited", MINUTE),
        ("451", Scope.ACCOUNT, "data_residency", None),
    ],
)
def test_a_documented_refusal_says_whose_fault_it_is(
    sendgrid: SendGridBench,
    make_batch: MakeBatch,
    answer: str,
    scope: Scope,
    code: str,
    retry_after: timedelta | None,
) -> None:
    sendgrid.play(answer)

    refusal = get_refusal(sendgrid.provider, make_batch())

    assert (refusal.scope, refusal.code, refusal.retry_after) == (scope, code, retry_after)
    assert "@" not in refusal.detail
    assert len(sendgrid.list_requests()) == 1


@pytest.mark.parametrize(
    "answer", ["406", "500", "202-page", "200-empty", "429-page", "no-errors", "odd-errors"]
)
def test_an_answer_that_proves_nothing_is_unsure(
    sendgrid: SendGridBench, make_batch: MakeBatch, answer: str
) -> None:
    sendgrid.play(answer)

    with pytest.raises(UnsureError):
        send(sendgrid.provider, make_batch())


def test_the_one_id_of_the_answers_header_is_every_rows_id(
    sendgrid: SendGridBench, make_batch: MakeBatch
) -> None:
    sendgrid.play("accept", "202-without-id")

    assert send(sendgrid.provider, make_batch()).message_ids == {1: "sg.1", 2: "sg.1"}
    assert send(sendgrid.provider, make_batch()).message_ids == {}


def test_the_request_holds_exactly_this(sendgrid: SendGridBench, make_batch: MakeBatch) -> None:
    send(sendgrid.provider, make_batch())

    [request] = sendgrid.list_requests()
    body = request["json"]
    [in_text] = re.findall(r"-[0-9a-f]{16}t0-", body["content"][0]["value"])
    in_html = in_text.replace("t0", "h0")
    assert request["path"] == "/v3/mail/send"
    assert body.pop("personalizations")[1] == {
        "to": [{"email": "reader2@example.com"}],
        "headers": {
            "Message-ID": "<edition-7.2@example.com>",
            "List-Id": "<weekly.example.com>",
            "List-Unsubscribe": "<https://news.example.com/unsubscribe/2?k=1&t=x>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
        "custom_args": {"kawaraban_batch": "edition-7.batch-3", "kawaraban_row": "2"},
        "substitutions": {
            in_text: "https://news.example.com/unsubscribe/2?k=1&t=x",
            in_html: "https://news.example.com/unsubscribe/2?k=1&amp;t=x",
        },
    }
    assert body == {
        "from": {"email": "news@example.com", "name": "瓦版編集部"},
        "reply_to": {"email": "desk@example.com"},
        "subject": "今週の瓦版：AIの話題15本",
        "content": [
            {"type": "text/plain", "value": f"やあ\n配信停止: {in_text}\n"},
            {"type": "text/html", "value": f'<p>やあ</p><a href="{in_html}">配信停止</a>'},
        ],
        "tracking_settings": {
            "click_tracking": {"enable": False, "enable_text": False},
            "open_tracking": {"enable": False},
            "subscription_tracking": {"enable": False},
            "ganalytics": {"enable": False},
        },
    }


def test_tags_are_others_for_each_batch_and_give_way_to_a_text_that_has_them(
    sendgrid: SendGridBench, make_batch: MakeBatch
) -> None:
    def find_stem(batch_text: str, key: str = "edition-7.batch-3") -> str:
        [body] = sendgrid.provider.prepare(make_batch(text=batch_text, key=key)).bodies
        content = json.loads(body)["content"][0]["value"]
        return str(re.findall(r"-([0-9a-f]{16})t0-$", content)[0])

    usual = find_stem(UNSUBSCRIBE_MARK)

    assert find_stem(UNSUBSCRIBE_MARK, key="edition-7.batch-4") != usual
    assert find_stem(f"{usual} {UNSUBSCRIBE_MARK}") != usual


def test_a_value_that_holds_a_tag_is_unsupported(
    sendgrid: SendGridBench, make_batch: MakeBatch
) -> None:
    batch = make_batch(recipients=1)
    [body] = sendgrid.provider.prepare(batch).bodies
    tag = next(iter(json.loads(body)["personalizations"][0]["substitutions"]))
    values = {MESSAGE_ID_MARK: "a@example.com", UNSUBSCRIBE_MARK: f"https://example.com/{tag}"}
    odd = replace(batch.recipients[0], values=values)

    with pytest.raises(UnsupportedError, match="row 1"):
        sendgrid.provider.prepare(replace(batch, recipients=(odd,)))


@pytest.mark.parametrize("by_settings", [True, False])
def test_in_test_mode_an_empty_200_accepts_and_nothing_arrives(
    sendgrid: SendGridBench, make_batch: MakeBatch, by_settings: bool
) -> None:
    provider = sendgrid.make_provider(test_mode=by_settings)

    outcome = send(provider, make_batch(test_mode=not by_settings))

    assert (outcome.refusals, sendgrid.list_arrived()) == ({}, [])
    [request] = sendgrid.list_requests()
    assert request["json"]["mail_settings"] == {"sandbox_mode": {"enable": True}}


@pytest.mark.parametrize("name", ["X-SG-ID", "Received", "DKIM-Signature", "x-sg-eid"])
def test_a_header_that_sendgrid_sets_itself_is_unsupported(
    sendgrid: SendGridBench, make_batch: MakeBatch, name: str
) -> None:
    with pytest.raises(UnsupportedError, match=name.lower()):
        sendgrid.provider.prepare(make_batch(headers=((name, "x"),)))


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"headers": (("List-Id", "<a>"), ("list-id", "<b>"))}, "once"),
        ({"subject": ""}, "empty"),
        ({"text": ""}, "empty"),
        ({"html": ""}, "empty"),
        ({"key": ""}, "key"),
        ({"key": "k" * 256}, "key"),
        ({"key": "号外"}, "key"),
        ({"text": "あ" * 10_000_000}, "30 MB"),
        ({"subject": "\ud83d"}, "half of a character"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_sendgrid_would_lose_is_unsupported(
    sendgrid: SendGridBench, make_batch: MakeBatch, changes: dict[str, object], complaint: str
) -> None:
    with pytest.raises(UnsupportedError, match=complaint):
        sendgrid.provider.prepare(make_batch(**changes))


def test_values_over_10_000_bytes_are_unsupported(
    sendgrid: SendGridBench, make_batch: MakeBatch
) -> None:
    batch = make_batch(recipients=1)
    values = {MESSAGE_ID_MARK: "a@b", UNSUBSCRIBE_MARK: "https://example.com/" + "u" * 5_000}
    long = replace(batch.recipients[0], values=values)

    with pytest.raises(UnsupportedError, match="10,000 bytes"):
        sendgrid.provider.prepare(replace(batch, recipients=(long,)))


def test_each_region_has_its_own_host_and_the_key_is_never_shown() -> None:
    settings = SendGridSettings("key-secret")

    assert settings.url == "https://api.sendgrid.com/v3/mail/send"
    assert replace(settings, region="eu").url == "https://api.eu.sendgrid.com/v3/mail/send"
    assert "key-secret" not in repr(settings)
    with pytest.raises(ConfigError):
        SendGridSettings("key", region="jp")
