"""A reader's choices in a browser without JavaScript, in both languages."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from service.audience.tokens import Purpose
from service.membership.asking import write_link
from service.model.subscriber import Subscription
from service.store.choices import list_subscriptions_of
from tests.browser.test_pages import LOWEST_CONTRAST
from tests.fakes.house import MONDAY, House
from tests.fakes.office import open_door

pytestmark = pytest.mark.browser

WIDTHS = (320, 390, 1280)
TAGS = tuple(f"話題その{number}" for number in range(24))
NEWSLETTERS = f"""
cadences = ["weekly", "daily", "each"]
weekday = "mon"
send_at = "08:00"
topics = [{", ".join(f'"{tag}"' for tag in TAGS)}]
[[newsletters]]
id = "english"
title = "The English Letter"
language = "en"
cadences = ["weekly"]
weekday = "fri"
"""
NAMELESS = """
[...document.querySelectorAll('input, select, fieldset')]
  .filter((one) => !(one.matches('fieldset') ? one.querySelector('legend') : one.labels.length))
  .map((one) => one.name)
"""
CATEGORIES = ("研究", "企業", "政策", "教育", "医療", "とても長い名前のカテゴリーがひとつ")


@dataclass(frozen=True)
class Site:
    """A running service with a reader of one of its two newsletters."""

    house: House
    url: str

    def link(self, newsletter_id: str = "weekly") -> str:
        one = self.find()[newsletter_id]
        register = self.house.app.works.register
        link = write_link(register, "preferences", Purpose.PREFERENCES, one.subscription_id)
        return link.replace(register.publication.service_url, self.url)

    def find(self) -> dict[str, Subscription]:
        with self.house.app.works.database.reading() as connection:
            return list_subscriptions_of(connection, "a@example.com")


@pytest.fixture
def site(migrated_file: Path, tmp_path: Path) -> Iterator[Site]:
    folder = tmp_path / "site"
    (folder / "var").mkdir(parents=True)
    shutil.copyfile(migrated_file, folder / "var" / "kawaraban.db")
    house = House(folder, NEWSLETTERS)
    for number, tag in enumerate(TAGS):
        category = CATEGORIES[number % len(CATEGORIES)]
        front = f"categories: [{category}]\ntags: [{tag}, {TAGS[number % 3]}]\n"
        house.write(f"post{number}", MONDAY - timedelta(days=number + 1), front=front)
    house.tick(MONDAY + timedelta(hours=1))
    house.add_readers("a@example.com")
    with open_door(house.app) as port:
        yield Site(house, f"http://127.0.0.1:{port}")
    house.app.close()


@contextmanager
def open_page(chromium: Browser, width: int, scheme: str = "light") -> Iterator[Page]:
    context = chromium.new_context(
        viewport={"width": width, "height": 800},
        java_script_enabled=False,
        color_scheme="dark" if scheme == "dark" else "light",
    )
    said: list[str] = []
    page = context.new_page()
    page.on("console", lambda message: said.append(f"{page.url}: {message.text}"))
    yield page
    context.close()
    assert said == []


def measure_width(page: Page) -> int:
    metrics = page.context.new_cdp_session(page).send("Page.getLayoutMetrics")
    return int(metrics["cssContentSize"]["width"])


def test_a_reader_chooses_on_a_phone_and_is_told_what_comes_next(
    site: Site, chromium: Browser
) -> None:
    with open_page(chromium, 390) as page:
        page.goto(site.link())
        assert page.get_by_text("次のメール：10月20日（月）8時").is_visible()
        assert not page.get_by_label("話題その3 ").first.is_visible()
        page.get_by_label("毎日 8時").check()
        page.get_by_label("選んだものだけ").first.check()
        page.get_by_label("研究").first.check()
        page.get_by_label("話題その0").first.check()
        page.locator("#hour-weekly").select_option("18")
        page.get_by_label("時刻の基準").select_option("Europe/London")
        page.get_by_label("「The English Letter」を受け取る").check()
        page.get_by_role("button", name="保存する").click()
        said = page.get_by_role("status").inner_text()
        # The edition leaves at 8 in Tokyo, which is 0 in London.
        assert "ウィークリー：次のメール：10月14日（火）18時" in said
        assert "The English Letter：次のメール：10月17日（金）0時" in said
        assert measure_width(page) <= 390
    weekly, english = site.find()["weekly"], site.find()["english"]
    assert (weekly.cadence, weekly.topics) == ("daily", ("研究", "話題その0"))
    assert (weekly.send_hour, weekly.timezone) == (18, "Europe/London")
    assert (english.state, english.language) == ("active", "en")


def test_an_english_reader_pauses_leaves_and_comes_back(site: Site, chromium: Browser) -> None:
    with open_page(chromium, 390) as page:
        page.goto(site.link())
        page.get_by_label("「The English Letter」を受け取る").check()
        page.get_by_role("button", name="保存する").click()
        page.goto(site.link("english"))
        page.get_by_label("No mail before").fill("2025-11-03")
        page.get_by_role("button", name="Save").click()
        said = page.get_by_role("status").inner_text()
        assert "The English Letter: Next mail: Friday 7 November, 8:00" in said
        page.get_by_role("button", name="Leave everything").click()
        assert page.get_by_role("status").inner_text().startswith("You have left")
        assert {one.state for one in site.find().values()} == {"unsubscribed"}
        page.get_by_label("Send me “The English Letter”").check()
        page.get_by_role("button", name="Save").click()
    assert site.find()["english"].state == "active"


def test_the_page_is_no_wider_than_its_window(site: Site, chromium: Browser) -> None:
    for width in WIDTHS:
        with open_page(chromium, width) as page:
            page.goto(site.link())
            page.get_by_label("選んだものだけ").first.check()
            assert page.get_by_label("とても長い名前のカテゴリーがひとつ").first.is_visible()
            assert measure_width(page) <= width


def test_every_field_is_named_and_every_text_stands_out(site: Site, chromium: Browser) -> None:
    for scheme in ("light", "dark"):
        context = chromium.new_context(color_scheme="dark" if scheme == "dark" else "light")
        page = context.new_page()
        page.goto(site.link())
        page.get_by_label("選んだものだけ").first.check()
        assert page.evaluate(NAMELESS) == []
        assert page.evaluate(LOWEST_CONTRAST) >= 4.5
        context.close()
