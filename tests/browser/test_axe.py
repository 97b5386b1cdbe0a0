"""axe finds nothing on any page that readers see, nor in any mail that they get."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route

from service.audience.exchange import ImportRow
from service.audience.tokens import Purpose
from service.engine.works import deliver_due
from service.membership import ask_new_address, import_readers, mail_fresh_link
from service.membership.asking import write_link
from service.model.subscriber import SubscriptionState
from service.store.subscribers import list_readers_at
from tests.fakes.house import MONDAY, House
from tests.fakes.office import open_door

from .axe import list_violations_in_all_windows, require_axe

pytestmark = pytest.mark.browser

GOLDEN = Path(__file__).parents[1] / "golden" / "editions"
MAILS = sorted(path.stem for path in GOLDEN.glob("*.html"))
OF_WHOLE_PAGES = ("landmark-one-main", "region")
"""A mail is shown inside a page that has landmarks of its own."""
READER, ASKED, NEW = "a@example.com", "asked@example.com", "new@example.com"
CHOICES = """
cadences = ["weekly", "daily", "each"]
topics = ["AI", "猫"]
"""
SECOND = """
[[newsletters]]
id = "second"
title = "The Second Letter"
cadences = ["weekly", "monthly"]
"""


@dataclass(frozen=True)
class Site:
    """A running service that speaks one language, with a reader who has had a mail."""

    house: House
    url: str

    def sign(self, purpose: Purpose, address: str = READER) -> str:
        """A reader's own link, which never expires."""
        works = self.house.app.works
        with works.database.reading() as connection:
            one = list_readers_at(connection, address)[0].subscription
        return write_link(works.register, purpose, purpose, one.subscription_id).rpartition("/")[2]

    def mail_fresh(self, purpose: Purpose) -> str:
        """A link that lives an hour, from the mail that brings it."""
        works, token = self.house.app.works, self.sign(Purpose.PREFERENCES)
        mail_fresh_link(works.database, works.register, token, purpose, self.house.clock.now)
        return self._find_link(purpose)

    def mail_new_address(self, token: str) -> str:
        """The link that a new address is mailed."""
        works = self.house.app.works
        ask_new_address(works.database, works.register, token, NEW, self.house.clock.now)
        return self._find_link(Purpose.NEW_ADDRESS)

    def find_mail(self) -> str:
        """The page of a mail in the outbox."""
        outbox = self.house.site / "var" / "outbox"
        newest = max(outbox.glob("*/*.eml"))
        return f"/desk/outbox/{newest.relative_to(outbox)}"

    def _find_link(self, purpose: Purpose) -> str:
        deliver_due(self.house.app.works)
        for path in (self.house.site / "var" / "outbox").glob("*/*.eml"):
            mail = message_from_bytes(path.read_bytes(), policy=policy.default)
            body = mail.get_body(("plain",))
            assert body is not None
            if link := re.search(rf"/{purpose}/(\S+)", body.get_content()):
                return link[1]
        raise AssertionError(f"no mail leads to {purpose}")


@pytest.fixture(params=["ja", "en"])
def site(request: pytest.FixtureRequest, migrated_file: Path, tmp_path: Path) -> Iterator[Site]:
    require_axe()
    folder = tmp_path / "site"
    (folder / "var").mkdir(parents=True)
    shutil.copyfile(migrated_file, folder / "var" / "kawaraban.db")
    house = House(folder, CHOICES + SECOND)
    settings = folder / "kawaraban.toml"
    written = settings.read_text(encoding="utf-8")
    settings.write_text(
        written.replace('language = "ja"', f'language = "{request.param}"'), encoding="utf-8"
    )
    house.restart()
    house.write("old", MONDAY - timedelta(days=3), front="categories: [研究]\ntags: [AI]\n")
    house.tick(MONDAY - timedelta(hours=1))
    house.add_readers(READER, cadence="each")
    ask(house)
    house.write("new", MONDAY, front="categories: [研究]\ntags: [猫]\n")
    house.tick(MONDAY + timedelta(hours=2))
    with open_door(house.app) as port:
        yield Site(house, f"http://127.0.0.1:{port}")
    house.app.close()


def ask(house: House) -> None:
    """Somebody is asked to confirm two newsletters."""
    works = house.app.works
    for newsletter_id in ("weekly", "second"):
        import_readers(
            works.database,
            works.register,
            [ImportRow(address=ASKED, line=1)],
            newsletter_id=newsletter_id,
            state=SubscriptionState.PENDING,
            source="test",
            now=house.clock.now,
        )


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context()
    yield context.new_page()
    context.close()


def open_all(page: Page) -> None:
    """Show what is folded away, and what only a choice shows."""
    for summary in page.locator("summary").all():
        summary.click()
    for choice in page.locator("input.on, input.some").all():
        choice.check()


def fill(address: str) -> Callable[[Page], None]:
    def send(page: Page) -> None:
        page.locator("main input[type=email]").first.fill(address)
        page.locator("main form button").first.click()

    return send


def press(page: Page) -> None:
    page.locator("main form button").first.click()


def send_nothing(page: Page) -> None:
    """Send a form with what a browser would hold back."""
    page.locator("main form").first.evaluate("form => { form.noValidate = true }")
    press(page)


def test_axe_finds_nothing_on_the_pages_that_anybody_can_open(site: Site, page: Page) -> None:
    mail = site.find_mail()
    found: dict[str, list[str]] = {}
    for path in (
        "/",
        "/category/研究/",
        "/tag/AI/",
        "/subscribe",
        "/subscribe/sent",
        "/nowhere",
        "/confirm/nobody",
        "/desk/outbox",
        mail,
        *(f"{mail}?view={view}" for view in ("phone", "text", "source")),
    ):
        page.goto(site.url + path)
        open_all(page)
        found[path] = list_violations_in_all_windows(page)
    assert {path: faults for path, faults in found.items() if faults} == {}


def test_axe_finds_nothing_on_the_answers_to_a_form(site: Site, page: Page) -> None:
    found: dict[str, list[str]] = {}
    for name, act in (("wrong", send_nothing), ("meant", fill("taro@gmial.com"))):
        page.goto(f"{site.url}/subscribe")
        act(page)
        found[name] = list_violations_in_all_windows(page)
    assert {name: faults for name, faults in found.items() if faults} == {}


def test_axe_finds_nothing_on_the_pages_of_a_reader(site: Site, page: Page) -> None:
    paths = [
        f"/{Purpose.CONFIRM}/{site.sign(Purpose.CONFIRM, ASKED)}",
        f"/{Purpose.PREFERENCES}/{site.sign(Purpose.PREFERENCES)}",
        f"/{Purpose.UNSUBSCRIBE}/{site.sign(Purpose.UNSUBSCRIBE)}",
    ]
    fresh = {
        purpose: site.mail_fresh(purpose)
        for purpose in (Purpose.EXPORT, Purpose.ADDRESS, Purpose.ERASE)
    }
    fresh[Purpose.NEW_ADDRESS] = site.mail_new_address(fresh[Purpose.ADDRESS])
    paths += [f"/{purpose}/{token}" for purpose, token in fresh.items()]
    found: dict[str, list[str]] = {}
    for path in paths:
        page.goto(site.url + path)
        open_all(page)
        found[path] = list_violations_in_all_windows(page)
    address, erase = (f"/{one}/{fresh[one]}" for one in (Purpose.ADDRESS, Purpose.ERASE))
    for name, path, act in (
        ("saved", paths[1], press),
        ("no address", address, send_nothing),
        ("address mailed", address, fill(NEW)),
        ("confirmed", paths[0], press),
        ("left", paths[2], press),
        ("left before", paths[2], lambda _: None),
        ("erased", erase, press),
    ):
        page.goto(site.url + path)
        act(page)
        found[name] = list_violations_in_all_windows(page)
    site.house.clock.now += timedelta(days=1)
    page.goto(site.url + address)
    found["expired"] = list_violations_in_all_windows(page)
    assert {name: faults for name, faults in found.items() if faults} == {}


def refuse(route: Route) -> None:
    route.abort()


@pytest.fixture(scope="module")
def letter(chromium: Browser) -> Iterator[Page]:
    """A window in which no picture of a mail arrives."""
    require_axe()
    context = chromium.new_context()
    page = context.new_page()
    page.route(re.compile("^http"), refuse)
    yield page
    context.close()


@pytest.mark.parametrize("name", MAILS)
def test_axe_finds_nothing_in_a_mail(letter: Page, name: str) -> None:
    letter.set_content((GOLDEN / f"{name}.html").read_text(encoding="utf-8"))
    assert list_violations_in_all_windows(letter, without=OF_WHOLE_PAGES) == []
