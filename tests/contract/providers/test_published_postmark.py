"""Our request and Postmark's answers against the contract that Postmark publishes.

It is an old one: without MessageStream and Metadata, which its pages have.
"""

from __future__ import annotations

import json

import pytest

from tests.contract.providers.bench import MakeBatch, send
from tests.contract.providers.bench_postmark import PostmarkBench
from tests.contract.providers.published import Json, find_mistakes, read_contract
from tests.fakes.postmark import FakePostmark

NEWER = {"MessageStream", "Metadata"}


@pytest.fixture
def postmark(request: pytest.FixtureRequest) -> PostmarkBench:
    return PostmarkBench.open(request)


@pytest.fixture(scope="module")
def contract() -> Json:
    return read_contract("postmark-server.json")


def find_definition_mistakes(contract: Json, name: str, value: object) -> list[str]:
    return find_mistakes(contract, contract["definitions"][name], value)


def test_our_request_is_what_postmark_publishes(
    postmark: PostmarkBench, make_batch: MakeBatch, contract: Json
) -> None:
    send(postmark.provider, make_batch())

    [request] = postmark.list_requests()
    known = contract["definitions"]["SendEmailRequest"]["properties"]
    assert find_definition_mistakes(contract, "SendEmailBatchRequest", request["json"]) == []
    assert set(request["json"][0]) - set(known) == NEWER
    token, _ = contract["paths"]["/email/batch"]["post"]["parameters"]
    assert token["name"] in request["headers"]


def test_the_fake_answers_as_published(
    postmark: PostmarkBench, make_batch: MakeBatch, contract: Json
) -> None:
    send(postmark.provider, make_batch())

    [request] = postmark.list_requests()
    known = contract["definitions"]["SendEmailResponse"]["properties"]
    assert find_definition_mistakes(contract, "SendEmailBatchResponse", request["answer"]) == []
    assert set(request["answer"][0]) == set(known)


def test_every_scripted_answer_has_the_published_form(contract: Json) -> None:
    for answer in FakePostmark.behaviours.values():
        form = "SendEmailBatchResponse" if answer["status"] == 200 else "StandardPostmarkResponse"
        if "json" in answer:
            assert find_definition_mistakes(contract, form, answer["json"]) == []


def test_the_check_finds_a_wrong_request(
    postmark: PostmarkBench, make_batch: MakeBatch, contract: Json
) -> None:
    messages = json.loads(postmark.provider.prepare(make_batch()).bodies[0])

    changes: list[Json] = [
        {"TrackLinks": "no"},
        {"TrackOpens": "false"},
        {"Headers": {}},
        {"To": []},
    ]
    for change in changes:
        wrong = [messages[0] | change]
        assert find_definition_mistakes(contract, "SendEmailBatchRequest", wrong)
