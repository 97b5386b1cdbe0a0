"""An edition by the API: seen, arranged, approved, sent, and made by hand exactly once."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta

import pytest

from service.model.editor import Scope
from service.store.audit import list_actions
from tests.fakes.house import MONDAY, House
from tests.fakes.programs import OpenApi, Program, open_api


@pytest.fixture
def program(api: OpenApi) -> Program:
    return api.meet()


def list_actions_of(house: House) -> list[str]:
    with house.app.works.database.reading() as connection:
        return [one.action for one in list_actions(connection) if one.action != "token.issue"][::-1]


def test_a_draft_is_arranged_and_sent_to_as_many_as_were_named(
    program: Program, house: House
) -> None:
    draft = program.get("/editions/1")
    posts = [one["post"] for one in draft["posts"] if one["number"]]
    assert (draft["readers"], len(posts), draft["edition"]["revision"]) == (3, 6, 0)
    order = {"posts": [posts[3]], "revision": 0}
    first = program.do("PUT", "/editions/1/order", order)["posts"][0]
    assert (first["post"], first["is_placed"]) == (posts[3], True)
    shown = program.do(
        "POST", "/editions/1/posts/leave-out", {"post": posts[0]}, headers={"if-match": '"1"'}
    )
    left_out = [one["post"] for one in shown["posts"] if "left out" in one["reason"]]
    assert left_out == [posts[0]]
    words = {"subject": "今週のまとめ", "intro": "*編集部*より", "revision": 2}
    assert program.do("PATCH", "/editions/1/words", words)["edition"]["revision"] == 3
    mail = program.get("/editions/1/variants/1")
    assert mail["subject"] == "今週のまとめ"
    assert "<em>編集部</em>より" in mail["html"]
    refused = program.ask("POST", "/editions/1/send", json={"revision": 3, "readers": 4})
    assert refused.status_code == 409
    assert "would go to 3 readers" in refused.json()["detail"]
    assert program.do("POST", "/editions/1/send", {"revision": 3, "readers": 3})["state"] == (
        "waiting"
    )
    house.go_on()
    progress = program.get("/editions/1/progress")
    assert (progress["state"], progress["accounting"]["accepted"]) == ("finished", 3)
    assert list_actions_of(house) == [
        "edition.order",
        "edition.leave-out",
        "edition.words",
        "edition.send",
    ]


def test_who_saw_an_older_revision_changes_nothing(program: Program) -> None:
    program.do("PATCH", "/editions/1/words", {"subject": "one", "revision": 0})
    late = program.ask("PATCH", "/editions/1/words", json={"subject": "two", "revision": 0})
    assert late.status_code == 409
    assert program.get("/editions/1")["edition"]["subject"] == "one"
    silent = program.ask("PATCH", "/editions/1/words", json={"subject": "two"})
    assert silent.status_code == 422


def test_an_edition_is_held_scheduled_approved_and_cancelled(
    program: Program, house: House
) -> None:
    at = (MONDAY + timedelta(days=1)).isoformat()
    assert program.do("POST", "/editions/1/schedule", {"leaves_at": at, "revision": 0})[
        "freeze_at"
    ] == ("2025-10-13T23:00:00Z")
    assert program.do("POST", "/editions/1/hold", {"reason": "numbers"})["reason"] == "numbers"
    unseen = program.ask("POST", "/editions/1/approve", json={"revision": 1})
    assert unseen.status_code == 409
    assert program.do("POST", "/editions/1/approve", {"revision": 2})["state"] == "waiting"
    assert program.do("POST", "/editions/1/cancel", {})["edition"]["state"] == "cancelled"
    again = program.ask("POST", "/editions/1/approve", json={})
    assert (again.status_code, again.headers["content-type"]) == (409, "application/problem+json")
    house.tick(MONDAY + timedelta(days=2))
    assert house.list_mail() == []


def test_a_test_mail_goes_to_the_address_named_and_is_no_edition(
    program: Program, house: House
) -> None:
    asked = {"addresses": ["Me@Example.com"], "variant": 1}
    assert program.do("POST", "/editions/1/test", asked) == {"planned": 1}
    assert program.do("POST", "/editions/1/test", asked) == {"planned": 0}
    assert program.get("/editions/1")["accounting"]["frozen"] == 0
    assert "me@example.com" not in str(program.get("/audit"))


def test_an_edition_by_hand_is_foreseen_and_made_once_for_a_key(
    program: Program, house: House
) -> None:
    asked = {"newsletter": "weekly", "posts": ["n1.md"], "subject": "号外"}
    foreseen = program.do("POST", "/editions/foresee", asked)
    assert (foreseen["readers"], foreseen["subject"]) == (3, "号外")
    missing = program.ask("POST", "/editions", json=asked)
    assert missing.status_code == 422
    assert missing.json()["mistakes"][0]["where"].lower() == "header.idempotency-key"
    key = {"idempotency-key": "extra-1"}
    wrong = program.ask("POST", "/editions", json={**asked, "readers": 5}, headers=key)
    assert wrong.status_code == 409
    first = program.ask("POST", "/editions", json={**asked, "readers": 3}, headers=key)
    again = program.ask("POST", "/editions", json={**asked, "readers": 3}, headers=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    other = program.ask("POST", "/editions", json={**asked, "subject": "x"}, headers=key)
    assert other.status_code == 422
    house.go_on()
    assert house.count_mail() == {f"{name}@example.com": 1 for name in "abc"}


def test_a_draft_by_hand_waits_until_it_is_approved(program: Program, house: House) -> None:
    asked = {"newsletter": "weekly", "posts": ["n1.md"], "waits": True}
    key = {"idempotency-key": "draft-1"}
    draft = program.ask("POST", "/editions", json=asked, headers=key).json()
    assert (draft["state"], draft["approved_at"]) == ("waiting", None)
    house.go_on()
    assert house.list_mail() == []
    words = {"subject": "号外", "revision": draft["revision"]}
    program.do("PATCH", f"/editions/{draft['edition']}/words", words)
    program.do("POST", f"/editions/{draft['edition']}/approve", {"revision": 1})
    house.go_on()
    assert {mail["subject"] for mail in house.list_mail()} == {"号外"}
    assert list_actions_of(house) == ["edition.make", "edition.words", "edition.approve"]


def test_two_tokens_do_not_share_a_key(api: OpenApi) -> None:
    asked = {"newsletter": "weekly", "intro": "one announcement"}
    numbers = {
        api.meet([Scope.SEND]).do("POST", "/editions", asked, headers={"idempotency-key": "k"})[
            "edition"
        ]
        for _ in range(2)
    }
    assert len(numbers) == 2


@pytest.fixture
def crowd(house: House) -> Iterator[list[Program]]:
    """Four programs, each in a process of its own as far as the house can tell, one token."""
    with ExitStack() as stack:
        doors = [stack.enter_context(open_api(house)) for _ in range(4)]
        token = doors[0].meet().token
        programs = [Program(one.runner, one.meet(()).client, token) for one in doors]
        for one in programs:
            # What FastAPI makes at the first request it makes under a filter of warnings, which
            # all threads share.
            one.ask("POST", "/editions", json={})
        yield programs


def test_many_who_send_the_same_at_once_send_it_once(crowd: list[Program], house: House) -> None:
    asked = {"newsletter": "weekly", "intro": "one announcement"}
    headers = {"idempotency-key": '"8e03978e-40d5-43dd-bc93-6894a57f9324"'}
    with ThreadPoolExecutor(len(crowd)) as pool:
        answers = list(
            pool.map(lambda one: one.ask("POST", "/editions", json=asked, headers=headers), crowd)
        )
    assert {one.status_code for one in answers} <= {201, 409}
    assert len({one.json()["edition"] for one in answers if one.status_code == 201}) == 1
    house.go_on()
    assert set(house.count_mail().values()) == {1}
