from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from itertools import product

import pytest
from starlette.types import Message

from service.audience.tokens import Purpose
from service.membership import erase_reader
from service.model.editor import COMMAND
from service.model.subscriber import SubscriptionState
from service.web.app import build_web
from service.web.parts import WebParts
from tests.unit.web.conftest import NASTY, NOW, OTHER_KEY, READERS, WEEKLY, Browser, Furnish, House

ROUTES = ("/confirm", "/unsubscribe")
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


def test_confirming_takes_a_press_and_only_a_press(house: House, client: Browser) -> None:
    address = f"/confirm/{house.sign(Purpose.CONFIRM, 'pending')}"
    asked = client.get(address)
    assert "「週のまとめ」をお届けしてよろしいですか" in asked.text
    assert asked.text.count("<button") == 1
    assert house.find_state("pending") is SubscriptionState.PENDING
    done = client.post(address)
    assert (done.status_code, "登録が完了しました" in done.text) == (200, True)
    assert "<button" not in done.text
    assert house.find_state("pending") is SubscriptionState.ACTIVE


def test_another_site_confirms_nothing_in_a_reader_s_name(house: House, client: Browser) -> None:
    address = f"/confirm/{house.sign(Purpose.CONFIRM, 'pending')}"
    refused = client.post(address, headers={"sec-fetch-site": "cross-site"})
    assert refused.status_code == 403
    assert house.find_state("pending") is SubscriptionState.PENDING


def test_leaving_takes_a_press_and_only_a_press(house: House, client: Browser) -> None:
    address = f"/unsubscribe/{house.sign(Purpose.UNSUBSCRIBE, 'active')}"
    assert "「週のまとめ」の配信を停止しますか" in client.get(address).text
    assert house.find_state("active") is SubscriptionState.ACTIVE
    done = client.post(address)
    assert (done.status_code, "配信を停止しました" in done.text) == (200, True)
    assert house.find_state("active") is SubscriptionState.UNSUBSCRIBED


@pytest.mark.parametrize("how", ["form", "multipart", "lower", "bare"])
def test_a_mail_program_leaves_with_one_click(house: House, client: Browser, how: str) -> None:
    address = f"/unsubscribe/{house.sign(Purpose.UNSUBSCRIBE, 'active')}"
    match how:
        case "form":
            answer = client.post(address, data=ONE_CLICK)
        case "multipart":
            answer = client.post(address, files={"List-Unsubscribe": (None, "One-Click")})
        case "lower":
            headers = {"content-type": "APPLICATION/X-WWW-FORM-URLENCODED; charset=UTF-8"}
            answer = client.post(address, content=b"List-Unsubscribe=One-Click", headers=headers)
        case _:
            answer = client.post(address, content=b"List-Unsubscribe=One-Click")
    assert (answer.status_code, answer.content) == (200, b"")
    assert "set-cookie" not in answer.headers
    assert house.find_state("active") is SubscriptionState.UNSUBSCRIBED


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (b"", "multipart/form-data"),
        (b"--x\r\nbroken", "multipart/form-data; boundary=x"),
        (b"\xff\xfe=%%%", "application/x-www-form-urlencoded"),
        (b"{", "application/json"),
    ],
)
def test_whatever_the_body_is_the_press_counts(
    house: House, client: Browser, content: bytes, content_type: str
) -> None:
    address = f"/unsubscribe/{house.sign(Purpose.UNSUBSCRIBE, 'active')}"
    answer = client.post(address, content=content, headers={"content-type": content_type})
    assert answer.status_code == 200
    assert house.find_state("active") is SubscriptionState.UNSUBSCRIBED


def test_pressing_again_changes_nothing_and_says_the_same(house: House, client: Browser) -> None:
    confirm = f"/confirm/{house.sign(Purpose.CONFIRM, 'pending')}"
    leave = f"/unsubscribe/{house.sign(Purpose.UNSUBSCRIBE, 'active')}"
    for address in (confirm, leave):
        first = client.post(address)
        before = house.find_states()
        again, shown = client.post(address), client.get(address)
        assert first.text == again.text == shown.text
        assert house.find_states() == before


def test_a_confirmation_does_not_bring_back_whoever_left(house: House, client: Browser) -> None:
    address = f"/confirm/{house.sign(Purpose.CONFIRM, 'unsubscribed')}"
    for answer in (client.get(address), client.post(address)):
        assert "この登録は終了しています" in answer.text
        assert "<button" not in answer.text
    assert house.find_state("unsubscribed") is SubscriptionState.UNSUBSCRIBED


def test_looking_never_changes_anything(house: House, client: Browser) -> None:
    before = house.find_states()
    for name in READERS:
        for route, purpose in zip(ROUTES, (Purpose.CONFIRM, Purpose.UNSUBSCRIBE), strict=True):
            address = f"{route}/{house.sign(purpose, name)}"
            for method in ("GET", "HEAD"):
                assert client.request(method, address).status_code == 200
            for method in ("OPTIONS", "PUT", "DELETE", "PATCH"):
                assert client.request(method, address).status_code == 405
            assert client.get(address, params=ONE_CLICK).status_code == 200
    assert house.find_states() == before


@pytest.mark.parametrize("purpose", [Purpose.CONFIRM, Purpose.UNSUBSCRIBE])
def test_a_link_is_good_for_its_own_purpose(
    house: House, client: Browser, purpose: Purpose
) -> None:
    for name, method in product(READERS, ("GET", "HEAD", "POST")):
        answer = client.request(method, f"/{purpose}/{house.sign(purpose, name)}")
        assert answer.status_code == 200


@pytest.mark.parametrize(
    ("purpose", "route"), [one for one in product(Purpose, ROUTES) if f"/{one[0]}" != one[1]]
)
def test_a_link_is_good_for_no_other_purpose(
    shared_house: House, shared: Browser, purpose: Purpose, route: str
) -> None:
    before = shared_house.find_states()
    for name in READERS:
        address = f"{route}/{shared_house.sign(purpose, name)}"
        for method in ("GET", "HEAD", "POST"):
            assert shared.request(method, address).status_code == 404
    assert shared_house.find_states() == before


def spoil(token: str) -> Mapping[str, str]:
    return {
        "shortened": token[:-1],
        "lengthened": f"{token}A",
        "changed": token[:-6] + ("A" if token[-6] != "A" else "B") + token[-5:],
        "padded": f"{token}=",
        "empty": "%20",
        "nasty": "%3Cscript%3Ealert(1)%3C%2Fscript%3E",
        "very long": "A" * 5000,
        "other letters": "%E7%93%A6%E7%89%88",
    }


@pytest.mark.parametrize("route", ROUTES)
def test_a_spoiled_link_is_no_page_and_says_nothing(
    house: House, client: Browser, route: str
) -> None:
    purpose = Purpose(route.strip("/"))
    before = house.find_states()
    nowhere = client.get("/nowhere").text
    spoiled = [*spoil(house.sign(purpose, "active")).values()]
    spoiled.append(house.sign(purpose, "active", OTHER_KEY))
    for token in spoiled:
        for method in ("GET", "POST"):
            answer = client.request(method, f"{route}/{token}")
            assert (answer.status_code, answer.text) == (404, nowhere)
    assert house.find_states() == before


def test_whoever_was_erased_has_no_page_any_more(house: House, client: Browser) -> None:
    address = f"/unsubscribe/{house.sign(Purpose.UNSUBSCRIBE, 'active')}"
    erase_reader(house.parts.database, house.parts.register, "active@example.jp", NOW, by=COMMAND)
    assert client.get(address).status_code == client.post(address).status_code == 404


def test_these_pages_are_nobody_elses(house: House, client: Browser) -> None:
    address = f"/unsubscribe/{house.sign(Purpose.UNSUBSCRIBE, 'active')}"
    for answer in (client.get(address), client.post(address, data=ONE_CLICK), client.post(address)):
        assert answer.headers["cache-control"] == "private, no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["x-robots-tag"] == "noindex"


def test_no_page_names_its_reader_or_repeats_what_was_sent(house: House, client: Browser) -> None:
    for route, purpose in (("/confirm", Purpose.CONFIRM), ("/unsubscribe", Purpose.UNSUBSCRIBE)):
        token = house.sign(purpose, "active")
        page = client.post(f"{route}/{token}", content=NASTY.encode()).text
        assert "active@" not in page
        assert token not in page
        assert not re.search("<script|alert", page)


async def cut(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), 9_000):
        yield content[start : start + 9_000]


def test_too_much_is_refused_before_anything_happens(house: House, client: Browser) -> None:
    address = f"/unsubscribe/{house.sign(Purpose.UNSUBSCRIBE, 'active')}"
    large = b"List-Unsubscribe=One-Click&x=" + b"x" * 70_000
    assert client.post(address, content=large).status_code == 413
    assert client.post(address, content=cut(large)).status_code == 413
    assert house.find_state("active") is SubscriptionState.ACTIVE


def test_a_newsletter_that_is_gone_can_still_be_left(furnish: Furnish) -> None:
    parts: WebParts = furnish().parts
    house = House(parts)
    with house.parts.database.writing() as connection:
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.exec_driver_sql("INSERT INTO newsletters VALUES ('old', 0, '2025-01-01')")
        connection.exec_driver_sql("UPDATE subscriptions SET newsletter_id = 'old'")
    with house.open() as client:
        answer = client.post(f"/unsubscribe/{house.sign(Purpose.UNSUBSCRIBE, 'active')}")
    assert "瓦版 &lt;b&gt;&amp;だより" in answer.text
    assert WEEKLY.title not in answer.text
    assert house.find_state("active") is SubscriptionState.UNSUBSCRIBED


def test_each_reader_is_spoken_to_in_the_language_of_the_subscription(house: House) -> None:
    with house.parts.database.writing() as connection:
        connection.exec_driver_sql("UPDATE subscriptions SET language = 'en-GB'")
    with house.open() as client:
        page = client.get(f"/confirm/{house.sign(Purpose.CONFIRM, 'pending')}").text
    assert "Do you want to get “週のまとめ”?" in page
    assert '<html lang="en" dir="ltr">' in page


def test_half_a_body_counts_for_nothing(house: House) -> None:
    address = f"/unsubscribe/{house.sign(Purpose.UNSUBSCRIBE, 'active')}"
    sent: list[Message] = []
    heard = iter(
        (
            {"type": "http.request", "body": b"List-Unsub", "more_body": True},
            {"type": "http.disconnect"},
        )
    )

    async def receive() -> Message:
        return next(heard)

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "path": address,
        "raw_path": address.encode(),
        "query_string": b"",
        "headers": [],
        "client": ("127.0.0.1", 1),
        "server": ("localhost", 8000),
        "scheme": "http",
    }

    async def ask() -> None:
        await build_web(house.parts)(scope, receive, send)

    asyncio.run(ask())
    assert sent[0]["status"] == 400
    assert house.find_state("active") is SubscriptionState.ACTIVE
