"""Our request and the fake's errors against the contract that SendGrid publishes.

Its one known fault, the custom arguments of a whole message being typed a string, does not touch
us: ours stand with each reader.
"""

from __future__ import annotations

import pytest

from service.errors import DeliveryError
from tests.contract.providers.bench import MakeBatch, send
from tests.contract.providers.bench_sendgrid import SendGridBench
from tests.contract.providers.listed import UNREADABLE, find_page_mistakes
from tests.contract.providers.published import Json, find_mistakes, read_contract


@pytest.fixture
def sendgrid(request: pytest.FixtureRequest) -> SendGridBench:
    return SendGridBench.open(request)


@pytest.fixture(scope="module")
def contract() -> Json:
    return read_contract("sendgrid-mail.json")


def get_schema(contract: Json) -> Json:
    request = contract["components"]["requestBodies"]["PostMailSend"]
    schema: Json = request["content"]["application/json"]["schema"]
    return schema


@pytest.mark.parametrize("test_mode", [True, False])
def test_our_request_is_what_sendgrid_publishes(
    sendgrid: SendGridBench, make_batch: MakeBatch, contract: Json, test_mode: bool
) -> None:
    send(sendgrid.make_provider(test_mode=test_mode), make_batch())

    [request] = sendgrid.list_requests()
    schema = get_schema(contract)
    one = schema["properties"]["personalizations"]["items"]["properties"]
    assert find_mistakes(contract, schema, request["json"]) == []
    assert set(request["json"]) <= set(schema["properties"])
    assert set(request["json"]["personalizations"][0]) <= set(one)


def test_the_check_finds_a_wrong_request(
    sendgrid: SendGridBench, make_batch: MakeBatch, contract: Json
) -> None:
    send(sendgrid.provider, make_batch())

    [request] = sendgrid.list_requests()
    body, schema = request["json"], get_schema(contract)
    people = body["personalizations"]
    assert find_mistakes(contract, schema, body | {"personalizations": people * 501})
    assert find_mistakes(contract, schema, body | {"subject": ""})
    assert find_mistakes(contract, schema, {name: body[name] for name in body if name != "from"})


def test_every_published_answer_is_understood(
    sendgrid: SendGridBench, make_batch: MakeBatch, contract: Json
) -> None:
    answers = contract["components"]["responses"]
    ends = {}
    for status in contract["paths"]["/v3/mail/send"]["post"]["responses"]:
        if status != "202":
            content = answers[f"PostMailSend{status}"]["content"]["application/json"]
            [example] = content["examples"].values()
            sendgrid.play({"status": int(status), "json": example["value"]})
        try:
            send(sendgrid.provider, make_batch())
            ends[status] = "accepted"
        except DeliveryError as error:
            ends[status] = type(error).__name__

    refused = dict.fromkeys(("400", "401", "403", "404", "405", "413"), "RefusedError")
    assert ends == {"202": "accepted", **refused, "500": "UnsureError"}


@pytest.mark.parametrize("name", ["bounces", "invalid_emails", "spam_reports", "unsubscribes"])
def test_the_pages_of_the_fakes_lists_have_the_published_form(name: str) -> None:
    published = read_contract("sendgrid-suppressions.json")

    mistakes = find_page_mistakes(published, f"/v3/suppression/{name}", "sendgrid", name)

    assert mistakes == ({UNREADABLE} if name == "bounces" else set())
