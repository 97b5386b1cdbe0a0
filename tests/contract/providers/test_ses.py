"""What SES's answers mean, and what its adapter alone has to keep."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from service.errors import ConfigError, UnsupportedError, UnsureError
from service.model.delivery import Scope
from service.model.message import UNSUBSCRIBE_MARK
from service.providers.ses import SesSettings
from service.providers.ses_body import decode_tag, encode_tag
from tests.contract.providers.bench import MakeBatch, get_refusal, send
from tests.contract.providers.bench_ses import SesBench
from tests.fakes.ses import answer_entries

SOON = timedelta(seconds=5)
QUOTA = timedelta(hours=1)
NOT_NOW = timedelta(minutes=1)


@pytest.fixture
def ses(request: pytest.FixtureRequest) -> SesBench:
    return SesBench.open(request)


@pytest.mark.parametrize(
    ("answer", "scope", "code", "retry_after"),
    [
        ("400", Scope.BATCH, "bad_request", None),
        ("400-type-in-body", Scope.ACCOUNT, "sending_paused", None),
        ("400-rejected", Scope.BATCH, "message_rejected", None),
        ("400-not-verified", Scope.ACCOUNT, "sender_not_verified", None),
        ("400-suspended", Scope.ACCOUNT, "suspended", None),
        ("400-paused", Scope.ACCOUNT, "sending_paused", None),
        ("400-domain", Scope.ACCOUNT, "sender_not_verified", None),
        ("400-quota", Scope.ACCOUNT, "quota", QUOTA),
        ("400-throttled", Scope.ACCOUNT, "throttled", SOON),
        ("403", Scope.ACCOUNT, "access_denied", None),
        ("403-signature", Scope.ACCOUNT, "unauthorized", None),
        ("403-expired", Scope.ACCOUNT, "clock_wrong", None),
        ("404", Scope.ACCOUNT, "not_found", None),
        ("429", Scope.ACCOUNT, "throttled", SOON),
        ("429-seconds", Scope.ACCOUNT, "throttled", timedelta(seconds=17)),
    ],
)
def test_a_documented_refusal_says_whose_fault_it_is(
    ses: SesBench,
    make_batch: MakeBatch,
    answer: str,
    scope: Scope,
    code: str,
    retry_after: timedelta | None,
) -> None:
    ses.play(answer)

    refusal = get_refusal(ses.provider, make_batch())

    assert (refusal.scope, refusal.code, refusal.retry_after) == (scope, code, retry_after)
    assert "@" not in refusal.detail


@pytest.mark.parametrize(
    "answer",
    [
        "400-new",
        "429-page",
        "500",
        "503-named",
        "one-entry-short",
        "no-entries",
        "no-word",
    ],
)
def test_everything_else_is_unsure(ses: SesBench, make_batch: MakeBatch, answer: str) -> None:
    ses.play(answer)

    with pytest.raises(UnsureError):
        send(ses.provider, make_batch())


@pytest.mark.parametrize(
    ("status", "scope", "code", "retry_after"),
    [
        ("MESSAGE_REJECTED", Scope.BATCH, "message_rejected", None),
        ("MAIL_FROM_DOMAIN_NOT_VERIFIED", Scope.ACCOUNT, "sender_not_verified", None),
        ("CONFIGURATION_SET_NOT_FOUND", Scope.ACCOUNT, "configuration_set_not_found", None),
        ("TEMPLATE_NOT_FOUND", Scope.ACCOUNT, "template_not_found", None),
        ("ACCOUNT_SUSPENDED", Scope.ACCOUNT, "suspended", None),
        ("ACCOUNT_THROTTLED", Scope.ACCOUNT, "throttled", SOON),
        ("ACCOUNT_DAILY_QUOTA_EXCEEDED", Scope.ACCOUNT, "quota", QUOTA),
        ("INVALID_SENDING_POOL_NAME", Scope.ACCOUNT, "sending_pool", None),
        ("ACCOUNT_SENDING_PAUSED", Scope.ACCOUNT, "sending_paused", None),
        ("CONFIGURATION_SET_SENDING_PAUSED", Scope.ACCOUNT, "sending_paused", None),
        ("INVALID_PARAMETER", Scope.BATCH, "invalid_parameter", None),
        ("TRANSIENT_FAILURE", Scope.RECIPIENT, "transient", NOT_NOW),
        ("FAILED", Scope.BATCH, "failed", None),
    ],
)
def test_an_entry_refused_says_whose_fault_it_is(
    ses: SesBench,
    make_batch: MakeBatch,
    status: str,
    scope: Scope,
    code: str,
    retry_after: timedelta | None,
) -> None:
    ses.play(answer_entries("SUCCESS", status))

    outcome = send(ses.provider, make_batch())

    [(row_id, refusal)] = outcome.refusals.items()
    assert (outcome.message_ids, outcome.unsure, row_id) == ({1: "1-1"}, {}, 2)
    assert (refusal.scope, refusal.code, refusal.retry_after) == (scope, code, retry_after)
    assert "@" not in refusal.detail


def test_an_entry_that_says_nothing_known_is_in_doubt(ses: SesBench, make_batch: MakeBatch) -> None:
    ses.play(answer_entries("SUCCESS", "SOMETHING_NEW", "INVALID_PARAMETER"))

    outcome = send(ses.provider, make_batch(recipients=3))

    assert (set(outcome.message_ids), set(outcome.unsure), set(outcome.refusals)) == ({1}, {2}, {3})


@pytest.mark.parametrize("status", ["ACCOUNT_SENDING_PAUSED", "INVALID_PARAMETER"])
def test_what_meets_every_entry_is_the_accounts_business(
    ses: SesBench, make_batch: MakeBatch, status: str
) -> None:
    ses.play(answer_entries(status, status))

    refusal = get_refusal(ses.provider, make_batch())

    assert (refusal.scope, refusal.retry_after) == (Scope.ACCOUNT, None)


def read_request(ses: SesBench) -> dict[str, Any]:
    body: dict[str, Any] = ses.list_requests()[-1]["json"]
    return body


def test_the_request_holds_exactly_this(ses: SesBench, make_batch: MakeBatch) -> None:
    send(ses.make_provider(configuration_set="news"), make_batch())

    body = read_request(ses)
    second = body.pop("BulkEmailEntries")[1]
    data = second["ReplacementEmailContent"]["ReplacementTemplate"].pop("ReplacementTemplateData")
    assert body == {
        "FromEmailAddress": "=?utf-8?B?55Om54mI57eo6ZuG6YOo?= <news@example.com>",
        "ReplyToAddresses": ["desk@example.com"],
        "ConfigurationSetName": "news",
        "ConfigurationOverrides": {
            "Tracking": {"OpenTrackingEnabled": "DISABLED", "ClickTrackingEnabled": "DISABLED"}
        },
        "DefaultContent": {
            "Template": {
                "TemplateContent": {
                    "Subject": "今週の瓦版：AIの話題15本",
                    "Text": "やあ\n配信停止: {{u}}\n",
                    "Html": '<p>やあ</p><a href="{{uh}}">配信停止</a>',
                },
                "TemplateData": "{}",
            }
        },
    }
    link = "https://news.example.com/unsubscribe/2?k=1"
    assert json.loads(data) == {"u": f"{link}&t=x", "uh": f"{link}&amp;t=x"}
    assert second == {
        "Destination": {"ToAddresses": ["reader2@example.com"]},
        "ReplacementTags": [
            {"Name": "batch", "Value": "edition-7_2ebatch-3"},
            {"Name": "row", "Value": "2"},
        ],
        "ReplacementEmailContent": {"ReplacementTemplate": {}},
        "ReplacementHeaders": [
            {"Name": "List-Id", "Value": "<weekly.example.com>"},
            {"Name": "List-Unsubscribe", "Value": f"<{link}&t=x>"},
            {"Name": "List-Unsubscribe-Post", "Value": "List-Unsubscribe=One-Click"},
        ],
    }


@pytest.mark.parametrize(
    "written",
    [
        "{{u}}",
        "{{{u}}}",
        "{{#if u}}{{/if}}",
        "{{",
        "}}",
        "{",
        "}",
        "\\",
        "\\{{u}}",
        "\\\\{{u}}",
        "{{!-- u --}}",
        "{{w0}}{{w1}}\\",
        "a{b}c{{{{raw}}}}",
        "@media print{a{color:red}}",
    ],
)
def test_what_handlebars_would_read_arrives_as_written(
    ses: SesBench, make_batch: MakeBatch, written: str
) -> None:
    around = f"{written}{UNSUBSCRIBE_MARK}{written}{UNSUBSCRIBE_MARK}{UNSUBSCRIBE_MARK}{written}"
    send(ses.provider, make_batch(recipients=1, subject=f"件{written}", text=around, html=around))

    [mail] = ses.list_arrived()
    link = "https://news.example.com/unsubscribe/1?k=1&t=x"
    assert mail.subject == f"件{written}"
    assert mail.text == around.replace(UNSUBSCRIBE_MARK, link)
    assert mail.html == around.replace(UNSUBSCRIBE_MARK, link.replace("&", "&amp;"))


@pytest.mark.parametrize("key", ["kb-1a2b-12-3-a1", "edition_7.batch 3", "_2e", "A" * 256])
def test_a_key_comes_back_from_its_tag(key: str) -> None:
    assert decode_tag(encode_tag(key)) == key


@pytest.mark.parametrize("key", ["", "a" * 257, "." * 86, "瓦版"])
def test_a_key_that_no_tag_can_hold_is_unsupported(
    ses: SesBench, make_batch: MakeBatch, key: str
) -> None:
    with pytest.raises(UnsupportedError, match="key"):
        ses.provider.prepare(make_batch(key=key))


@pytest.mark.parametrize(
    ("headers", "told"),
    [
        ((("X-Long", "a" * 996),), "X-Long"),
        ((("X-Empty", ""),), "X-Empty"),
        (tuple((f"X-{number}", "a") for number in range(16)), "16"),
    ],
)
def test_headers_that_ses_would_not_take_are_unsupported(
    ses: SesBench, make_batch: MakeBatch, headers: tuple[tuple[str, str], ...], told: str
) -> None:
    with pytest.raises(UnsupportedError, match=told):
        ses.provider.prepare(make_batch(headers=headers))


def test_more_data_for_a_reader_than_ses_takes_is_unsupported(
    ses: SesBench, make_batch: MakeBatch
) -> None:
    batch = make_batch(recipients=1)
    [reader] = batch.recipients
    long = {**reader.values, UNSUBSCRIBE_MARK: "https://a.example/" + "x" * 262_144}

    with pytest.raises(UnsupportedError, match="differs"):
        ses.provider.prepare(replace(batch, headers=(), recipients=(replace(reader, values=long),)))


def test_half_a_character_and_test_mode_are_unsupported(
    ses: SesBench, make_batch: MakeBatch
) -> None:
    for batch in (make_batch(text="\ud800"), make_batch(test_mode=True)):
        with pytest.raises(UnsupportedError):
            ses.provider.prepare(batch)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"region": "Tokyo!"}, "provider.region"),
        ({"configuration_set": "my set"}, "provider.configuration_set"),
        ({"api_key": "only-a-secret"}, "KAWARABAN_PROVIDER_API_KEY"),
        ({"api_key": ":secret"}, "KAWARABAN_PROVIDER_API_KEY"),
    ],
)
def test_wrong_settings_are_told_by_key(changes: dict[str, str], told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        SesSettings(**{"region": "eu-west-1", "api_key": "a:b", **changes})


def test_mail_goes_to_the_endpoint_of_the_region() -> None:
    url = SesSettings("eu-west-1", "a:b").url
    assert url == "https://email.eu-west-1.amazonaws.com/v2/email/outbound-bulk-emails"
