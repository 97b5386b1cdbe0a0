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


@pytest.fixture
def guest(shared_api: OpenApi) -> Program:
    """A program in the house of all tests that leave readers, posts and editions as they are."""
    return shared_api.meet()


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


def test_a_suppressed_address_is_listed_and_let_go(guest: Program) -> None:
    for number in range(3):
        guest.do("POST", "/suppressions", {"address": f"x{number}@example.com"})
    first = guest.get("/suppressions", limit=2)
    assert [one["address"] for one in first["items"]] == ["x2@example.com", "x1@example.com"]
    rest = guest.get("/suppressions", limit=2, cursor=first["next"])
    assert ([one["address"] for one in rest["items"]], rest["next"]) == (["x0@example.com"], None)
    shown = guest.do("POST", "/suppressions/search", {"address": "X1@example.com"})
    assert shown["reason"] == "manual"
    said = {"address": "x1@example.com", "note": "x1@example.com called"}
    guest.do("POST", "/suppressions/remove", said)
    for path in ("/suppressions/remove", "/suppressions/search"):
        assert guest.ask("POST", path, json={"address": "x1@example.com"}).status_code == 404
    assert guest.get("/audit")["items"][0]["detail"] == {"note": "…@… called"}


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


def test_posts_are_listed_page_by_page_held_and_released(guest: Program) -> None:
    first = guest.get("/posts", limit=4)
    rest = guest.get("/posts", limit=4, cursor=first["next"])
    numbers = [one["post"] for one in (*first["items"], *rest["items"])]
    assert (len(set(numbers)), rest["next"]) == (7, None)
    held = guest.do("POST", f"/posts/{numbers[0]}/hold", {"note": "numbers"})
    assert (held["hold"], held["hold_note"]) == ("editor", "numbers")
    assert len(guest.get("/posts", is_held=True)["items"]) == 1
    assert guest.do("POST", f"/posts/{numbers[0]}/release", {})["hold"] is None


def test_posts_that_changed_since_they_were_seen_are_left_as_they_are(guest: Program) -> None:
    listed = guest.get("/posts", limit=2)["items"]
    first, second = (one["post"] for one in listed)
    seen = [{"post": one["post"], "stand": one["stand"]} for one in listed]
    guest.do("POST", f"/posts/{first}/hold", {})
    asked = {"word": "hold", "posts": [*seen, {"post": 4711}], "note": "numbers"}
    handled = guest.do("POST", "/posts/handle", asked)
    assert handled == {"done": [second], "changed": [first], "idle": [], "missing": [4711]}
    assert guest.get(f"/posts/{second}")["hold_note"] == "numbers"
    both = {"word": "release", "posts": [{"post": one} for one in (first, second)]}
    assert guest.do("POST", "/posts/handle", both)["done"] == [first, second]
    assert guest.do("POST", "/posts/handle", both)["idle"] == [first, second]


def test_a_webhook_is_added_tried_and_removed(guest: Program) -> None:
    asked = {"url": "https://example.com/x", "events": ["edition.sent"]}
    added = guest.do("POST", "/webhooks", asked)
    assert added["secret"].startswith("whsec_")
    one = f"/webhooks/{added['webhook']}"
    assert guest.do("POST", f"{one}/test")["event"] == "webhook.test"
    assert guest.do("POST", f"{one}/rotate")["secret"] != added["secret"]
    assert len(guest.get(one)["messages"]) == 1
    assert guest.do("POST", f"{one}/secret")["secret"].startswith("whsec_")
    inside = {**asked, "url": "https://127.0.0.1/x"}
    assert guest.ask("POST", "/webhooks", json=inside).status_code == 422
    own = guest.do("POST", "/webhooks", {**inside, "is_private": True})
    guest.do("DELETE", f"/webhooks/{own['webhook']}")
    guest.do("DELETE", one)
    assert guest.get("/webhooks") == []


def test_editors_and_tokens_are_made_and_the_log_says_by_whom(program: Program) -> None:
    asked = {"address": "Eva@example.com", "role": "owner", "name": "Eva"}
    eva = program.do("POST", "/editors", asked)["editor"]
    renamed = program.do("PATCH", f"/editors/{eva}", {"name": "Eva B.", "language": "en"})
    assert (renamed["name"], renamed["language"], renamed["role"]) == ("Eva B.", "en", "owner")
    assert program.ask("PATCH", f"/editors/{eva}", json={"language": "xx"}).status_code == 422
    assert program.get("/sessions") == []
    assert program.ask("DELETE", "/sessions/1").status_code == 404
    only = program.ask("DELETE", f"/editors/{eva}")
    assert (only.status_code, "only owner" in only.json()["detail"]) == (409, True)
    made = program.do("POST", "/tokens", {"name": "reads", "scopes": ["read"]})
    reader = Program(program.runner, program.client, made["secret"])
    assert reader.get("/status")["is_send_held"] is False
    assert reader.ask("GET", "/tokens").status_code == 403
    program.do("DELETE", f"/tokens/{made['token']}")
    assert reader.ask("GET", "/status").status_code == 401
    *log, first = program.get("/audit")["items"]
    assert (first["action"], first["by"]) == ("token.issue", "command")
    assert [one["action"] for one in log] == [
        "token.revoke",
        "token.issue",
        "account.change",
        "editor.add",
    ]
    assert {(one["by"], one["name"]) for one in log} == {
        ("token", "a program of " + ", ".join(Scope))
    }


def test_newsletters_say_what_is_due_and_to_how_many(guest: Program, shared_house: House) -> None:
    (weekly,) = guest.get("/newsletters")
    assert (weekly["readers"], weekly["due"][0]["edition"]) == ({"weekly": 3}, 1)
    assert (weekly["due"][0]["readers"], weekly["due"][0]["posts"]) == (3, 6)
    (needed,) = guest.get("/status")["conditions"]
    assert (needed["condition"], needed["count"]) == ("approval", 1)
    deliver_due(shared_house.app.works)
    feeds = guest.get("/feeds", kind="site")["items"]
    assert [one["entries"] for one in feeds] == [7]
    assert all(file["bytes"] for file in feeds[0]["files"])
