"""Our request and the fake's answer against the contract that Resend publishes.

It documents the answer 200 alone, and not that a call holds 100 messages at most.
"""

from __future__ import annotations

import json

import pytest

from tests.contract.providers.bench import MakeBatch, send
from tests.contract.providers.bench_resend import ResendBench
from tests.contract.providers.listed import UNREADABLE, find_page_mistakes
from tests.contract.providers.published import Json, find_mistakes, read_contract


@pytest.fixture
def resend(request: pytest.FixtureRequest) -> ResendBench:
    return ResendBench.open(request)


@pytest.fixture(scope="module")
def contract() -> Json:
    return read_contract("resend.yaml")


def find_request_mistakes(contract: Json, body: object) -> list[str]:
    operation = contract["paths"]["/emails/batch"]["post"]
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    return find_mistakes(contract, schema, body)


def test_our_request_is_what_resend_publishes(
    resend: ResendBench, make_batch: MakeBatch, contract: Json
) -> None:
    send(resend.provider, make_batch())

    [request] = resend.list_requests()
    known = contract["components"]["schemas"]["SendEmailRequest"]["properties"]
    assert find_request_mistakes(contract, request["json"]) == []
    assert set(request["json"][0]) <= set(known)
    [key] = contract["paths"]["/emails/batch"]["post"]["parameters"]
    assert key["name"] in request["headers"]


def test_the_fake_answers_as_published(
    resend: ResendBench, make_batch: MakeBatch, contract: Json
) -> None:
    send(resend.provider, make_batch())

    [request] = resend.list_requests()
    schema = contract["components"]["schemas"]["CreateBatchEmailsResponse"]
    assert find_mistakes(contract, schema, request["answer"]) == []
    assert set(request["answer"]) == set(schema["properties"])


def test_the_check_finds_a_wrong_request(
    resend: ResendBench, make_batch: MakeBatch, contract: Json
) -> None:
    messages = json.loads(resend.provider.prepare(make_batch()).bodies[0])

    assert find_request_mistakes(contract, messages[0])
    assert find_request_mistakes(contract, [messages[0] | {"to": []}])
    assert find_request_mistakes(contract, [{**messages[0], "headers": []}])


def test_the_pages_of_the_fakes_list_have_the_published_form(contract: Json) -> None:
    path = "/suppressions"
    assert find_page_mistakes(contract, path, "resend", path) == {UNREADABLE}
