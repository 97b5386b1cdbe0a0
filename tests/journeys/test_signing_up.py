from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import httpx
import pytest

from service.app import build_doors
from service.audience.caps import MOST_OF_ONE_NETWORK, MOST_TO_ONE_DOMAIN
from service.delivery.conditions import find_conditions
from service.delivery.facts import read_facts
from service.membership import admit_signups, erase_reader, remove_reader, sign_up
from service.membership.admitting import KEEP_FOR
from service.model.condition import Condition
from service.model.editor import COMMAND
from service.model.newsletter import Cadence
from service.model.signup import Signup, SignupSettings
from service.model.subscriber import Consent, SubscriptionState, SuppressionReason
from service.store import signups as stored
from service.store.consents import list_past_consents
from service.store.subscribers import Reader, list_readers_at
from service.store.suppressions import Suppression, add_suppression
from tests.fakes.house import MONDAY, House

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TARO = "taro@kawara.example"
SEVERAL = """cadences = ["weekly", "daily", "monthly"]
topics = ["AI"]
welcome = true
[[newsletters]]
id = "times"
title = "Edo Times"
language = "en"
"""
HERE = "93.184.216.34"


class Town:
    """A house with its doors, asked from some address."""

    def __init__(self, house: House) -> None:
        self.house = house
        self._doors = build_doors(house.app, host="127.0.0.1", scan_within=None)

    def ask(
        self, method: str, path: str, *, client: str = HERE, **options: object
    ) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self._doors, client=(client, 1))
            base = "http://localhost:8000"
            async with httpx.AsyncClient(transport=transport, base_url=base) as web:
                return await web.request(method, path, **options)  # type: ignore[arg-type]

        return asyncio.run(ask())

    def sign_up(self, address: str, client: str = HERE, **fields: str | list[str]) -> None:
        answer = self.ask("POST", "/subscribe", client=client, data={"email": address} | fields)
        assert answer.status_code == 303

    def pass_on(self, after: timedelta = timedelta()) -> None:
        """Some time later everything due is done."""
        self.house.tick(self.house.clock.now + after)

    def list_notices(self, address: str = "") -> list[EmailMessage]:
        found = []
        for path in sorted((self.house.site / "var" / "outbox").glob("*/*.eml")):
            mail = message_from_bytes(path.read_bytes(), policy=policy.default)
            assert isinstance(mail, EmailMessage)
            if not mail["List-Id"] and address in str(mail["To"]):
                found.append(mail)
        return found

    def find_link(self, page: str, address: str = TARO) -> str:
        body = self.list_notices(address)[-1].get_body(("plain",))
        assert body is not None
        [link] = re.findall(rf"http://localhost:8000(/{page}/\S+)", body.get_content())
        return str(link)

    def press(
        self, page: str, address: str = TARO, data: dict[str, str] | None = None
    ) -> httpx.Response:
        return self.ask("POST", self.find_link(page, address), data=data)

    def find_readers(self, address: str = TARO) -> dict[str, Reader]:
        with self.house.app.works.database.reading() as connection:
            found = list_readers_at(connection, address)
        return {one.subscription.newsletter_id: one for one in found}

    def find_state(self, address: str = TARO) -> SubscriptionState:
        return self.find_readers(address)["weekly"].subscription.state

    def count_waiting(self) -> int:
        with self.house.app.works.database.reading() as connection:
            return sum(count for _, count in stored.count_domains(connection, 1000))

    def list_conditions(self) -> set[Condition]:
        works = self.house.app.works
        with works.database.reading() as connection:
            return set(find_conditions(read_facts(connection, works.press, self.house.clock.now)))


def settle(house: House) -> Town:
    house.write("old", MONDAY - 3 * DAY)
    house.tick(MONDAY - HOUR)
    return Town(house)


@pytest.fixture
def town(open_house: Callable[[str], House]) -> Town:
    """On either database."""
    return settle(open_house(SEVERAL))


@pytest.fixture
def small_town(migrated_file: Path, tmp_path: Path) -> Iterator[Town]:
    """On SQLite alone, for what no statement decides."""
    folder = tmp_path / "site"
    (folder / "var").mkdir(parents=True)
    shutil.copyfile(migrated_file, folder / "var" / "kawaraban.db")
    house = House(folder, SEVERAL)
    yield settle(house)
    house.app.close()


def flood(town: Town, count: int, *, domain: str = "", network: str = "") -> None:
    """So many forms at once, for as many addresses, from as many networks or from one."""
    works, now = town.house.app.works, town.house.clock.now
    for number in range(count):
        one = Signup(
            address=f"v{number}@{domain or f'd{number}.example'}",
            newsletter_id="weekly",
            cadence=Cadence.WEEKLY,
            topics=(),
            language="ja",
            send_hour=None,
            consent=Consent("form", "", now),
            network=network or f"n{number}",
        )
        sign_up(works.database, [one], one.network)


def answer(town: Town, after: timedelta = timedelta()) -> int:
    """How many mails are planned for sign-ups some time later."""
    works = town.house.app.works
    town.house.clock.now += after
    return admit_signups(works.database, works.register, town.house.clock.now).mails


def test_signed_up_confirmed_welcomed_served_and_gone(town: Town) -> None:
    house = town.house
    town.sign_up(TARO, cadence="daily", topic=["AI"], hour="8")
    assert town.find_readers() == {}
    town.pass_on()
    assert town.find_state() is SubscriptionState.PENDING
    assert "お届けしてよろしいですか" in town.ask("GET", town.find_link("confirm")).text
    assert town.find_state() is SubscriptionState.PENDING
    assert town.press("confirm").status_code == 200
    reader = town.find_readers()["weekly"]
    assert reader.subscription.state is SubscriptionState.ACTIVE
    assert (reader.subscription.cadence, reader.subscription.topics) == ("daily", ("AI",))
    assert (reader.subscription.send_hour, reader.subscription.confirmed_at) == (8, MONDAY - HOUR)
    assert reader.consent.source.startswith("form")
    assert reader.consent.text.startswith("「ウィークリー」をお届けしてよろしいですか")
    assert reader.consent.text.endswith("[登録を確認する]")
    town.pass_on()
    assert [mail["Subject"] for mail in town.list_notices(TARO)][1:] == [
        "「ウィークリー」へようこそ"
    ]
    house.write("ai", MONDAY, front="tags: [AI]\n")
    town.pass_on(2 * HOUR)
    town.pass_on(DAY)
    assert house.read_posts(TARO) == ["ai"]
    [mail] = house.list_mail()
    leave = str(mail["List-Unsubscribe"]).strip("<>").removeprefix("http://localhost:8000")
    answer = town.ask("POST", leave, data={"List-Unsubscribe": "One-Click"})
    assert (answer.status_code, answer.content) == (200, b"")
    assert town.find_state() is SubscriptionState.UNSUBSCRIBED


def test_the_welcome_brings_what_the_latest_edition_brought(small_town: Town) -> None:
    town = small_town
    house = town.house
    house.add_readers("old@kawara.example")
    house.write("ai", MONDAY, front="tags: [AI]\n", title="計算機の話")
    house.write("moon", MONDAY, front="tags: [宇宙]\n", title="月の話")
    house.tick(MONDAY + HOUR)
    house.tick(MONDAY + 7 * DAY)
    town.sign_up(TARO, topic="AI")
    town.pass_on()
    town.press("confirm")
    town.press("confirm")
    town.pass_on()
    welcome = town.list_notices(TARO)[-1].get_body(("html",))
    assert welcome is not None
    assert "計算機の話" in welcome.get_content()
    assert "月の話" not in welcome.get_content()
    assert len(town.list_notices(TARO)) == 2


def test_one_mail_asks_for_several_newsletters_and_each_can_be_left_out(small_town: Town) -> None:
    town = small_town
    town.sign_up(TARO, newsletter=["weekly", "times"])
    town.pass_on()
    [mail] = town.list_notices(TARO)
    assert "「ウィークリー」「Edo Times」" in str(mail["Subject"])
    page = town.ask("GET", town.find_link("confirm")).text
    ids = dict(
        zip(
            ("weekly", "times"), re.findall(r'name="subscription" value="(\d+)"', page), strict=True
        )
    )
    kept = {"shown": "1", "subscription": ids["times"]}
    stranger = {"shown": "1", "subscription": "999"}
    assert "<button" in town.press("confirm", data={"shown": "1"}).text
    assert "<button" in town.press("confirm", data=stranger).text
    assert "Edo Times" in town.press("confirm", data=kept).text
    states = {name: one.subscription.state for name, one in town.find_readers().items()}
    assert states == {"weekly": SubscriptionState.PENDING, "times": SubscriptionState.ACTIVE}


def test_ten_thousand_forms_for_one_address_are_one_mail_a_day_and_three_in_all(
    small_town: Town,
) -> None:
    town = small_town
    for _ in range(4):
        for newsletter in ("weekly", "times", "weekly"):
            town.sign_up(TARO, newsletter=newsletter)
            town.pass_on()
        town.pass_on(DAY)
    town.pass_on(DAY)
    assert len(town.list_notices(TARO)) == 3
    assert town.count_waiting() == 0


def test_a_second_wish_on_one_day_is_answered_on_the_next(small_town: Town) -> None:
    town = small_town
    town.sign_up(TARO)
    town.pass_on()
    town.press("confirm")
    town.sign_up(TARO, newsletter="times")
    town.pass_on()
    assert "times" not in town.find_readers()
    town.pass_on(DAY)
    assert town.press("confirm").status_code == 200
    assert town.find_readers()["times"].subscription.state is SubscriptionState.ACTIVE


def test_a_flood_from_one_network_is_held_and_others_get_through(town: Town) -> None:
    flood(town, MOST_OF_ONE_NETWORK + 5, network="one")
    town.sign_up(TARO)
    assert answer(town) == MOST_OF_ONE_NETWORK + 1
    assert town.find_state() is SubscriptionState.PENDING
    assert answer(town, HOUR) == 5
    assert town.count_waiting() == 0


def test_no_more_waits_than_there_is_room_for(small_town: Town) -> None:
    flood(small_town, stored.MOST_OF_ONE_NETWORK + 1, network="one")
    assert small_town.count_waiting() == stored.MOST_OF_ONE_NETWORK
    small_town.sign_up(TARO)
    assert small_town.count_waiting() == stored.MOST_OF_ONE_NETWORK + 1


def limit(town: Town, per_hour: int) -> None:
    works = town.house.app.works
    register = replace(works.register, signup=SignupSettings(per_hour=per_hour))
    town.house.app = replace(town.house.app, works=replace(works, register=register))


def test_where_room_is_short_the_networks_take_turns(town: Town) -> None:
    limit(town, 2)
    flood(town, 12, network="one")
    town.sign_up(TARO)
    assert answer(town) == 2
    assert town.find_state() is SubscriptionState.PENDING


def test_the_cap_of_the_hour_holds_the_rest_and_tells_the_editors(small_town: Town) -> None:
    town = small_town
    limit(town, 3)
    flood(town, 14)
    assert answer(town) == 3
    assert Condition.SIGNUPS in town.list_conditions()
    assert answer(town, HOUR) == 3
    assert (answer(town, KEEP_FOR), answer(town, HOUR)) == (3, 0)
    assert town.count_waiting() == 0
    assert Condition.SIGNUPS not in town.list_conditions()


def test_no_domain_gets_more_than_its_share_in_an_hour(small_town: Town) -> None:
    flood(small_town, MOST_TO_ONE_DOMAIN + 1, domain="victim.example")
    assert answer(small_town) == MOST_TO_ONE_DOMAIN
    assert small_town.count_waiting() == 1


def test_nothing_is_written_while_it_would_say_nothing_of_its_sender(small_town: Town) -> None:
    town, house = small_town, small_town.house
    works = house.app.works
    nobody = replace(works.register.sender, postal_address="")
    town.sign_up(TARO)
    held = replace(works.register, sender=nobody)
    assert admit_signups(works.database, held, house.clock.now).mails == 0
    assert town.count_waiting() == 1
    assert answer(town, 3 * DAY) == 1


def test_a_suppressed_address_is_not_written_to(small_town: Town) -> None:
    town = small_town
    with town.house.app.works.database.writing() as connection:
        reason = SuppressionReason.COMPLAINT
        add_suppression(connection, Suppression(TARO, None, reason, "", MONDAY))
    town.sign_up(TARO)
    town.pass_on(DAY)
    assert town.list_notices() == []
    assert (town.count_waiting(), town.find_readers()) == (0, {})


def test_an_erased_reader_may_come_back(town: Town) -> None:
    town.sign_up(TARO)
    town.pass_on()
    town.press("confirm")
    works = town.house.app.works
    assert erase_reader(works.database, works.register, TARO, town.house.clock.now, by=COMMAND)
    assert town.find_readers() == {}
    town.sign_up(TARO)
    town.pass_on(DAY)
    town.press("confirm")
    assert town.find_state() is SubscriptionState.ACTIVE


def test_a_reader_is_told_once_a_day_that_nothing_changed(town: Town) -> None:
    town.house.add_readers(TARO)
    for _ in range(3):
        town.sign_up(TARO, cadence="daily")
        town.pass_on()
    [mail] = town.list_notices(TARO)
    assert mail["Subject"] == "「ウィークリー」には登録済みです"
    assert town.find_readers()["weekly"].subscription.cadence == "weekly"


def test_who_left_comes_back_with_a_new_consent_and_the_old_one_stays_as_proof(
    town: Town,
) -> None:
    town.sign_up(TARO)
    town.pass_on()
    town.press("confirm")
    database = town.house.app.works.database
    remove_reader(database, TARO, town.house.clock.now + HOUR, by=COMMAND)
    town.pass_on(DAY)
    town.sign_up(TARO, cadence="daily", newsletter="weekly")
    town.pass_on()
    assert town.find_state() is SubscriptionState.PENDING
    town.press("confirm")
    reader = town.find_readers()["weekly"]
    assert (reader.subscription.state, reader.subscription.cadence) == ("active", "daily")
    with database.reading() as connection:
        [past] = list_past_consents(connection, reader.subscription.subscription_id)
    assert (past.confirmed_at, past.ended_at) == (MONDAY - HOUR, MONDAY)
    assert past.consent.given_at < reader.consent.given_at


def test_less_often_is_one_press_and_coming_back_takes_a_mail(small_town: Town) -> None:
    town = small_town
    town.sign_up(TARO)
    town.pass_on()
    town.press("confirm")
    town.pass_on()
    leave = town.find_link("unsubscribe")
    assert 'value="monthly"' in town.ask("GET", leave).text
    assert 'value="daily"' not in town.ask("GET", leave).text
    for wanted, cadence in (("daily", "weekly"), ("x", "weekly"), ("monthly", "monthly")):
        town.ask("POST", f"{leave}?cadence", data={"cadence": wanted})
        assert town.find_readers()["weekly"].subscription.cadence == cadence
    town.ask("POST", leave)
    assert town.find_state() is SubscriptionState.UNSUBSCRIBED
    assert "もう一度登録する" in town.ask("GET", leave).text
    assert "メールをご確認ください" in town.ask("POST", f"{leave}?return").text
    town.pass_on(DAY)
    assert town.find_state() is SubscriptionState.PENDING
    town.press("confirm")
    reader = town.find_readers()["weekly"]
    assert (reader.subscription.state, reader.subscription.cadence) == ("active", "monthly")
    assert "ウィークリー" in reader.consent.text


def test_two_processes_answer_each_sign_up_once(town: Town) -> None:
    flood(town, 30)
    works, now = town.house.app.works, town.house.clock.now

    async def both() -> list[int]:
        found = await asyncio.gather(
            *(asyncio.to_thread(admit_signups, works.database, works.register, now) for _ in "ab")
        )
        return [one.mails for one in found]

    assert sum(asyncio.run(both())) == 30
    assert town.count_waiting() == 0
