from __future__ import annotations

import html
import re
from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType

import pytest

from service.membership import admit_signups
from service.model.newsletter import Newsletter
from service.model.signup import SignupSettings, WaitingSignup
from service.store.signups import list_waiting_signups
from tests.unit.web.conftest import NASTY, NOW, WEEKLY, Browser, Furnish, House

ADDRESS = {"email": "taro@kawara.example"}
TIMES = Newsletter("times", "Edo Times", "en")


def list_waiting(house: House) -> list[WaitingSignup]:
    with house.parts.database.reading() as connection:
        return list_waiting_signups(connection, NOW, 100)


def read_hidden(page: str) -> dict[str, str]:
    found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', page)
    return {name: html.unescape(value) for name, value in found}


@pytest.fixture
def two(furnish: Furnish) -> House:
    house = furnish()
    register = replace(
        house.parts.register,
        newsletters={"weekly": WEEKLY, "times": TIMES},
        signup=SignupSettings(forms=MappingProxyType({"footer": "毎週お届けします。"})),
    )
    return House(replace(house.parts, register=register))


def test_our_form_signs_up_and_leads_to_what_to_do_next(house: House, client: Browser) -> None:
    page = client.get("/subscribe")
    assert page.status_code == 200
    answer = client.post("/subscribe", data=read_hidden(page.text) | ADDRESS)
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        "/subscribe/sent?language=ja",
    )
    [one] = list_waiting(house)
    assert one.signup.consent.source == "form: http://localhost:8000/subscribe"
    assert html.escape(one.signup.consent.text) in page.text
    assert "メールをご確認ください" in client.get(answer.headers["location"]).text


def test_the_front_page_has_the_form_and_is_named_in_the_record(
    house: House, client: Browser
) -> None:
    fields = read_hidden(client.get("/").text)
    assert client.post("/subscribe", data=fields | ADDRESS).status_code == 303
    assert list_waiting(house)[0].signup.consent.source == "form: http://localhost:8000/"


@pytest.mark.parametrize("how", ["form", "multipart"])
def test_a_form_on_another_page_signs_up_and_leads_back_there(two: House, how: str) -> None:
    fields = ADDRESS | {
        "newsletter": "weekly",
        "cadence": "daily",
        "form": "footer",
        "return_to": "https://kawara.example/about/",
    }
    headers = {"referer": "https://kawara.example/about/?x=1", "origin": "https://kawara.example"}
    with two.open() as client:
        if how == "form":
            answer = client.post("/subscribe", data=fields, headers=headers)
        else:
            files = {name: (None, value) for name, value in fields.items()}
            answer = client.post("/subscribe", files=files, headers=headers)
        assert answer.headers["location"] == "https://kawara.example/about/#kawaraban-sent"
        assert (answer.status_code, answer.headers["cache-control"]) == (303, "private, no-store")
        [one] = list_waiting(two)
    assert one.signup.cadence == "daily"
    assert one.signup.consent.source == "form footer: https://kawara.example/about/"
    assert one.signup.consent.text == "毎週お届けします。"


def test_a_form_leads_nowhere_but_to_the_publication(client: Browser) -> None:
    answer = client.post("/subscribe", data=ADDRESS | {"return_to": "https://evil.example/"})
    assert answer.headers["location"] == "/subscribe/sent?language=ja"


def test_what_is_wrong_is_said_on_our_own_page_and_nothing_is_lost(house: House) -> None:
    fields = {
        "email": f"{NASTY}@x",
        "cadence": "daily",
        "topic": f"{NASTY}!",
        "hour": "9",
        "form": "nowhere",
        "return_to": "https://kawara.example/about/",
    }
    with house.open() as client:
        answer = client.post("/subscribe", data=fields)
        assert answer.status_code == 422
        for said in ("メールが届かないアドレス", "話題はありません", "フォームはありません"):
            assert said in answer.text
        assert "<script" not in answer.text
        assert 'value="daily" checked' in answer.text
        assert '<option value="9" selected>' in answer.text
        assert list_waiting(house) == []
        hidden = read_hidden(answer.text)
        again = client.post("/subscribe", data=hidden | ADDRESS)
        assert again.headers["location"] == "https://kawara.example/about/#kawaraban-sent"


def test_a_slip_takes_one_more_press_whichever_is_right(house: House, client: Browser) -> None:
    page = client.post("/subscribe", data={"email": "taro@gmial.com", "cadence": "daily"})
    assert "taro@gmail.com ではありませんか" in page.text
    assert list_waiting(house) == []
    for address in ("taro@gmail.com", "taro@gmial.com"):
        fields = read_hidden(page.text) | {"email": address}
        assert client.post("/subscribe", data=fields).status_code == 303
    waiting = [one.signup for one in list_waiting(house)]
    assert sorted(one.address for one in waiting) == ["taro@gmail.com", "taro@gmial.com"]
    assert {one.cadence for one in waiting} == {"daily"}


@pytest.mark.parametrize("spoiled", ["old", "forged", "other words"])
def test_a_form_of_ours_is_good_for_a_day(furnish: Furnish, spoiled: str) -> None:
    house = furnish()
    now = NOW
    house = House(replace(house.parts, clock=lambda: now))
    with house.open() as client:
        fields = read_hidden(client.get("/subscribe").text) | ADDRESS
        if spoiled == "old":
            now += timedelta(days=1, minutes=2)
        elif spoiled == "forged":
            fields["token"] = fields["token"][:-2] + "AA"
        else:
            fields["lang"] = "en"
        answer = client.post("/subscribe", data=fields)
        assert answer.status_code == 422
        fields = read_hidden(answer.text) | ADDRESS
        assert client.post("/subscribe", data=fields).status_code == 303


def test_known_unknown_suppressed_and_erased_get_the_same_answer(
    house: House, client: Browser
) -> None:
    answers = [
        client.post("/subscribe", data={"email": f"{name}@example.jp"})
        for name in ("active", "pending", "unsubscribed", "unknown")
    ]
    assert len({one.content for one in answers}) == 1
    seen = {tuple(sorted((k, v) for k, v in one.headers.items() if k != "date")) for one in answers}
    assert len(seen) == 1
    assert len(list_waiting(house)) == 4


def test_the_page_speaks_both_languages_and_offers_every_newsletter(two: House) -> None:
    with two.open() as client:
        page = client.get("/subscribe?language=en&newsletter=times").text
    assert '<html lang="en" dir="ltr">' in page
    assert 'name="newsletter" value="times" checked' in page
    assert 'name="newsletter" value="weekly">' in page
    assert 'name="cadence-weekly" value="daily"' in page


def test_the_policy_lets_answers_lead_back_to_the_publication(shared: Browser) -> None:
    policy = shared.get("/subscribe").headers["content-security-policy"]
    assert "form-action 'self' http://localhost:8000 https://kawara.example;" in policy


@pytest.mark.parametrize(
    ("content", "content_type", "status"),
    [
        (b"--x\r\nbroken", "multipart/form-data; boundary=x", 422),
        (b"&".join(b"a=1" for _ in range(400)), "application/x-www-form-urlencoded", 400),
        (b'{"email": "taro@kawara.example"}', "application/json", 422),
        (b'{"email": "taro@kawara.example"}', "text/plain", 422),
        (b"email=%ff%fe", "application/x-www-form-urlencoded", 422),
    ],
)
def test_what_is_no_form_signs_nobody_up(
    shared: Browser, content: bytes, content_type: str, status: int
) -> None:
    answer = shared.post("/subscribe", content=content, headers={"content-type": content_type})
    assert answer.status_code == status


def test_without_a_newsletter_there_is_nothing_to_sign_up_for(furnish: Furnish) -> None:
    parts = furnish().parts
    bare = House(replace(parts, register=replace(parts.register, newsletters={})))
    with bare.open() as client:
        assert client.get("/subscribe").status_code == 404
        assert client.post("/subscribe", data=ADDRESS).status_code == 404
        assert 'name="email"' not in client.get("/").text


def test_what_is_signed_up_is_answered_as_long_as_the_pages_live(house: House) -> None:
    with house.open() as client:
        client.post("/subscribe", data=ADDRESS)
    assert list_waiting(house) == []
    assert admit_signups(house.parts.database, house.parts.register, NOW).mails == 0
    assert house.find_state("active") == "active"
