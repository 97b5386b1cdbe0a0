"""The form of a reader's choices, and what stands around it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from starlette.exceptions import HTTPException
from starlette.requests import Request

from service.membership import Choice, Choices, Offer, Standing, Topic
from service.model.newsletter import Cadence, Newsletter
from service.model.subscriber import Consent, Subscriber, Subscription, SubscriptionState
from service.store.subscribers import Reader
from service.web.preference_form import Chosen, read_choices
from service.web.same_site import refuse_other_sites
from service.web.zones import ZONES, name_place, write_offset
from service.words.catalogues import find_voice

ENGLISH, JAPANESE = find_voice("en"), find_voice("ja")
TOKYO = ZoneInfo("Asia/Tokyo")
NOW = datetime(2025, 11, 21, 12, tzinfo=UTC)
CHOICE = Choice(True, Cadence.WEEKLY, ("AI",), "ja", 7)
NEWSLETTER = Newsletter("n", "便り", "ja", cadences=(Cadence.WEEKLY, Cadence.DAILY))
SUBSCRIPTION = Subscription(
    *(1, 1, "n", SubscriptionState.ACTIVE, Cadence.WEEKLY, ("AI",), "ja", 7, None, 0),
    *(NOW, NOW, None),
)
STANDING = Standing(
    reader=Reader(Subscriber(1, "a@example.jp", "", NOW), SUBSCRIPTION, Consent("", "", NOW)),
    choices=Choices({"n": CHOICE}, None, None),
    offers=(Offer(NEWSLETTER, (Topic("研究", is_tag=False, count=1), Topic("AI", True, 2)), None),),
    is_suppressed=False,
)


def read(standing: Standing = STANDING, **fields: str | list[str]) -> Chosen:
    lists = {
        name.replace("_", "-"): value if isinstance(value, list) else [value]
        for name, value in fields.items()
    }
    return read_choices(lists, standing, TOKYO, ["ja", "en"], NOW)


def test_everything_is_read_as_it_was_chosen() -> None:
    chosen = read(
        newsletter="n",
        cadence_n="daily",
        about_n="some",
        topic_n=["研究", "AI"],
        hour_n="18",
        language_n="en",
        zone="Europe/London",
        pause="2025-11-25",
    )
    assert chosen.faults == ()
    wanted = Choice(True, Cadence.DAILY, ("研究", "AI"), "en", 18)
    assert chosen.choices.newsletters == {"n": wanted}
    assert chosen.choices.timezone == "Europe/London"
    assert chosen.choices.paused_until == datetime(2025, 11, 25, tzinfo=UTC)


def test_what_nobody_can_choose_on_our_page_stays_as_it_was() -> None:
    forged = read(
        newsletter="n",
        cadence_n="monthly",
        about_n="none",
        topic_n=["<script>"],
        language_n="xx",
        zone="Mars/Base",
    )
    assert forged.choices == STANDING.choices
    assert read(newsletter="n", hour_n="99").choices.newsletters["n"].send_hour is None


def test_no_topic_at_all_is_asked_about_and_everything_is_not() -> None:
    undecided = read(newsletter="n", about_n="some")
    assert [one.name for one in undecided.faults] == ["topics"]
    assert read(newsletter="n", about_n="all").choices.newsletters["n"].topics == ()
    assert read(about_n="some").faults == ()


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        ("tomorrow", "day"),
        ("2025-11-21", "past"),
        ("2024-01-01", "past"),
        ("2026-11-23", "far"),
        ("9999-12-31", "far"),
    ],
)
def test_a_pause_begins_tomorrow_and_ends_within_a_year(typed: str, fault: str) -> None:
    chosen = read(newsletter="n", pause=typed)
    assert [one.name for one in chosen.faults] == [fault]
    assert chosen.pause == typed


def test_a_pause_that_nobody_touched_keeps_its_very_moment() -> None:
    until = NOW + timedelta(days=3)
    paused = replace(STANDING, choices=replace(STANDING.choices, paused_until=until))
    assert read(paused, newsletter="n", pause="2025-11-24").choices.paused_until == until
    assert read(paused, newsletter="n", pause="").choices.paused_until is None


def test_every_zone_has_a_place_in_both_languages() -> None:
    for zone in ZONES:
        assert name_place(ENGLISH, zone).isprintable()
        assert not name_place(JAPANESE, zone).isascii()
        assert write_offset(zone, NOW)
    names = ("Asia/Tokyo", "Asia/Kolkata", "America/New_York", "UTC")
    assert [write_offset(zone, NOW) for zone in names] == ["+9", "+5:30", "−5", "±0"]
    assert name_place(ENGLISH, "America/Argentina/Buenos_Aires") == "Buenos Aires"


@pytest.mark.parametrize(
    ("headers", "is_fine"),
    [
        ({}, True),
        ({"sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "none"}, True),
        ({"sec-fetch-site": "cross-site"}, False),
        ({"sec-fetch-site": "same-site"}, False),
        ({"sec-fetch-site": "same-origin", "origin": "https://evil.example"}, True),
        ({"origin": "null"}, True),
        ({"origin": "https://news.example"}, True),
        ({"origin": "http://127.0.0.1:8000", "host": "127.0.0.1:8000"}, True),
        ({"origin": "https://evil.example"}, False),
        ({"origin": "https://news.example.evil.example"}, False),
    ],
)
def test_a_form_that_another_site_sends_is_refused(headers: dict[str, str], is_fine: bool) -> None:
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    request = Request({"type": "http", "headers": raw})
    if is_fine:
        refuse_other_sites(request, "https://news.example/below")
    else:
        with pytest.raises(HTTPException):
            refuse_other_sites(request, "https://news.example/below")
