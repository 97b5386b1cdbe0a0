"""What Mailgun's answers mean, and what its adapter alone has to keep."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from service.errors import ConfigError, UnsupportedError, UnsureError
from service.model.delivery import Scope
from service.model.message import Recipient
from service.providers.mailgun import MailgunSettings
from tests.contract.providers.bench import MakeBatch, get_refusal, send
from tests.contract.providers.bench_mailgun import MailgunBench

NOT_NOW = timedelta(minutes=1)


@pytest.fixture
def mailgun(request: pytest.FixtureRequest) -> MailgunBench:
    return MailgunBench.open(request)


@pytest.mark.parametrize(
    ("answer", "scope", "code", "retry_after"),
    [
        ("400", Scope.BATCH, "bad_request", None),
        ("400-quoted", Scope.BATCH, "bad_request", None),
        ("400-from", Scope.ACCOUNT, "bad_message", None),
        ("400-account", Scope.ACCOUNT, "bad_message", None),
        ("401", Scope.ACCOUNT, "unauthorized", None),
        ("401-json", Scope.ACCOUNT, "unauthorized", None),
        ("403", Scope.ACCOUNT, "forbidden", None),
        ("404", Scope.ACCOUNT, "not_found", None),
        ("413", Scope.BATCH, "too_large", None),
        ("429", Scope.ACCOUNT, "rate_limited", NOT_NOW),
        ("429-words", Scope.ACCOUNT, "rate_limited", timedelta(seconds=120)),
        ("429-seconds", Scope.ACCOUNT, "rate_limited", timedelta(seconds=17)),
        ("429-date", Scope.ACCOUNT, "rate_limited", timedelta(minutes=5)),
    ],
)
def test_a_documented_refusal_says_whose_fault_it_is(
    mailgun: MailgunBench,
    make_batch: MakeBatch,
    answer: str,
    scope: Scope,
    code: str,
    retry_after: timedelta | None,
) -> None:
    mailgun.play(answer)

    refusal = get_refusal(mailgun.provider, make_batch())

    assert (refusal.scope, refusal.code, refusal.retry_after) == (scope, code, retry_after)
    assert "@" not in refusal.detail
    assert len(mailgun.list_requests()) == 1


@pytest.mark.parametrize("answer", ["402", "500"])
def test_a_documented_answer_that_proves_nothing_is_unsure(
    mailgun: MailgunBench, make_batch: MakeBatch, answer: str
) -> None:
    mailgun.play(answer)

    with pytest.raises(UnsureError):
        send(mailgun.provider, make_batch())


def test_a_wrong_key_is_unauthorized(mailgun: MailgunBench, make_batch: MakeBatch) -> None:
    assert get_refusal(mailgun.make_provider(api_key="x"), make_batch()).code == "unauthorized"


def test_the_one_id_of_the_answer_is_every_rows_id(
    mailgun: MailgunBench, make_batch: MakeBatch
) -> None:
    outcome = send(mailgun.provider, make_batch())

    assert outcome.message_ids == {1: "<1@mailgun.example>", 2: "<1@mailgun.example>"}


def test_the_form_holds_exactly_these_fields(mailgun: MailgunBench, make_batch: MakeBatch) -> None:
    send(mailgun.provider, make_batch())

    [request] = mailgun.list_requests()
    fields = [(name, value) for name, value in request["fields"]]
    variables = json.loads(dict(fields).pop("recipient-variables"))
    assert request["path"] == "/v3/news.example.com/messages"
    assert [field for field in fields if field[0] != "recipient-variables"] == [
        ("from", "=?utf-8?B?55Om54mI57eo6ZuG6YOo?= <news@example.com>"),
        ("to", "reader1@example.com,reader2@example.com"),
        ("subject", "今週の瓦版：AIの話題15本"),
        ("text", "やあ\n配信停止: %recipient.u%\n"),
        ("html", '<p>やあ</p><a href="%recipient.uh%">配信停止</a>'),
        ("h:Reply-To", "desk@example.com"),
        ("h:Message-Id", "<%recipient.m%>"),
        ("h:List-Id", "<weekly.example.com>"),
        ("h:List-Unsubscribe", "<%recipient.u%>"),
        ("h:List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        ("o:tag", "edition-7.batch-3"),
        ("v:batch", "edition-7.batch-3"),
        ("v:row", "%recipient.r%"),
        ("o:tracking", "no"),
        ("o:tracking-clicks", "no"),
        ("o:tracking-opens", "no"),
    ]
    assert variables["reader2@example.com"] == {
        "u": "https://news.example.com/unsubscribe/2?k=1&t=x",
        "uh": "https://news.example.com/unsubscribe/2?k=1&amp;t=x",
        "m": "edition-7.2@example.com",
        "r": "2",
    }


@pytest.mark.parametrize("by_settings", [True, False])
def test_test_mode_comes_from_the_settings_or_from_the_batch(
    mailgun: MailgunBench, make_batch: MakeBatch, by_settings: bool
) -> None:
    provider = mailgun.make_provider(test_mode=by_settings)

    send(provider, make_batch(test_mode=not by_settings))

    [request] = mailgun.list_requests()
    assert ["o:testmode", "yes"] in request["fields"]


def test_links_with_percent_encoded_octets_are_left_alone(
    mailgun: MailgunBench, make_batch: MakeBatch
) -> None:
    link = "https://example.com/%E3%81%82%e3%81%84%20%ae%af?q=50%25"

    send(mailgun.provider, make_batch(text=link, html=f'<a href="{link}">'))

    fields = dict(mailgun.list_requests()[0]["fields"])
    assert fields["text"] == link
    assert fields["html"] == f'<a href="{link}">'


def test_a_name_that_mailgun_would_garble_gets_wide_signs(
    mailgun: MailgunBench, make_batch: MakeBatch
) -> None:
    batch = make_batch()
    for name in ('瓦版 (編集部), "号外"', "Desk, Inc. (Tokyo)"):
        send(
            mailgun.provider,
            replace(batch, sender=replace(batch.sender, name=name)),
        )

    names = [mail.sender_name for mail in mailgun.list_arrived()[::2]]
    assert names == ["瓦版 （編集部）， ＂号外＂", "Desk, Inc. (Tokyo)"]


def test_a_header_that_mailgun_would_fill_itself_is_unsupported(
    mailgun: MailgunBench, make_batch: MakeBatch
) -> None:
    with pytest.raises(UnsupportedError, match="X-List"):
        mailgun.provider.prepare(make_batch(headers=(("X-List", "%recipient%"),)))


def test_options_over_16_kilobytes_are_unsupported(
    mailgun: MailgunBench, make_batch: MakeBatch
) -> None:
    headers = tuple((f"X-Part-{number}", "x" * 900) for number in range(18))

    with pytest.raises(UnsupportedError, match="16 KB"):
        mailgun.provider.prepare(make_batch(headers=headers))


@pytest.mark.parametrize("key", ["", "k" * 129, "two words", "号外"])
def test_a_key_that_cannot_be_a_tag_is_unsupported(
    mailgun: MailgunBench, make_batch: MakeBatch, key: str
) -> None:
    with pytest.raises(UnsupportedError, match="key"):
        mailgun.provider.prepare(make_batch(key=key))


def test_a_request_over_25_megabytes_is_unsupported(
    mailgun: MailgunBench, make_batch: MakeBatch
) -> None:
    with pytest.raises(UnsupportedError, match="longer than Mailgun takes"):
        mailgun.provider.prepare(make_batch(text="あ" * 8_400_000))


@pytest.mark.parametrize(
    "address", ["a,b@example.com", '"a b"@example.com', "あ@example.com", "a@b@example.com", "a"]
)
def test_an_address_that_the_joined_field_cannot_hold_is_unsupported(
    mailgun: MailgunBench, make_batch: MakeBatch, address: str
) -> None:
    batch = make_batch()
    odd = Recipient(9, address, batch.recipients[0].values)

    with pytest.raises(UnsupportedError, match="row 9"):
        mailgun.provider.prepare(replace(batch, recipients=(odd,)))


def test_each_region_has_its_own_host_and_the_key_is_never_shown() -> None:
    american = MailgunSettings("news.example.com", "key-secret")
    european = replace(american, region="eu")

    assert american.url == "https://api.mailgun.net/v3/news.example.com/messages"
    assert european.url == "https://api.eu.mailgun.net/v3/news.example.com/messages"
    assert "key-secret" not in repr(american)


def test_every_wrong_setting_is_named_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        MailgunSettings("news.example.com/v3", "key", region="jp")

    assert len(caught.value.mistakes) == 2


def test_the_account_is_the_domain(mailgun: MailgunBench) -> None:
    assert mailgun.provider.account == "mailgun:news.example.com"
