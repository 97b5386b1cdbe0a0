"""Our requests, as botocore's own validator and SES's published model see them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.model import OperationModel, ServiceModel
from botocore.parsers import create_parser
from botocore.validate import ParamValidator

from tests.contract.providers.bench import MakeBatch, get_refusal, send
from tests.contract.providers.bench_ses import SesBench
from tests.contract.providers.listed import list_ses
from tests.contract.providers.published import read_contract

Json = dict[str, Any]


@pytest.fixture
def ses(request: pytest.FixtureRequest) -> SesBench:
    return SesBench.open(request)


@pytest.fixture(scope="module")
def operation() -> OperationModel:
    contract = read_contract("amazon-ses-v2.service-2.json")
    return ServiceModel(contract, "sesv2").operation_model("SendBulkEmail")


def find_mistakes(operation: OperationModel, body: Json) -> str:
    report = ParamValidator().validate(body, operation.input_shape)
    return str(report.generate_report())


def test_our_request_is_what_ses_publishes(
    ses: SesBench, make_batch: MakeBatch, operation: OperationModel
) -> None:
    send(ses.make_provider(configuration_set="news"), make_batch())

    [request] = ses.list_requests()
    assert request["path"] == operation.http["requestUri"]
    assert find_mistakes(operation, request["json"]) == ""


def test_the_check_finds_a_wrong_request(
    ses: SesBench, make_batch: MakeBatch, operation: OperationModel
) -> None:
    send(ses.provider, make_batch())

    body = ses.list_requests()[-1]["json"]
    assert find_mistakes(operation, {**body, "Subjekt": "x"})
    assert find_mistakes(operation, {**body, "BulkEmailEntries": [{"Destination": {"To": []}}]})
    assert find_mistakes(operation, {**body, "FromEmailAddress": 1})
    assert find_mistakes(operation, {name: body[name] for name in body if name != "DefaultContent"})


def test_the_fakes_answer_is_one_of_ses(
    ses: SesBench, make_batch: MakeBatch, operation: OperationModel
) -> None:
    outcome = send(ses.provider, make_batch())

    results = [{"Status": "SUCCESS", "MessageId": id_} for id_ in outcome.message_ids.values()]
    body = json.dumps({"BulkEmailEntryResults": results}).encode()
    answer = {"status_code": 200, "headers": {}, "body": body}
    parsed = create_parser("rest-json").parse(answer, operation.output_shape)
    assert parsed["BulkEmailEntryResults"] == results


def test_every_status_that_ses_publishes_has_its_meaning(
    ses: SesBench, make_batch: MakeBatch, operation: OperationModel
) -> None:
    statuses = operation.service_model.shape_for("BulkEmailStatus").enum
    results = [{"Status": status, "MessageId": "id"} for status in statuses]
    ses.play({"status": 200, "json": {"BulkEmailEntryResults": results}})

    outcome = send(ses.provider, make_batch(recipients=len(statuses)))

    assert (len(outcome.message_ids), len(outcome.unsure)) == (1, 0)
    assert len(outcome.refusals) == len(statuses) - 1


def test_every_error_that_ses_publishes_is_a_refusal(
    ses: SesBench, make_batch: MakeBatch, operation: OperationModel
) -> None:
    for shape in operation.error_shapes:
        status = shape.metadata["error"]["httpStatusCode"]
        ses.play({"status": status, "json": {}, "headers": {"x-amzn-ErrorType": shape.name}})
        assert get_refusal(ses.provider, make_batch()).code, shape.name


def test_the_list_is_asked_for_and_answered_as_ses_publishes(operation: OperationModel) -> None:
    listing = operation.service_model.operation_model("ListSuppressedDestinations")
    for url, page in list_ses("").items():
        path, _, query = url.partition("?")
        asked = {part.partition("=")[0] for part in query.split("&")}
        assert path == listing.http["requestUri"]
        assert asked <= {
            member.serialization["name"] for member in listing.input_shape.members.values()
        }
        answer = {"status_code": 200, "headers": {}, "body": json.dumps(page).encode()}
        parsed = create_parser("rest-json").parse(answer, listing.output_shape)
        assert set(page) <= set(parsed)
        for entry in parsed["SuppressedDestinationSummaries"]:
            assert set(entry) == {"EmailAddress", "Reason", "LastUpdateTime"}
