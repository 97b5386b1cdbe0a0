"""Editors at their desk in a real browser: a week's edition from the first look to the last sum."""

from __future__ import annotations

import os
import re
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from service.app import App
from service.engine.works import freeze_between_passes
from service.model.editor import Role
from tests.fakes.desk import make_link
from tests.fakes.house import MONDAY, House
from tests.fakes.office import open_door, sending
from tests.fakes.provider import ProgrammedProvider

from .axe import AXE, list_violations_in_all_windows

pytestmark = pytest.mark.browser

READERS = int(os.environ.get("KAWARABAN_DESK_READERS", "20000"))
BATCH = 500
NEWSLETTER = """
cadences = ["weekly"]
weekday = "mon"
send_at = "08:00"
approval = "required"
"""
PAGES = (
    *(f"/editions{path}" for path in ("", "/new", "/1", "/2", "/2/preview", "/2/add")),
    *(f"/readers{path}" for path in ("", "/add", "/lists", "/suppressions", "/1", "/1/outlook")),
    *("/readers/1/choices", "/readers/1/erase", "", "/posts", "/posts/2", "/feeds"),
    *(f"/settings{path}" for path in ("", "/editors", "/tokens", "/webhooks", "/log")),
)


@dataclass(frozen=True)
class Newsroom:
    """A served house whose provider takes a call only when the test lets it."""

    house: House
    url: str
    provider: ProgrammedProvider
    turnstile: threading.Semaphore

    def let_through(self, calls: int) -> None:
        self.turnstile.release(calls)


@pytest.fixture
def newsroom(migrated_file: Path, tmp_path: Path) -> Iterator[Newsroom]:
    folder = tmp_path / "site"
    (folder / "var").mkdir(parents=True)
    shutil.copyfile(migrated_file, folder / "var" / "kawaraban.db")
    house = House(folder, NEWSLETTER)
    house.write("old", MONDAY - timedelta(days=3))
    house.tick(MONDAY - timedelta(hours=1))
    house.add_readers(*(f"reader{number}@example.com" for number in range(READERS)))
    for name, title in (("a", "港の灯台"), ("b", "朝市の再開"), ("c", "潮位の記録")):
        house.write(name, MONDAY + timedelta(days=1), title=title)
    turnstile = threading.Semaphore(0)
    provider = ProgrammedProvider(batch_limit=BATCH)
    provider.before_answer = partial(wait_at, turnstile)
    house.app = hand_over(house.app, provider)
    house.clock.now = MONDAY + timedelta(days=7, hours=-1)
    house.tick(house.clock.now)
    with open_door(house.app) as port, sending(house.app, workers=1):
        yield Newsroom(house, f"http://127.0.0.1:{port}", provider, turnstile)
        turnstile.release(10_000)
    house.app.close()


def wait_at(turnstile: threading.Semaphore) -> None:
    turnstile.acquire()


def hand_over(app: App, provider: ProgrammedProvider) -> App:
    """The same house with another provider."""
    works = app.works
    press = replace(works.press, capabilities=provider.capabilities, account=provider.account)
    mailbag = replace(works.mailbag, provider=provider)
    return replace(app, works=replace(works, press=press, mailbag=mailbag))


@contextmanager
def browsing(
    chromium: Browser,
    newsroom: Newsroom,
    role: Role,
    *,
    bypass_csp: bool = False,
    has_scripts: bool = True,
) -> Iterator[Page]:
    """Somebody's own browser, signed in by the printed link."""
    context = chromium.new_context(
        locale="ja-JP",
        base_url=newsroom.url,
        bypass_csp=bypass_csp,
        java_script_enabled=has_scripts,
    )
    page = context.new_page()
    page.set_default_timeout(15_000)
    link = make_link(newsroom.house, role).removeprefix("http://localhost:8000")
    page.goto(link)
    page.get_by_role("main").get_by_role("button").click()
    page.wait_for_url("**/desk?*")
    yield page
    context.close()


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def test_a_week_at_the_desk(chromium: Browser, newsroom: Newsroom) -> None:
    with (
        browsing(chromium, newsroom, Role.EDITOR) as anna,
        browsing(chromium, newsroom, Role.OWNER, has_scripts=False) as bert,
        browsing(chromium, newsroom, Role.VIEWER) as vera,
    ):
        hold_a_post(anna)
        edition = look_at_the_draft(anna)
        arrange(anna)
        send_a_test(anna, newsroom)
        press(anna, "承認する")
        expect(anna.get_by_role("status")).to_have_text(
            "承認しました。予定の時刻に（過ぎていればすぐに）配信されます。"
        )
        bert.goto(edition)
        vera.goto(edition)
        expect(vera.locator("main").get_by_role("button")).to_have_count(0)
        send_now(anna)
        send_now(bert)
        expect(bert.locator("h1")).to_have_text("ほかの方が先に操作しました")
        bert.get_by_role("link", name="もう一度確認する").click()
        vera.goto(edition)
        watch(anna, vera, newsroom)
        for reading in (anna, vera, bert):
            read_the_accounting(reading)
    counted = newsroom.provider.delivered
    readers = {one: many for one, many in counted.items() if one.startswith("reader")}
    assert (len(readers), set(readers.values())) == (READERS, {1})


def hold_a_post(page: Page) -> None:
    page.goto("/desk/posts?q=潮位")
    page.get_by_role("link", name="潮位の記録").click()
    page.locator("#note").fill("確認中")
    press(page, "メールから保留する")
    expect(page.get_by_role("status")).to_be_visible()


def look_at_the_draft(page: Page) -> str:
    """What is due, and the draft of it; its path."""
    page.goto("/desk/editions")
    expect(page.get_by_text(f"読者{READERS:,}人").first).to_be_visible()
    page.get_by_role("link", name="ウィークリー").first.click()
    expect(page.get_by_text("その後に保留", exact=True)).to_be_visible()
    return urlsplit(page.url).path


def arrange(page: Page) -> None:
    titles = page.locator(".arranged li:not(.group):not(.unshown) a")
    last = titles.last.inner_text()
    press(page, f"先頭へ: {last}")
    expect(titles.first).to_have_text(last)
    page.locator("#subject").fill("灯台と朝市の一週間")
    press(page, "文言を保存")
    page.locator(".mails").get_by_role("link", name="灯台と朝市の一週間").click()
    frame = page.frame_locator("iframe.mail")
    expect(frame.get_by_role("link", name=last).first).to_be_visible()
    page.get_by_role("link", name="テキスト").click()
    expect(page.locator("pre.plain")).to_contain_text(last)
    page.get_by_role("link", name=re.compile("配信号 第")).click()


def send_a_test(page: Page, newsroom: Newsroom) -> None:
    page.locator("#addresses").fill("proof@desk.example")
    newsroom.let_through(1)
    press(page, "テストメールを送る")
    expect(page.get_by_role("status")).to_contain_text("テストメールを送りました")


def send_now(page: Page) -> None:
    page.get_by_text("今すぐ送信").click()
    page.locator("#readers").fill(f"{READERS:,}")
    press(page, "送信する")


def watch(page: Page, other: Page, newsroom: Newsroom) -> None:
    """The numbers move by themselves, for whoever looks on; a pause holds, and it goes on."""
    done = page.locator("[data-told=settled]")
    expect(done).to_have_text("これまでに読者0人")
    freeze_between_passes(newsroom.house.app.works, newsroom.house.clock.now)
    newsroom.let_through(READERS // BATCH // 4)
    quarter = f"{READERS:,}人中{READERS // 4:,}人"
    for looking in (page, other):
        expect(looking.locator("[data-told=settled]")).to_have_text(quarter)
    press(page, "一時停止")
    # The call that is under way cannot be called back.
    newsroom.let_through(1)
    paused = f"{READERS:,}人中{READERS // 4 + BATCH:,}人"
    expect(done).to_have_text(paused)
    expect(other.locator(".head .badge")).to_have_text("一時停止中")
    press(page, "再開する")
    newsroom.let_through(READERS // BATCH)
    for looking in (page, other):
        expect(looking.locator(".head .badge")).to_have_text("配信済み")


def read_the_accounting(page: Page) -> None:
    expect(page.locator("table.sum tfoot")).to_contain_text(f"{READERS:,}")
    expect(page.locator("table.sum tbody tr").first).to_contain_text(f"{READERS:,}")


def test_axe_finds_nothing_on_the_pages_of_the_desk(chromium: Browser, newsroom: Newsroom) -> None:
    if not AXE.is_file():
        pytest.skip("axe-core is absent: npm install --ignore-scripts in tests/peers")
    with browsing(chromium, newsroom, Role.OWNER, bypass_csp=True) as page:
        for path in PAGES:
            shown = page.goto(f"/desk{path}")
            assert shown is not None
            assert shown.ok, path
            assert list_violations_in_all_windows(page) == [], path
