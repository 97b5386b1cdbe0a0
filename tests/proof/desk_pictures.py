"""`python -m tests.proof.desk_pictures [name…]`: the pictures of docs/desk.md, taken anew.

Needs a Chromium, the fonts-noto-cjk and half a minute; KAWARABAN_PICTURES names another folder.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from service.engine.works import freeze_between_passes
from service.store.database import Database
from service.store.migrate import migrate
from tests.fakes.office import open_door, sending
from tests.fakes.street_paper import OWNERS, SERVICE, StreetPaper, print_paper
from tests.proof.small_png import make_small

DOCS = Path(__file__).parents[2] / "docs" / "pictures"
DESK, PHONE = (1100, 760), (390, 760)
LONGEST = 1150


@dataclass
class Camera:
    """Takes pictures of one person's pages; only those `wanted`, or all."""

    page: Page
    blank: Page
    kind: str
    folder: Path
    wanted: frozenset[str]

    def take(self, name: str, path: str = "", *, longest: int = LONGEST) -> None:
        """The page at a path, or the one that is open, from its top as far down as it is long."""
        if path:
            self.page.goto(path)
        if self.wanted and name not in self.wanted:
            return
        if frame := self.page.query_selector("iframe"):
            frame.scroll_into_view_if_needed()
            self.page.wait_for_timeout(500)
        size = self.page.viewport_size or {"width": DESK[0], "height": DESK[1]}
        length = min(self.page.evaluate("document.documentElement.scrollHeight"), longest)
        # What keeps to the window's foot shall stand at the picture's.
        self.page.set_viewport_size({"width": size["width"], "height": length})
        taken = self.page.screenshot(animations="disabled")
        self.page.set_viewport_size(size)
        file = self.folder / f"desk-{name}-{self.kind}.png"
        file.write_bytes(make_small(self.blank, taken))
        sys.stdout.write(f"{file.name}: {file.stat().st_size / 1000:.0f} KB\n")


def main(wanted: frozenset[str]) -> None:
    """Live through the three months, and take every picture."""
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    folder = Path(os.environ.get("KAWARABAN_PICTURES") or DOCS)
    with tempfile.TemporaryDirectory() as site, sync_playwright() as playwright:
        (Path(site) / "var").mkdir()
        database = Database(f"sqlite:///{site}/var/kawaraban.db")
        migrate(database)
        database.close()
        paper = print_paper(Path(site))
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        with open_door(paper.house.app) as port:
            # By this name a browser keeps cookies that are for https alone.
            url = f"http://localhost:{port}"
            with (
                _sit_down(browser, url, paper, "en", folder, wanted) as nora,
                _sit_down(browser, url, paper, "ja", folder, wanted) as sumi,
            ):
                # First: a draft that was changed is answered by mail no more.
                _take_mail(nora, paper)
                _look_round(nora, paper)
                paper.hear_the_clock()
                _look_by_phone(sumi, paper)
                _watch_a_send(nora, sumi, paper)
        browser.close()
        paper.house.app.close()


@contextmanager
def _sit_down(
    browser: Browser,
    url: str,
    paper: StreetPaper,
    language: str,
    folder: Path,
    wanted: frozenset[str],
) -> Iterator[Camera]:
    """Somebody signed in: in English at a desk by day, or in Japanese by phone in the dark."""
    is_phone = language == "ja"
    width, height = PHONE if is_phone else DESK
    context = browser.new_context(
        base_url=url,
        locale="ja-JP" if is_phone else "en-GB",
        viewport={"width": width, "height": height},
        color_scheme="dark" if is_phone else "light",
    )
    page, blank = context.new_page(), context.new_page()
    kind = "phone-dark" if is_phone else "light"
    camera = Camera(page, blank, kind, folder, wanted)
    if not is_phone:
        camera.take("sign-in", "/desk/sign-in")
    page.goto(paper.make_link(OWNERS[language]))
    page.get_by_role("main").get_by_role("button").click()
    page.wait_for_url("**/desk?*")
    yield camera
    context.close()


def _look_round(camera: Camera, paper: StreetPaper) -> None:
    house, page = paper.house, camera.page
    _edit(page, paper)
    paper.hear_the_clock()
    camera.take("today", "/desk", longest=1420)
    camera.take("posts", "/desk/posts", longest=900)
    changed = house.find_post_id("2026-11-03-katsuji-ten")
    camera.take("post", f"/desk/posts/{changed}", longest=980)
    camera.take("editions", "/desk/editions", longest=1000)
    camera.take("edition", f"/desk/editions/{paper.weekly.edition_id}", longest=1120)
    camera.take("preview", f"/desk/editions/{paper.weekly.edition_id}/preview?view=desk")
    camera.take("accounting", f"/desk/editions/{paper.past.edition_id}")
    camera.take("readers", "/desk/readers")
    camera.take("reader", "/desk/readers/700", longest=900)
    _bring_in_a_list(page)
    camera.take("list")
    camera.take("lists", "/desk/readers/lists")
    camera.take("feeds", "/desk/feeds")
    camera.take("editors", "/desk/settings/editors")
    _issue_token(page)
    camera.take("tokens", longest=900)
    camera.take("webhooks", "/desk/settings/webhooks")
    camera.take("webhook", "/desk/settings/webhooks/2", longest=760)


def _edit(page: Page, paper: StreetPaper) -> None:
    """What an editor does on a Sunday morning."""
    clock = paper.house.clock
    page.goto(f"/desk/posts/{paper.house.find_post_id('2026-11-20-mizudori')}")
    page.locator("#note").fill("水鳥の数を観察会に確認中")
    page.locator("main aside button.danger").click()
    clock.advance(minutes=6)
    page.goto(f"/desk/editions/{paper.weekly.edition_id}")
    page.locator("#preheader").fill("焼き芋の車と、彫りはじめた年賀状")
    page.locator("#intro").fill("今週は坂の下から。餅つきの係は、あと四人です（要確認）。")
    page.locator("main form:has(#intro) button.main").click()
    clock.advance(minutes=3)
    page.locator(".arranged li:not(.group)", has_text="年賀状").locator(
        "form[action$=order] button"
    ).last.click()
    clock.advance(minutes=2)


def _look_by_phone(camera: Camera, paper: StreetPaper) -> None:
    camera.take("today", "/desk")
    camera.take("post", f"/desk/posts/{paper.house.find_post_id('2026-11-20-mizudori')}")
    camera.take("edition", f"/desk/editions/{paper.weekly.edition_id}")
    camera.take("accounting", f"/desk/editions/{paper.past.edition_id}")
    camera.take("readers", "/desk/readers", longest=1100)


def _bring_in_a_list(page: Page) -> None:
    page.goto("/desk/readers/lists")
    sheet = "email,name\n" + "".join(f"guest{n}@example.net,来場者{n}\n" for n in range(214))
    file = {"name": "朗読会.csv", "mimeType": "text/csv", "buffer": (sheet + "nobody,\n").encode()}
    page.locator("input[type=file]").set_input_files(file)  # type: ignore[arg-type]
    page.locator("main form button.main").click()
    page.wait_for_url("**/lists/*")
    page.locator("main form button.main").wait_for()


def _issue_token(page: Page) -> None:
    page.goto("/desk/settings/tokens")
    page.locator("#name").fill("Town calendar")
    page.locator("main form button.main").click()


def _take_mail(camera: Camera, paper: StreetPaper) -> None:
    mail = paper.find_request().get_body(("html",))
    assert mail is not None
    html = mail.get_content()
    page = camera.page.context.new_page()
    page.set_viewport_size({"width": 680, "height": 760})
    page.set_content(html)
    replace(camera, page=page).take("approval-mail", longest=1000)
    link = page.locator("a[href*='/desk/approve/']").first.get_attribute("href") or ""
    camera.take("approve", link.removeprefix(SERVICE))


def _watch_a_send(camera: Camera, phone: Camera, paper: StreetPaper) -> None:
    """Send the edition by hand, and stop the provider in the midst of it."""
    paper.house.clock.advance(minutes=8)
    paper.hear_the_clock()
    page, path = camera.page, f"/desk/editions/{paper.extra.edition_id}"
    page.goto(path)
    readers = "".join(filter(str.isdigit, page.locator(".card .figure").first.inner_text()))
    page.locator("details:has(#readers) summary").click()
    page.locator("#readers").fill(readers)
    page.locator("details:has(#readers) button").click()
    freeze_between_passes(paper.house.app.works, paper.house.app.works.clock())
    with sending(paper.house.app, workers=1):
        for _ in range(4):
            paper.let_through(2)
            page.wait_for_timeout(1100)
        camera.take("sending")
        phone.take("sending", path)
        paper.turnstile.release(1000)
        page.locator("table.sum").wait_for()
    camera.take("log", "/desk/settings/log")


if __name__ == "__main__":
    main(frozenset(sys.argv[1:]))
