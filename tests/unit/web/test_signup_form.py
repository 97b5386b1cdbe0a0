from __future__ import annotations

import pytest

from service.model.newsletter import Cadence, Newsletter
from service.web.signup_form import Filled, read_form

WEEKLY = Newsletter("weekly", "週のまとめ", "ja", cadences=(Cadence.WEEKLY, Cadence.DAILY))
TIMES = Newsletter("times", "Edo Times", "fr")
TOPICS = ("町のうわさ", "AI")


def read(is_ours: bool = False, /, **fields: str | list[str]) -> Filled:
    given = {
        name.replace("_", "-"): [value] if isinstance(value, str) else value
        for name, value in ({"email": "taro@kawara.example"} | fields).items()
    }
    newsletters = {"weekly": WEEKLY, "times": TIMES}
    return read_form(given, newsletters, lambda _: TOPICS, is_ours=is_ours)


def test_an_address_alone_subscribes_to_the_first_newsletter_as_it_usually_comes() -> None:
    filled = read()
    assert filled.faults == ()
    assert filled.address == "taro@kawara.example"
    [choice] = filled.choices
    assert (choice.newsletter, choice.cadence, choice.topics) == (WEEKLY, Cadence.WEEKLY, ())
    assert (filled.language, filled.send_hour) == ("", None)


def test_everything_can_be_chosen_for_all_or_for_one() -> None:
    filled = read(
        newsletter=["weekly", "times", "weekly"],
        cadence_weekly="daily",
        topic=["AI"],
        topic_times=["町のうわさ"],
        language="fr",
        hour="07",
    )
    assert filled.faults == ()
    weekly, times = filled.choices
    assert (weekly.cadence, weekly.topics) == (Cadence.DAILY, ("AI",))
    assert (times.cadence, times.topics) == (Cadence.WEEKLY, ("AI", "町のうわさ"))
    assert (filled.language, filled.send_hour) == ("fr", 7)


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"email": " "}, "missing"),
        ({"email": "taro"}, "address"),
        ({"email": "taro@kawara"}, "address"),
        ({"email": "太郎@kawara.example"}, "local"),
        ({"newsletter": "daily"}, "newsletter"),
        ({"cadence": "hourly"}, "cadence"),
        ({"newsletter": "times", "cadence": "daily"}, "cadence"),
        ({"topic": "宇宙"}, "topic"),
        ({"language": "tlh"}, "language"),
        ({"hour": "24"}, "hour"),
        ({"hour": "-1"}, "hour"),
        ({"hour": "٣"}, "hour"),
    ],
)
def test_what_is_unknown_is_said_and_never_passed_over(fields: dict[str, str], fault: str) -> None:
    assert [one.name for one in read(**fields).faults] == [fault]


def test_on_our_own_page_no_newsletter_means_none() -> None:
    assert [one.name for one in read(True).faults] == ["none"]


def test_what_a_japanese_keyboard_writes_is_an_address() -> None:
    assert read(email="ｔａｒｏ＠ｋａｗａｒａ．ｅｘａｍｐｌｅ　").address == "taro@kawara.example"
    assert read(email="taro@瓦版.example").address == "taro@xn--i1xt9c.example"


def test_a_slip_is_asked_about_until_somebody_says_it_is_right() -> None:
    assert read(email="taro@gmial.com").meant == "taro@gmail.com"
    assert read(email="taro@gmial.com", checked="1").meant == ""
