"""What everybody may read of what was sent: pages, lists and feeds, on either database."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from email.message import EmailMessage

import httpx
import jsonschema
import pytest
from sqlalchemy import update

from service.app import build_doors
from service.delivery.by_hand import ByHand
from service.engine.works import deliver_due, run_pass
from service.membership import erase_reader
from service.model.edition import Audience, Edition
from service.model.editor import COMMAND
from service.model.newsletter import Cadence
from service.sending import cancel_edition, hold_edition, send_by_hand
from service.store.tables import attempts
from tests.fakes.house import MONDAY, House
from tests.feeds.json_feed import JSON_FEED
from tests.feeds.rules import check_feed

DAY, WEEK = timedelta(days=1), timedelta(days=7)
NASTY = "<script>alert(1)</script>\"'>&"
EVERY = 'cadences = ["weekly", "each"]\nweekday = "mon"\nsend_at = "08:00"\ntopics = ["AI"]\n'
LIST = "/editions/weekly/"
FEEDS = {name: f"{LIST}{name}" for name in ("feed.xml", "atom.xml", "feed.json")}


class Visitor:
    """Somebody who reads on the web."""

    def __init__(self, house: House) -> None:
        self._app = build_doors(house.app, host="127.0.0.1", scan_within=None)

    def get(self, address: str, **headers: str) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self._app)
            async with httpx.AsyncClient(
                transport=transport, base_url="http://localhost:8000"
            ) as client:
                return await client.get(address, headers=headers)

        return asyncio.run(ask())

    def list_pages(self, address: str = LIST) -> list[str]:
        """The editions that a list leads to, in its order."""
        page = self.get(address)
        assert page.status_code == 200
        return re.findall(r'class="issue"><a href="([^"]+)"', page.text)


@pytest.fixture
def house(open_house: Callable[[str], House]) -> House:
    house = open_house(EVERY)
    house.tick(MONDAY - timedelta(hours=1))
    return house


@pytest.fixture
def visitor(house: House) -> Visitor:
    return Visitor(house)


def publish(house: House, name: str, at: datetime, **words: str) -> None:
    house.clock.now = at
    house.write(name, at, **words)
    house.tick(at + timedelta(minutes=1))
    house.tick(at + timedelta(minutes=20))


def read_html(mail: EmailMessage) -> str:
    body = mail.get_body(("html",))
    assert body is not None
    return str(body.get_content())


def send_week(house: House, at: datetime) -> Edition:
    house.tick(at)
    return house.list_editions()[-1]


def test_an_edition_can_be_read_by_everybody_as_it_was_sent(house: House, visitor: Visitor) -> None:
    house.add_readers("all@example.com")
    house.add_readers("some@example.com", topics=("AI",))
    house.add_readers("english@example.com", language="en")
    publish(house, "a", MONDAY + DAY, title=f"一つめ {NASTY}", front="tags: [AI]\n")
    publish(house, "b", MONDAY + 2 * DAY)
    assert visitor.list_pages() == []
    send_week(house, MONDAY + WEEK)
    [mail] = [one for one in house.list_mail() if "all@" in str(one["To"])]
    [path] = visitor.list_pages()
    assert path == f"{LIST}2025-10-20-weekly"
    assert f'href="http://localhost:8000{path}"' in read_html(mail)

    page = visitor.get(path)
    assert page.status_code == 200
    assert 'lang="ja"' in page.text
    assert "記事b" in page.text
    assert "<script" not in page.text
    assert "@@" not in page.text
    assert 'href=""' not in page.text
    assert not re.search(r"/(unsubscribe|preferences)/|example\.com|script-src", page.text)
    assert "/subscribe?newsletter=weekly" in page.text
    policy = page.headers["content-security-policy"]
    assert "sandbox allow-popups" in policy
    assert "default-src 'none'" in policy
    assert f'<link rel="canonical" href="http://localhost:8000{path}">' in page.text
    assert f'hreflang="en" href="http://localhost:8000{path}?language=en"' in page.text

    english = visitor.get(f"{path}?language=en")
    assert '<html lang="en"' in english.text
    assert english.headers["content-language"] == "en"
    assert visitor.get(f"{path}?language=fr").text == page.text


def test_what_was_not_sent_is_not_shown(house: House, visitor: Visitor) -> None:
    house.add_readers("a@example.com")
    publish(house, "a", MONDAY + DAY)
    house.clock.now = MONDAY + WEEK
    [edition] = run_pass(house.app.works, MONDAY + WEEK).opened.frozen
    page = f"{LIST}2025-10-20-weekly"
    assert visitor.get(page).status_code == 404
    cancel_edition(
        house.app.works.database, edition.edition_id, "a mistake", house.clock.now, by=COMMAND
    )
    deliver_due(house.app.works)
    assert visitor.get(page).status_code == 404
    assert visitor.list_pages() == []
    by_hand = ByHand("weekly", "k1", intro="まだです", freeze_at=MONDAY + 4 * WEEK)
    waiting = send_by_hand(
        house.app.works.database, house.app.works.press, by_hand, house.clock.now, by=COMMAND
    )
    hold_edition(house.app.works.database, waiting.edition_id, "wait", house.clock.now, by=COMMAND)
    assert visitor.list_pages() == []


def test_an_edition_that_was_stopped_half_way_is_shown(house: House, visitor: Visitor) -> None:
    house.add_readers("a@example.com")
    publish(house, "a", MONDAY + DAY)
    edition = send_week(house, MONDAY + WEEK)
    [page] = visitor.list_pages()
    works = house.app.works
    for outcome, is_shown in (("not sent", False), ("refused", False), ("unknown", True)):
        with works.database.writing() as connection:
            connection.execute(update(attempts).values(outcome=outcome))
        assert (visitor.list_pages() == [page]) is is_shown
    assert edition.frozen_at is not None
    erase_reader(works.database, works.register, "a@example.com", house.clock.now, by=COMMAND)
    assert visitor.list_pages() == [page]


def test_single_stories_have_pages_and_a_list_of_their_own(house: House, visitor: Visitor) -> None:
    house.add_readers("each@example.com", cadence=Cadence.EACH)
    house.add_readers("week@example.com")
    publish(house, "a", MONDAY + DAY)
    publish(house, "b", MONDAY + 2 * DAY)
    send_week(house, MONDAY + WEEK)
    assert visitor.list_pages() == [f"{LIST}2025-10-20-weekly"]
    singles = visitor.list_pages(f"{LIST}?cadence=each")
    assert [re.sub("[0-9a-f]{10}$", "…", one) for one in singles] == [
        f"{LIST}2025-10-15-each-…",
        f"{LIST}2025-10-14-each-…",
    ]
    newer, older = (visitor.get(one).text for one in singles)
    assert f'<link rel="prev" href="{singles[1]}">' in newer
    assert f'<link rel="next" href="{singles[0]}">' in older
    assert 'rel="next"' not in newer


def test_what_was_made_for_some_is_shown_to_those_who_have_its_address(
    house: House, visitor: Visitor
) -> None:
    house.add_readers("a@example.com", topics=("AI",))
    database, press, now = house.app.works.database, house.app.works.press, house.clock.now
    for key, audience in (("some", Audience(topics=("AI",))), ("all", Audience())):
        send_by_hand(
            database, press, ByHand("weekly", key, (), audience, key, "お知らせ"), now, by=COMMAND
        )
        house.tick(house.clock.now + timedelta(minutes=1))
    for_some, for_all = (
        re.search(rf'http://localhost:8000({LIST}[^"]+)', read_html(mail))
        for mail in house.list_mail()
    )
    assert for_some
    assert for_all
    assert visitor.list_pages() == [for_all[1]]
    assert visitor.get(for_all[1]).headers.get("x-robots-tag") is None
    hidden = visitor.get(for_some[1])
    assert hidden.status_code == 200
    assert hidden.headers["x-robots-tag"] == "noindex"


def test_the_feed_of_what_was_sent_is_valid_and_the_same_whenever_it_is_asked(
    house: House, visitor: Visitor
) -> None:
    house.add_readers("a@example.com")
    house.add_readers("english@example.com", language="en")
    for week in range(3):
        at = MONDAY + week * WEEK
        publish(house, f"p{week}", at + DAY, title=f"題 {week} {NASTY}")
        publish(house, f"q{week}", at + 2 * DAY)
        send_week(house, at + WEEK)
    asked = {name: visitor.get(address) for name, address in FEEDS.items()}
    now = house.clock.now
    for name in ("feed.xml", "atom.xml"):
        assert asked[name].headers["content-type"].startswith("application/")
        url = f"http://localhost:8000{FEEDS[name]}"
        assert check_feed(asked[name].content, url, now) == []
    feed = json.loads(asked["feed.json"].content)
    jsonschema.validate(feed, JSON_FEED)
    assert [item["url"] for item in feed["items"]] == [
        f"http://localhost:8000{page}" for page in visitor.list_pages()
    ]
    assert len({item["id"] for item in feed["items"]}) == 3
    for one in asked.values():
        assert "@@" not in one.text
        assert "preferences" not in one.text
        assert "バックナンバー" not in one.text

    house.clock.now += 3 * DAY
    house.restart()
    again = Visitor(house)
    for name, before in asked.items():
        after = again.get(FEEDS[name])
        assert after.content == before.content
        tag = after.headers["etag"]
        assert again.get(FEEDS[name], **{"If-None-Match": tag}).status_code == 304
    page = again.get(again.list_pages()[0])
    same = again.get(again.list_pages()[0], **{"If-None-Match": page.headers["etag"]})
    assert (same.status_code, same.content) == (304, b"")


def test_a_newsletter_may_keep_what_it_sent_to_its_readers(
    open_house: Callable[[str], House],
) -> None:
    house = open_house("archive = false\n")
    house.tick(MONDAY - timedelta(hours=1))
    house.add_readers("a@example.com")
    publish(house, "a", MONDAY + DAY)
    send_week(house, MONDAY + WEEK)
    visitor = Visitor(house)
    [mail] = house.list_mail()
    assert "/editions/" not in read_html(mail)
    for address in (LIST, *FEEDS.values(), f"{LIST}2025-10-20-weekly", "/editions/"):
        assert visitor.get(address).status_code == 404
    assert "/editions/" not in visitor.get("/subscribe").text
