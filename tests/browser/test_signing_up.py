from __future__ import annotations

import re
import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
import uvicorn
from playwright.sync_api import Browser, Page

from service.app import build_doors
from service.model.subscriber import SubscriptionState
from service.store.subscribers import list_readers_at
from tests.fakes.house import MONDAY, House

from .test_pages import LOWEST_CONTRAST, measure_width, open_page

pytestmark = pytest.mark.browser

TARO = "taro@kawara.example"
NEWSLETTERS = """cadences = ["weekly", "daily", "monthly"]
welcome = true
topics = ["AI"]
[[newsletters]]
id = "times"
title = "Edo Times"
language = "en"
"""


class Site:
    """A running service with its outbox, and another site whose page has a form of its own."""

    def __init__(self, house: House, url: str, friend: str) -> None:
        self.house = house
        self.url = url
        self.friend = friend

    def pass_on(self, after: timedelta = timedelta()) -> None:
        """Everything due some time later is done."""
        self.house.tick(self.house.clock.now + after)

    def find_link(self, page: str) -> str:
        """The link to a page of ours in the newest mail."""
        newest = max((self.house.site / "var" / "outbox").glob("*/*.eml"), key=_made_at)
        mail = message_from_bytes(newest.read_bytes(), policy=policy.default)
        body = mail.get_body(("plain",))
        assert body is not None
        [link] = re.findall(rf"{self.url}/{page}/\S+", body.get_content())
        return str(link)

    def find_states(self) -> list[SubscriptionState]:
        with self.house.app.works.database.reading() as connection:
            return [one.subscription.state for one in list_readers_at(connection, TARO)]


def _made_at(path: Path) -> int:
    return path.stat().st_mtime_ns


@pytest.fixture
def site(migrated_file: Path, tmp_path: Path) -> Iterator[Site]:
    folder = tmp_path / "site"
    (folder / "var").mkdir(parents=True)
    shutil.copyfile(migrated_file, folder / "var" / "kawaraban.db")
    with socket.create_server(("127.0.0.1", 0)) as listening, serve_friend() as friend:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        friend.form_action = url  # type: ignore[attr-defined]
        friend_url = f"http://127.0.0.1:{friend.server_port}"
        house = House(folder, NEWSLETTERS)
        settings = folder / "kawaraban.toml"
        written = settings.read_text(encoding="utf-8")
        for old, new in (("http://localhost:8000", url), ("https://example.jp", friend_url)):
            written = written.replace(f'url = "{old}"', f'url = "{new}"')
        settings.write_text(written, encoding="utf-8")
        house.restart()
        house.write("old", MONDAY - timedelta(days=3))
        house.tick(MONDAY - timedelta(hours=1))
        with serve(house, listening):
            yield Site(house, url, friend_url)
        house.app.close()


@contextmanager
def serve(house: House, listening: socket.socket) -> Iterator[None]:
    doors = build_doors(house.app, host="127.0.0.1", scan_within=None)
    server = uvicorn.Server(uvicorn.Config(doors, log_level="error", access_log=False))
    thread = threading.Thread(target=server.run, args=([listening],))
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()


class Friend(BaseHTTPRequestHandler):
    """Another site: every page of it has a form that is sent to us, and shows what came of it."""

    def do_GET(self) -> None:
        """The one page."""
        ours = self.server.form_action  # type: ignore[attr-defined]
        here = f"http://{self.headers['Host']}{self.path}"
        page = f"""<!doctype html><html lang="ja"><meta charset="utf-8"><title>x</title>
            <link rel="icon" href="data:,">
            <style>#kawaraban-sent {{ display: none }} #kawaraban-sent:target {{ display: block }}
            </style><form method="post" action="{ours}/subscribe">
            <input type="email" name="email"><input type="hidden" name="return_to" value="{here}">
            <button>登録</button></form><p id="kawaraban-sent">確認のメールをお送りしました</p>"""
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(page.encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def serve_friend() -> Iterator[ThreadingHTTPServer]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Friend) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def phone(chromium: Browser) -> Iterator[Page]:
    """A page as wide as a phone, without JavaScript, that tolerates no message on its console."""
    with open_page(chromium, 390) as page:
        yield page


def read_heading(page: Page) -> str:
    return page.get_by_role("heading", level=1).inner_text().replace("\n", "")


def test_a_reader_signs_up_confirms_receives_and_leaves_on_a_phone(site: Site, phone: Page) -> None:
    phone.goto(f"{site.url}/subscribe")
    phone.get_by_label("メールアドレス").fill(TARO)
    phone.get_by_label("毎日 8時").check()
    phone.get_by_label("AI").first.check()
    assert measure_width(phone) <= 390
    phone.get_by_role("button", name="登録する").click()
    assert read_heading(phone) == "メールをご確認ください"
    site.pass_on()
    phone.goto(site.find_link("confirm"))
    assert site.find_states() == [SubscriptionState.PENDING]
    phone.get_by_role("button", name="登録を確認する").click()
    assert read_heading(phone) == "登録が完了しました"
    assert site.find_states() == [SubscriptionState.ACTIVE]
    site.house.write("ai", MONDAY, front="tags: [AI]\n")
    site.pass_on(timedelta(hours=2))
    site.pass_on(timedelta(days=1))
    assert site.house.count_mail() == {TARO: 1}
    phone.goto(site.find_link("unsubscribe"))
    phone.get_by_role("button", name="毎週月曜日 8時にする").click()
    assert read_heading(phone) == "頻度を下げました"
    phone.goto(site.find_link("unsubscribe"))
    phone.get_by_role("button", name="配信を停止する").click()
    assert site.find_states() == [SubscriptionState.UNSUBSCRIBED]
    assert measure_width(phone) <= 390
    phone.get_by_role("button", name="もう一度登録する").click()
    assert read_heading(phone) == "メールをご確認ください"


def test_the_same_in_english_with_a_slip_and_two_newsletters(site: Site, phone: Page) -> None:
    phone.goto(f"{site.url}/subscribe")
    phone.get_by_role("link", name="English").click()
    phone.get_by_role("textbox", name="Your mail address").fill("taro@gmial.com")
    phone.get_by_label("Edo Times").check()
    phone.get_by_role("button", name="Subscribe").click()
    assert read_heading(phone) == "Did you mean taro@gmail.com?"
    phone.get_by_role("button", name="No, taro@gmial.com is right").click()
    assert read_heading(phone) == "Check your mail"
    site.pass_on()
    phone.goto(site.find_link("confirm"))
    phone.get_by_label("Edo Times").uncheck()
    phone.locator("main button").click()
    assert "ウィークリー" in phone.inner_text("main")
    assert "Edo Times" not in phone.inner_text("main")


def test_the_front_page_signs_up_as_well(site: Site, phone: Page) -> None:
    phone.goto(site.url)
    phone.get_by_label("メールアドレス").fill(TARO)
    phone.get_by_role("button", name="登録する").click()
    assert read_heading(phone) == "メールをご確認ください"


def test_a_form_on_another_site_works_without_a_script_and_leads_back_there(
    site: Site, phone: Page
) -> None:
    phone.goto(f"{site.friend}/about/")
    assert not phone.get_by_text("お送りしました").is_visible()
    phone.locator("input[type=email]").fill(TARO)
    phone.get_by_role("button").click()
    phone.wait_for_url(f"{site.friend}/about/#kawaraban-sent")
    assert phone.get_by_text("お送りしました").is_visible()
    site.pass_on()
    with site.house.app.works.database.reading() as connection:
        [reader] = list_readers_at(connection, TARO)
    assert reader.consent.source == f"form: {site.friend}/"
    phone.goto(f"{site.friend}/about/")
    phone.locator("input[type=email]").fill("taro@gmial.com")
    phone.get_by_role("button").click()
    phone.get_by_role("button", name="taro@gmail.com", exact=True).click()
    phone.wait_for_url(f"{site.friend}/about/#kawaraban-sent")


def test_a_scanner_that_runs_the_page_changes_nothing(site: Site, chromium: Browser) -> None:
    context = chromium.new_context()
    page = context.new_page()
    page.goto(f"{site.url}/subscribe")
    page.get_by_label("メールアドレス").fill(TARO)
    page.get_by_role("button", name="登録する").click()
    site.pass_on()
    link = site.find_link("confirm")
    for method in ("HEAD", "GET", "OPTIONS"):
        request = Request(link, method=method)  # noqa: S310 (our own loopback)
        if method != "OPTIONS":
            urlopen(request).close()  # noqa: S310
    page.goto(link, wait_until="networkidle")
    page.reload(wait_until="networkidle")
    assert site.find_states() == [SubscriptionState.PENDING]
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_form_can_be_read_and_used_at_any_width(
    site: Site, chromium: Browser, scheme: str
) -> None:
    for width in (320, 1280):
        context = chromium.new_context(
            viewport={"width": width, "height": 800},
            color_scheme="dark" if scheme == "dark" else "light",
        )
        page = context.new_page()
        for path in ("/subscribe", "/subscribe?language=en", "/subscribe/sent"):
            page.goto(site.url + path)
            for summary in page.locator("summary").all():
                summary.click()
            assert measure_width(page) <= width
            assert page.evaluate(LOWEST_CONTRAST) >= 4.5
        context.close()
