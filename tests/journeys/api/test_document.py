"""The API keeps to its own OpenAPI document, whatever is sent: schemathesis tries it all.

`make explore` draws other requests each time, and goes on for minutes.
"""

from __future__ import annotations

import copy
import json
import secrets
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, engine
from schemathesis.config import SchemathesisConfig
from schemathesis.core.result import Ok
from schemathesis.engine import Status, events
from schemathesis.schemas import BaseSchema

from service.app import build_doors
from service.model.editor import Scope
from service.staff import verify_token
from tests.fakes.house import House
from tests.fakes.programs import ROOT, OpenApi, list_operations, make_token

pytestmark = pytest.mark.hypothesis

_ALL_OF_THEM = 500
_LONGEST = 300
"""Seconds."""

HALF = chr(0xD800)
"""The first half of a character beyond the first plane, alone: JSON can say it, UTF-8 cannot."""

HOSTILE: tuple[Any, ...] = (
    "\x00",
    "a\x00b",
    "\u202e\u2066moc.live\u2069",
    "\r\nBcc: x@example.com",
    "'; DROP TABLE posts; --",
    "{{ 7 * 7 }}<script>",
    "../../etc/passwd",
    "a" * 1_000_000,
    "é" * 30_000,
    "\U0010ffff",
    "",
    " ",
    10**400,
    2**63,
    -(2**63) - 1,
    1e308,
    True,
    None,
    [],
    {"a": {"b": []}},
    "0001-01-01T00:00:00+23:59",
    "9999-12-31T23:59:59-23:59",
)


class Tokens:
    """Shows a token that counts; some requests revoke the one they came with."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._token = ""

    def find(self) -> str:
        works = self._house.app.works
        if not self._token or verify_token(works.database, self._token, works.clock) is None:
            self._token = make_token(self._house, Scope)
        return self._token


@pytest.fixture
def tokens(house: House) -> Tokens:
    return Tokens(house)


@pytest.fixture
def schema(house: House, tokens: Tokens) -> BaseSchema:
    app = build_doors(house.app, host="127.0.0.1", scan_within=None)
    profile = settings()
    config = SchemathesisConfig(
        seed=1 if profile.derandomize else secrets.randbelow(2**32), max_time=_LONGEST
    )
    found = schemathesis.openapi.from_asgi(f"{ROOT}/openapi.json", app, config=config)
    found.config.generation.deterministic = profile.derandomize
    found.config.generation.database = "none"
    # A request may fit the document and still ask for what there is not.
    found.config.checks.positive_data_acceptance.enabled = False
    # Each request again without its token: test_doors.py walks all addresses for that.
    found.config.checks.ignored_auth.enabled = False

    class Shown:
        def get(self, _case: Case[Any], _context: object) -> str:
            return tokens.find()

        def set(self, case: Case[Any], data: str, _context: object) -> None:
            case.headers["Authorization"] = f"Bearer {data}"

    found.auth(refresh_interval=None)(Shown)
    return found


def list_failures(schema: BaseSchema) -> Iterator[str]:
    """Every check that failed, and every error of the run itself."""
    for event in engine.from_schema(schema).execute():
        if isinstance(event, events.NonFatalError | events.FatalError):
            yield str(event)
        if isinstance(event, events.ScenarioFinished):
            for checks in event.recorder.checks.values():
                for one in checks:
                    if one.status is Status.FAILURE and one.failure_info is not None:
                        failure = one.failure_info
                        what = f"{failure.failure.title}: {failure.failure.message}"
                        yield f"{event.label}: {one.name}: {what}\n  {failure.code_sample}"


def test_every_address_answers_as_the_document_says(schema: BaseSchema) -> None:
    config, is_long = schema.config, settings().max_examples >= _ALL_OF_THEM
    config.phases.examples.enabled = False
    config.phases.fuzzing.enabled = config.phases.stateful.enabled = is_long
    # Those too are walked by test_doors.py.
    config.phases.coverage.unexpected_methods = set()
    config.generation.max_examples = 50
    assert list(dict.fromkeys(list_failures(schema))) == []


def test_no_hostile_value_breaks_an_address(schema: BaseSchema, tokens: Tokens) -> None:
    # By then it knows no more what was asked against the document, nor of what is too large.
    schema.config.checks.negative_data_rejection.enabled = False
    examples = 4 if settings().max_examples < _ALL_OF_THEM else 60
    for result in schema.get_all_operations():
        assert isinstance(result, Ok)
        operation = result.ok()
        if not operation.body and not operation.query:
            continue

        @settings(
            max_examples=examples,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(), draw=st.data())
        def send(case: Case[Any], draw: st.DataObject) -> None:
            hostile = draw.draw(st.sampled_from(HOSTILE))
            case.body = spoil(case.body, hostile, draw)
            case.query = spoil(case.query, write_for_an_address(hostile), draw)
            case.headers["Authorization"] = f"Bearer {tokens.find()}"
            case.call_and_validate()

        send()


def test_half_a_character_is_refused_in_words(api: OpenApi) -> None:
    program = api.meet()
    schemas = program.get("/openapi.json")["components"]["schemas"]
    for method, path, operation in list_operations(api):
        content = operation.get("requestBody", {}).get("content", {})
        if "application/json" not in content:
            continue
        name = content["application/json"]["schema"]["$ref"].rpartition("/")[2]
        whole = dict.fromkeys(schemas[name]["properties"], HALF)
        for body in (whole, {HALF: 1}, HALF, [HALF]):
            answer = program.ask(
                method,
                path,
                content=json.dumps(body),
                headers={"content-type": "application/json", "idempotency-key": "k"},
            )
            assert (answer.status_code, answer.json()["status"]) == (422, 422), (path, body)


def spoil(document: Any, hostile: object, draw: st.DataObject) -> Any:  # noqa: ANN401
    """A copy of a document with one value in place of some member, where there is any."""
    if not isinstance(document, dict) or not document:
        return document
    spoiled = copy.deepcopy(document)
    name = draw.draw(st.sampled_from(sorted(spoiled)))
    value = spoiled[name]
    spoiled[name] = [hostile] if isinstance(value, list) else hostile
    return spoiled


def write_for_an_address(hostile: object) -> str:
    """A value that can be written into an address: a lone half of a character cannot."""
    return str(hostile).encode("utf-8", "replace").decode()[:20_000]
