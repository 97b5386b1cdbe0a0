from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import unquote

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, Route
from sqlalchemy import Connection

from service.audience.exchange import ImportRow
from service.audience.tokens import KeyRing, Purpose, SigningKey, sign_link
from service.editions.render import MailRenderer
from service.membership import Register, import_readers
from service.model.feed import FeedFile, FeedSettings
from service.model.message import OutgoingBatch, Recipient
from service.model.newsletter import Newsletter
from service.model.post import Author, Body, Post
from service.model.publication import Publication, Sender
from service.model.subscriber import SubscriptionState
from service.providers.outbox import OutboxProvider
from service.publishing import FeedPress, publish_feeds
from service.store.database import Database
from service.store.installation import open_installation
from service.store.migrate import migrate
from service.store.posts import insert_post
from service.store.subscribers import list_readers_at
from service.web.app import build_web
from service.web.catalogue import compose_catalogue
from service.web.parts import WebParts
from service.web.shelf import Shelf
from service.web.static_site import render_pages

pytestmark = pytest.mark.browser

NOW = datetime(2025, 10, 20, 8, 0, tzinfo=UTC)
TEMPLATES = Path(__file__).parents[2] / "templates"
KEY = SigningKey("k1", b"a secret of thirty-two characters")
SENDER = Sender("瓦版編集部", "n@kawara.example", "n@kawara.example", "東京都", "n@kawara.example")
WIDTHS = (320, 375, 1280)
POST = Post(
    post_id=1,
    uid="tag:kawara.example,2025:post/0001",
    path="first.md",
    title="とても長い題の記事がひとつあって、それでも横にはみ出さないことを確かめるためのもの",
    url="http://127.0.0.1:1/first/",
    summary="supercalifragilisticexpialidocious" * 4,
    language="ja",
    published_at=NOW,
    updated_at=NOW,
    first_seen_at=NOW,
    changed_at=NOW,
    seen_after_at=None,
    is_known=True,
    authors=(Author("葛飾 北斎"),),
    categories=("町のうわさ",),
    tags=tuple(f"長い名前のタグその{number}" for number in range(13)),
    html_size=60,
    body_digest="1" * 64,
)


@dataclass(frozen=True)
class Site:
    """A running service, and the tokens of its one reader."""

    url: str
    parts: WebParts

    def sign(self, purpose: Purpose) -> str:
        with self.parts.database.reading() as connection:
            reader = list_readers_at(connection, "reader@example.jp")[0]
        return sign_link(KEY, purpose, f"s{reader.subscription.subscription_id}")

    def find_state(self) -> SubscriptionState:
        with self.parts.database.reading() as connection:
            return list_readers_at(connection, "reader@example.jp")[0].subscription.state


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        parts = furnish(tmp_path, url)
        with serve(parts, listening):
            yield Site(url, parts)
        parts.database.close()


def furnish(folder: Path, url: str) -> WebParts:
    publication = Publication(
        "瓦版", "http://127.0.0.1:1", url, "便り", "ja", "Asia/Tokyo", "編集部"
    )
    newsletter = Newsletter("weekly", "週のまとめ", "ja")
    register = Register(
        publication=publication,
        sender=SENDER,
        newsletters={"weekly": newsletter},
        key_ring=KeyRing(KEY),
        renderer=MailRenderer(TEMPLATES / "email"),
        account="outbox",
        installation="test",
        wake=ignore_wake,
    )
    parts = WebParts(
        database=Database(f"sqlite:///{folder}/kawaraban.db"),
        register=register,
        feeds=FeedPress(publication, FeedSettings(), folder / "public", shows_future=False),
        shelf=Shelf(folder / "public"),
        templates=TEMPLATES,
        outbox=folder / "outbox",
        clock=lambda: NOW,
        is_loopback_only=True,
    )
    fill(parts, folder / "outbox")
    return parts


def ignore_wake(connection: Connection, batch_ids: Sequence[int]) -> None:
    """Nobody sends anything here."""


def fill(parts: WebParts, outbox: Path) -> None:
    migrate(parts.database)
    open_installation(parts.database)
    second = replace(POST, uid="2", path="2.md", title="短い題", url=f"{POST.url}2", tags=("AI",))
    with parts.database.writing() as connection:
        for post in (POST, second):
            insert_post(connection, post, Body("<p>本文</p>", "本文"))
    publish_feeds(parts.database, parts.feeds, NOW)
    import_readers(
        parts.database,
        parts.register,
        [ImportRow(address="reader@example.jp", line=1)],
        newsletter_id="weekly",
        state=SubscriptionState.PENDING,
        source="test",
        now=NOW,
    )
    url = parts.register.publication.service_url
    write_mail(outbox, "kb-1", f'<a href="{url}/">読む</a>')
    write_mail(outbox, "kb-2", f'<a href="{url}/">読む</a><script>alert(1)</script>')


def write_mail(outbox: Path, key: str, html: str) -> None:
    batch = OutgoingBatch(
        key=key,
        sender=SENDER,
        subject="十月の便り",
        html=f"<html><head></head><body>{html}</body></html>",
        text="本文",
        headers=(("List-Unsubscribe", f"<https://kawara.example/{'A' * 90}>"),),
        recipients=(Recipient(1, "reader@example.jp", {}),),
        dated_at=NOW,
    )
    provider = OutboxProvider(outbox)
    provider.send(provider.prepare(batch), total_for=timedelta(minutes=1), ready=lambda: None)


@contextmanager
def serve(parts: WebParts, listening: socket.socket) -> Iterator[None]:
    config = uvicorn.Config(
        build_web(parts), log_level="error", proxy_headers=False, access_log=False, lifespan="on"
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listening],))
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A page without JavaScript, which nothing needs; it tolerates no message on its console."""
    with open_page(chromium, 1280) as opened:
        yield opened


@contextmanager
def open_page(chromium: Browser, width: int) -> Iterator[Page]:
    context = chromium.new_context(
        viewport={"width": width, "height": 800}, java_script_enabled=False
    )
    said: list[str] = []
    page = context.new_page()
    page.on("console", lambda message: said.append(f"{page.url}: {message.text}"))
    page.on("pageerror", lambda error: said.append(f"{page.url}: {error}"))
    yield page
    context.close()
    assert said == []


def test_a_reader_finds_a_feed_confirms_and_leaves_by_pressing_alone(
    site: Site, page: Page
) -> None:
    page.goto(site.url)
    page.get_by_role("link", name="町のうわさ", exact=True).first.click()
    assert page.get_by_role("heading", level=1).inner_text() == "町のうわさ"
    assert page.get_by_text(f"{site.url}/category/").first.is_visible()

    page.goto(f"{site.url}/confirm/{site.sign(Purpose.CONFIRM)}")
    assert site.find_state() is SubscriptionState.PENDING
    page.get_by_role("button", name="登録を確認する").click()
    assert page.get_by_role("heading", level=1).inner_text() == "登録が完了しました"
    assert site.find_state() is SubscriptionState.ACTIVE

    page.goto(f"{site.url}/unsubscribe/{site.sign(Purpose.UNSUBSCRIBE)}")
    assert site.find_state() is SubscriptionState.ACTIVE
    page.get_by_role("button", name="配信を停止する").click()
    assert page.get_by_role("heading", level=1).inner_text() == "配信を停止しました"
    assert site.find_state() is SubscriptionState.UNSUBSCRIBED

    page.get_by_role("link", name="トップページ").click()
    assert page.get_by_role("heading", level=1).inner_text() == "瓦版"


def test_everything_can_be_done_from_the_keyboard(site: Site, page: Page) -> None:
    page.goto(f"{site.url}/confirm/{site.sign(Purpose.CONFIRM)}")
    for _ in range(3):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="登録が完了しました").wait_for()
    assert site.find_state() is SubscriptionState.ACTIVE


@pytest.mark.parametrize("width", WIDTHS)
def test_no_page_is_wider_than_its_window(site: Site, chromium: Browser, width: int) -> None:
    mail = "/desk/outbox/kb-1/1.eml"
    paths = (
        "/",
        "/category/町のうわさ/",
        "/tag/長い名前のタグその1/",
        f"/confirm/{site.sign(Purpose.CONFIRM)}",
        f"/unsubscribe/{site.sign(Purpose.UNSUBSCRIBE)}",
        "/desk/outbox",
        mail,
        f"{mail}?view=phone",
        f"{mail}?view=text",
        f"{mail}?view=source",
    )
    with open_page(chromium, width) as page:
        for path in paths:
            page.goto(site.url + path)
            for summary in page.locator("summary").all():
                summary.click()
            assert measure_width(page) <= width, path


def measure_width(page: Page) -> int:
    """How wide the content is: the layout's own figure, which needs no script of the page."""
    metrics = page.context.new_cdp_session(page).send("Page.getLayoutMetrics")
    return int(metrics["cssContentSize"]["width"])


def test_a_mail_in_its_frame_runs_nothing_and_its_links_open_outside(
    site: Site, chromium: Browser
) -> None:
    context = chromium.new_context()
    page = context.new_page()
    said: list[str] = []
    page.on("dialog", lambda dialog: said.append(dialog.message))
    page.on("console", lambda message: said.append(message.text))
    page.goto(f"{site.url}/desk/outbox/kb-2/1.eml")
    with context.expect_page() as opened:
        page.frame_locator("iframe").get_by_role("link", name="読む").click()
    assert opened.value.get_by_role("heading", level=1).inner_text() == "瓦版"
    assert said
    assert all(line.startswith("Blocked script execution") for line in said)
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out_from_its_ground(site: Site, chromium: Browser, scheme: str) -> None:
    context = chromium.new_context(color_scheme="dark" if scheme == "dark" else "light")
    page = context.new_page()
    for path in (
        "/",
        "/tag/AI/",
        f"/confirm/{site.sign(Purpose.CONFIRM)}",
        "/desk/outbox/kb-1/1.eml",
    ):
        page.goto(site.url + path)
        assert page.evaluate(LOWEST_CONTRAST) >= 4.5
    context.close()


def test_an_address_is_copied_by_a_button_and_selected_by_a_press(
    site: Site, chromium: Browser
) -> None:
    context = chromium.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(f"{site.url}/tag/AI/")
    page.get_by_role("button", name="コピー: Atom").click()
    page.get_by_text("コピーしました").first.wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == f"{site.url}/tag/AI/atom.xml"
    page.locator("code.address").first.click()
    assert page.evaluate("getSelection().toString()") == f"{site.url}/tag/AI/feed.xml"
    assert said == []
    context.close()


def test_where_there_is_no_clipboard_the_address_is_copied_all_the_same(
    site: Site, chromium: Browser
) -> None:
    context = chromium.new_context()
    context.add_init_script("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    page = context.new_page()
    page.goto(f"{site.url}/tag/AI/")
    page.get_by_role("button", name="コピー: RSS").click()
    page.get_by_text("コピーしました").first.wait_for()
    context.close()


@pytest.mark.parametrize("width", [390, 1280])
def test_the_pages_of_a_static_site_are_whole_wherever_they_are_put(
    site: Site, chromium: Browser, width: int
) -> None:
    feeds = site.parts.feeds
    catalogue = compose_catalogue([POST], feeds.settings)
    address = replace(feeds.publication, service_url="https://static.example")
    pages = render_pages(TEMPLATES, address, feeds.settings, catalogue)
    files = {f"https://static.example/{file.path}": file for file in pages}
    context = chromium.new_context(viewport={"width": width, "height": 800})
    context.route("**/*", lambda route: hand_out(route, files))
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto("https://static.example/")
    page.get_by_role("link", name="町のうわさ", exact=True).first.click()
    assert page.get_by_role("heading", level=1).inner_text() == "町のうわさ"
    assert page.get_by_role("button", name="コピー: RSS").is_visible()
    page.get_by_text("フィードがはじめての方へ").click()
    assert page.get_by_text("フィードリーダーを用意します").is_visible()
    assert measure_width(page) <= width
    assert page.evaluate(FAULTS) == []
    assert said == []
    context.close()


def hand_out(route: Route, files: Mapping[str, FeedFile]) -> None:
    """Answer as a host does that has nothing but the files."""
    url = unquote(route.request.url).partition("?")[0]
    file = files.get(f"{url}index.html" if url.endswith("/") else url)
    if file is None:
        route.fulfill(status=404)
    else:
        route.fulfill(body=file.content, headers={"Content-Type": file.content_type})


FAULTS = """() => {
  const faults = [];
  const levels = [...document.querySelectorAll("h1,h2,h3,h4")].map(h => +h.tagName[1]);
  if (levels.filter(level => level === 1).length !== 1) faults.push("not one h1");
  levels.reduce((before, now) => {
    if (now > before + 1) faults.push(`h${now} after h${before}`);
    return now;
  }, 0);
  for (const one of document.querySelectorAll("a, button, summary, input")) {
    if (!(one.getAttribute("aria-label") || one.textContent).trim()) faults.push(one.outerHTML);
  }
  const ids = [...document.querySelectorAll("[id]")].map(one => one.id);
  if (new Set(ids).size !== ids.length) faults.push("an id twice");
  for (const one of document.querySelectorAll("[aria-labelledby]")) {
    if (!document.getElementById(one.getAttribute("aria-labelledby"))) faults.push("no label");
  }
  if (!document.documentElement.lang || !document.querySelector("main")) faults.push("no frame");
  return faults;
}"""
"""What a screen reader would stumble over."""

LOWEST_CONTRAST = """() => {
  const numbers = color => color.match(/[\\d.]+/g).map(Number);
  const light = color => {
    const [r, g, b] = numbers(color).map(v => v / 255)
      .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = element => {
    for (let one = element; one; one = one.parentElement) {
      const color = getComputedStyle(one).backgroundColor;
      if (numbers(color)[3] !== 0) return color;
    }
    return "rgb(255, 255, 255)";
  };
  let lowest = 21;
  for (const element of document.body.querySelectorAll("*")) {
    if (![...element.childNodes].some(n => n.nodeType === 3 && n.data.trim())) continue;
    const [a, b] = [light(getComputedStyle(element).color), light(ground(element))];
    lowest = Math.min(lowest, (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05));
  }
  return lowest;
}"""
