"""An owner has a service told of what happens."""

from __future__ import annotations

from service.model.editor import Role
from tests.fakes.desk import OpenDesk

ROOT = "/desk/settings/webhooks"


def test_an_owner_adds_a_webhook_tests_it_and_removes_it(desk: OpenDesk) -> None:
    olga = desk.meet(Role.OWNER)
    added = olga.press(ROOT, url="https://crm.example/hook?key=abc", events=["edition.sent"])
    assert added.headers["location"].startswith(f"{ROOT}/1?said=")
    assert "まだありません" in olga.get(f"{ROOT}/1").text
    olga.press(f"{ROOT}/1/test")
    page = olga.get(f"{ROOT}/1").text
    assert "webhook.test" in page
    assert "待機中" in page
    olga.press(f"{ROOT}/1/remove")
    assert "crm.example" not in olga.get(ROOT).text
    log = olga.get("/desk/settings/log").text
    assert [name in log for name in ("Webhookを追加", "Webhookを削除")] == [True, True]


def test_the_secret_is_shown_when_asked_for_and_changes_on_demand(desk: OpenDesk) -> None:
    olga = desk.meet(Role.OWNER)
    olga.press(ROOT, url="https://crm.example/hook", events=["post.published"])
    assert "whsec_" not in olga.get(f"{ROOT}/1").text
    first = olga.press(f"{ROOT}/1/secret").text.split("whsec_")[1].split("<")[0]
    second = olga.press(f"{ROOT}/1/rotate").text.split("whsec_")[1].split("<")[0]
    assert first != second
    assert second in olga.press(f"{ROOT}/1/secret").text


def test_an_address_inside_our_network_needs_a_word(desk: OpenDesk) -> None:
    olga = desk.meet(Role.OWNER)
    inside = {"url": "http://10.0.0.8/hook", "events": ["edition.sent"]}
    assert olga.press(ROOT, **inside).status_code == 422
    assert olga.press(ROOT, **inside, private="yes").status_code == 303
    assert olga.press(ROOT, url="https://crm.example/", events=[]).status_code == 422
