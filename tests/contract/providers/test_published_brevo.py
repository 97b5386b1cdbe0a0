"""Our request and the fake's answers against the contract that Brevo publishes.

Its known fault, no headers in a version of a message, is why a call of ours has no versions.
"""

from __future__ import annotations

import pytest

from tests.contract.providers.bench import MakeBatch, send
from tests.contract.providers.bench_brevo import BrevoBench
from tests.contract.providers.listed import UNREADABLE, find_page_mistakes
from tests.contract.providers.published import Json, find_mistakes, read_contract
from tests.fakes.brevo import FakeBrevo


@pytest.fixture
def brevo(request: pytest.FixtureRequest) -> BrevoBench:
    return BrevoBench.open(request)


@pytest.fixture(scope="module")
def contract() -> Json:
    return read_contract("brevo.json")


@pytest.mark.parametrize("test_mode", [True, False])
def test_our_request_and_the_fakes_answer_are_what_brevo_publishes(
    brevo: BrevoBench, make_batch: MakeBatch, contract: Json, test_mode: bool
) -> None:
    send(brevo.make_provider(test_mode=test_mode), make_batch(recipients=1))

    [request] = brevo.list_requests()
    schemas = contract["components"]["schemas"]
    assert find_mistakes(contract, schemas["sendSmtpEmail"], request["json"]) == []
    assert set(request["json"]) <= set(schemas["sendSmtpEmail"]["properties"])
    assert find_mistakes(contract, schemas["createSmtpEmail"], request["answer"]) == []


def test_the_check_finds_a_wrong_request(
    brevo: BrevoBench, make_batch: MakeBatch, contract: Json
) -> None:
    send(brevo.provider, make_batch(recipients=1))

    [request] = brevo.list_requests()
    schema = contract["components"]["schemas"]["sendSmtpEmail"]
    assert find_mistakes(contract, schema, request["json"] | {"to": [{"name": "x"}]})
    assert find_mistakes(contract, schema, request["json"] | {"headers": []})


def test_a_version_of_a_message_still_has_no_headers(contract: Json) -> None:
    versions = contract["components"]["schemas"]["sendSmtpEmail"]["properties"]["messageVersions"]

    assert "headers" not in versions["items"]["properties"]


def test_the_errors_of_the_fake_have_the_published_form(contract: Json) -> None:
    schema = contract["components"]["schemas"]["errorModel"]
    errors = {
        name: answer["json"]
        for name, answer in FakeBrevo.behaviours.items()
        if "code" in answer.get("json", {})
    }

    mistaken = {name for name, error in errors.items() if find_mistakes(contract, schema, error)}
    # What it does not publish: capitals, the code of a 429, and that of a fault of its own.
    assert mistaken == {"400-capitals", "429", "429-seconds", "429-reset", "500"}


def test_the_pages_of_the_fakes_list_have_the_published_form(contract: Json) -> None:
    path = "/smtp/blockedContacts"
    assert find_page_mistakes(contract, path, "brevo", path) == {UNREADABLE}
