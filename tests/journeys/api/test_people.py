"""Readers, lists, posts, webhooks, editors and the log by the API."""

from __future__ import annotations

import pytest

from service.engine.works import deliver_due
from service.membership.lists import run_lists
from service.model.editor import Scope
from tests.fakes.house import MONDAY, House
from tests.fakes.programs import OpenApi, Program


@pytest.fixture
def program(api: OpenApi) -> Program:
    return api.meet()


def test_a_reader_is_found_with_everything_and_erased(program: Program, house: House) -> None:
    (coming,) = program.get("/subscribers/1/outlook")
    assert sum(one["is_coming"] for one in coming["posts"]) == 6
    program.do("POST", "/editions/1/approve", {})
    house.tick(MONDAY)
    found = program.do("POST", "/subscribers/search", {"address": " A@Example.com "})
    assert found["deliveries"][0]["state"] == "accepted"
    assert found["subscriptions"][0]["consent"]["source"] == "import: test"
    choice = {"topics": [], "send_hour": 7, "timezone": "Europe/Paris"}
    changed = program.do("PATCH", "/subscribers/1/newsletters/weekly", choice)
    assert changed["subscriptions"][0]["timezone"] == "Europe/Paris"
    assert program.do("POST", "/subscribers/1/erase")["is_done"]
    assert program.ask("GET", "/subscribers/1").status_code == 404
    again = {"address": "a@example.com", "newsletter": "weekly"}
    assert "was erased" in program.ask("POST", "/subscribers", json=again).json()["detail"]
    assert "a@example.com" not in str(program.get("/audit"))


def test_a_reader_who_left_is_not_brought_back(program: Program) -> None:
    assert program.do("POST", "/subscribers/2/remove") == {"ended": 1}
    again = {
        "address": "b@example.com",
        "newsletter": "weekly",
        "is_confirmed": True,
        "vouched_by": "a card",
    }
    refused = program.ask("POST", "/subscribers", json=again)
    assert (refused.status_code, "they left" in refused.json()["detail"]) == (409, True)


def test_a_new_reader_is_asked_by_mail_unless_somebody_vouches(
    program: Program, house: House
) -> None:
    asked = {"address": "new@example.com", "newsletter": "weekly"}
    added = program.do("POST", "/subscribers", asked)
    assert added["subscriptions"][0]["state"] == "pending"
    vouched = {**asked, "address": "card@example.com", "is_confirmed": True, "vouched_by": "card"}
    added = program.do("POST", "/subscribers", vouched)
    assert added["subscriptions"][0]["state"] == "active"
    assert added["subscriptions"][0]["consent"]["source"] == "card"
    wrong = program.ask("POST", "/subscribers", json={**asked, "topics": ["nothing"]})
    assert wrong.status_code == 422


def test_a_suppressed_address_is_listed_and_let_go(program: Program) -> None:
    for number in range(3):
        program.do("POST", "/suppressions", {"address": f"x{number}@example.com"})
    first = program.get("/suppressions", limit=2)
    assert [one["address"] for one in first["items"]] == ["x2@example.com", "x1@example.com"]
    rest = program.get("/suppressions", limit=2, cursor=first["next"])
    assert ([one["address"] for one in rest["items"]], rest["next"]) == (["x0@example.com"], None)
    program.do("POST", "/suppressions/remove", {"address": "x1@example.com"})
    gone = program.ask("POST", "/suppressions/remove", json={"address": "x1@example.com"})
    assert gone.status_code == 404


def test_a_list_is_sent_up_looked_through_and_brought_in(program: Program, house: House) -> None:
    sheet = "email,name\nnew@example.com,New\nb@example.com,B\nbroken,X\n"
    taken = program.ask("POST", "/imports?newsletter=weekly&name=cards.csv", content=sheet)
    assert taken.status_code == 202, taken.text
    number, works = taken.json()["number"], house.app.works

    def run() -> None:
        folder = house.site / "var" / "uploads"
        run_lists(works.database, works.register, folder, works.clock, lambda: True)

    run()
    seen = program.get(f"/imports/{number}")
    assert (seen["state"], seen["report"]["added"], len(seen["mistakes"])) == ("rehearsed", 1, 1)
    program.do("POST", f"/imports/{number}/bring-in")
    run()
    assert program.get("/imports")[0]["state"] == "done"
    found = program.do("POST", "/subscribers/search", {"address": "new@example.com"})
    assert found["subscriptions"][0]["state"] == "pending"
    unknown = program.ask("POST", "/imports?newsletter=nothing", content=sheet)
    assert unknown.status_code == 422
    assert len(list((house.site / "var" / "uploads").iterdir())) == 0


def test_posts_are_listed_page_by_page_held_and_released(program: Program) -> None:
    first = program.get("/posts", limit=4)
    rest = program.get("/posts", limit=4, cursor=first["next"])
    numbers = [one["post"] for one in (*first["items"], *rest["items"])]
    assert (len(set(numbers)), rest["next"]) == (7, None)
    held = program.do("POST", f"/posts/{numbers[0]}/hold", {"note": "numbers"})
    assert (held["hold"], held["hold_note"]) == ("editor", "numbers")
    assert len(program.get("/posts", is_held=True)["items"]) == 1
    assert program.do("POST", f"/posts/{numbers[0]}/release", {})["hold"] is None


def test_a_webhook_is_added_tried_and_removed(program: Program) -> None:
    asked = {"url": "https://example.com/x", "events": ["edition.sent"]}
    added = program.do("POST", "/webhooks", asked)
    assert added["secret"].startswith("whsec_")
    one = f"/webhooks/{added['webhook']}"
    assert program.do("POST", f"{one}/test")["event"] == "webhook.test"
    assert program.do("POST", f"{one}/rotate")["secret"] != added["secret"]
    assert len(program.get(one)["messages"]) == 1
    inside = {**asked, "url": "https://127.0.0.1/x"}
    assert program.ask("POST", "/webhooks", json=inside).status_code == 422
    program.do("DELETE", one)
    assert program.get("/webhooks") == []


def test_editors_and_tokens_are_made_and_the_log_says_by_whom(program: Program) -> None:
    asked = {"address": "Eva@example.com", "role": "owner", "name": "Eva"}
    eva = program.do("POST", "/editors", asked)["editor"]
    only = program.ask("DELETE", f"/editors/{eva}")
    assert (only.status_code, "only owner" in only.json()["detail"]) == (409, True)
    made = program.do("POST", "/tokens", {"name": "reads", "scopes": ["read"]})
    reader = Program(program.runner, program.client, made["secret"])
    assert reader.get("/status")["is_send_held"] is False
    assert reader.ask("GET", "/tokens").status_code == 403
    program.do("DELETE", f"/tokens/{made['token']}")
    assert reader.ask("GET", "/status").status_code == 401
    log = program.get("/audit")["items"]
    assert [one["action"] for one in log] == ["token.revoke", "token.issue", "editor.add"]
    assert {(one["by"], one["name"]) for one in log} == {
        ("token", "a program of " + ", ".join(Scope))
    }


def test_newsletters_say_what_is_due_and_to_how_many(program: Program, house: House) -> None:
    (weekly,) = program.get("/newsletters")
    assert (weekly["readers"], weekly["due"][0]["edition"]) == ({"weekly": 3}, 1)
    assert (weekly["due"][0]["readers"], weekly["due"][0]["posts"]) == (3, 6)
    (needed,) = program.get("/status")["conditions"]
    assert (needed["condition"], needed["count"]) == ("approval", 1)
    deliver_due(house.app.works)
    feeds = program.get("/feeds", kind="site")["items"]
    assert [one["entries"] for one in feeds] == [7]
    assert all(file["bytes"] for file in feeds[0]["files"])
