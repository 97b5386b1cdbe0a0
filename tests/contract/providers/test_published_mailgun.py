"""Our form and the fake's answers against the contract that Mailgun publishes."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from service.errors import DeliveryError
from service.model.message import OutgoingBatch
from service.providers.base import Provider
from tests.contract.providers.bench import MakeBatch, send
from tests.contract.providers.bench_mailgun import MailgunBench
from tests.contract.providers.listed import UNREADABLE, find_page_mistakes
from tests.contract.providers.published import find_mistakes, read_contract

MESSAGES = "/v3/{domain_name}/messages"
FORM = "POST-v3-domain_name-messages-multipart-form-data-RequestBody"
# The contract types these as arrays; in a form, one field with commas says the same.
ALSO_TEXT = ("to", "cc", "bcc", "o:tag")


@pytest.fixture
def mailgun(request: pytest.FixtureRequest) -> MailgunBench:
    return MailgunBench.open(request)


@pytest.fixture(scope="module")
def mailgun_contract() -> dict[str, Any]:
    contract = deepcopy(read_contract("mailgun.yaml"))
    properties = contract["components"]["schemas"][FORM]["properties"]
    for name in ALSO_TEXT:
        properties[name] = {"anyOf": [{"type": "string"}, properties[name]]}
    return contract


def find_form_mistakes(contract: dict[str, Any], form: dict[str, str]) -> list[str]:
    operation = contract["paths"][MESSAGES]["post"]
    schema = operation["requestBody"]["content"]["multipart/form-data"]["schema"]
    return find_mistakes(contract, schema, form)


def post(bench: MailgunBench, provider: Provider, batch: OutgoingBatch) -> dict[str, str]:
    send(provider, batch)
    return dict(bench.list_requests()[-1]["fields"])


@pytest.mark.parametrize("test_mode", [True, False])
def test_our_form_is_what_mailgun_publishes(
    mailgun: MailgunBench, make_batch: MakeBatch, mailgun_contract: dict[str, Any], test_mode: bool
) -> None:
    form = post(mailgun, mailgun.make_provider(test_mode=test_mode), make_batch())

    assert find_form_mistakes(mailgun_contract, form) == []


def test_every_option_of_ours_is_one_that_mailgun_names(
    mailgun: MailgunBench, make_batch: MakeBatch, mailgun_contract: dict[str, Any]
) -> None:
    form = post(mailgun, mailgun.make_provider(test_mode=True), make_batch())

    known = mailgun_contract["components"]["schemas"][FORM]["properties"]
    assert [name for name in form if not name.startswith(("h:", "v:")) and name not in known] == []


def test_the_check_finds_a_wrong_form(
    mailgun: MailgunBench, make_batch: MakeBatch, mailgun_contract: dict[str, Any]
) -> None:
    form = post(mailgun, mailgun.provider, make_batch())

    assert find_form_mistakes(mailgun_contract, form | {"o:testmode": "maybe"})
    assert find_form_mistakes(
        mailgun_contract, {name: form[name] for name in form if name != "from"}
    )


def test_every_published_answer_is_understood(
    mailgun: MailgunBench, make_batch: MakeBatch, mailgun_contract: dict[str, Any]
) -> None:
    ends = {}
    for status, answer in mailgun_contract["paths"][MESSAGES]["post"]["responses"].items():
        example = answer["content"]["application/json"]["examples"]["Example"]["value"]
        mailgun.play({"status": int(status), "json": example})
        try:
            post(mailgun, mailgun.provider, make_batch())
            ends[status] = "accepted"
        except DeliveryError as error:
            ends[status] = type(error).__name__

    assert ends == {
        "200": "accepted",
        "400": "RefusedError",
        "401": "RefusedError",
        "429": "RefusedError",
        "500": "UnsureError",
    }


@pytest.mark.parametrize("name", ["bounces", "complaints", "unsubscribes"])
def test_the_pages_of_the_fakes_lists_have_the_published_form(
    mailgun_contract: dict[str, Any], name: str
) -> None:
    mistakes = find_page_mistakes(mailgun_contract, f"/v3/{{domain_name}}/{name}", "mailgun", name)

    # The contract types this time as an object, and shows it as a text.
    typed = "'Thu, 11 Dec 2025 01:49:40 UTC' is not of type 'object'"
    assert mistakes - {typed} == ({UNREADABLE} if name == "bounces" else set())
