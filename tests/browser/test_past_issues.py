"""What was sent, as a browser shows it: it fits, it leads on, and nothing in it runs."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy import func, update

from service.store.tables import variants
from tests.fakes.house import MONDAY, House
from tests.fakes.office import open_door

from .axe import list_violations_in_all_windows, require_axe

pytestmark = pytest.mark.browser

WEEK = timedelta(days=7)
LIST = "/editions/weekly/"
ISSUE = f"{LIST}2025-10-20-weekly"
EVIL = (
    '<img src="data:," alt="" onerror="document.title=1"><script>document.title=2</script></body>'
)


@pytest.fixture(scope="module")
def address(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("archive") / "site"
    (folder / "var").mkdir(parents=True)
    shutil.copyfile(migrated_file, folder / "var" / "kawaraban.db")
    house = House(folder, 'cadences = ["weekly", "each"]\nweekday = "mon"\nsend_at = "08:00"\n')
    house.tick(MONDAY - timedelta(hours=1))
    house.add_readers("a@example.com")
    house.add_readers("b@example.com", language="en")
    for number, name in enumerate(("第一報", "続報")):
        house.clock.now = MONDAY + number * WEEK + timedelta(days=1)
        house.write(f"p{number}", house.clock.now, title=name, body=f"{name}です。" * 9 + name)
        house.tick(MONDAY + (number + 1) * WEEK)
    with house.app.works.database.writing() as connection:
        # As if somebody's own template had slipped through.
        evil = func.replace(variants.c.html, "</body>", EVIL)
        connection.execute(update(variants).values(html=evil))
    with open_door(house.app) as port:
        yield f"http://127.0.0.1:{port}"
    house.app.close()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context()
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("path", [LIST, "/editions/", ISSUE, f"{ISSUE}?language=en"])
def test_a_page_of_the_archive_fits_every_window_and_hinders_nobody(
    page: Page, address: str, path: str
) -> None:
    require_axe()
    if path.startswith(ISSUE):
        # In a page where nothing runs axe could not either.
        page.set_content(page.request.get(f"{address}{path}").text())
    else:
        page.goto(f"{address}{path}")
    for width in (320, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert list_violations_in_all_windows(page) == []


def test_a_reader_goes_from_issue_to_issue_and_to_the_form(page: Page, address: str) -> None:
    page.goto(f"{address}/")
    page.click("text=バックナンバー")
    assert page.url == f"{address}{LIST}"
    page.click("ol.posts li:last-child a")
    assert page.url == f"{address}{ISSUE}"
    page.click("text=次の号")
    page.click("text=English")
    page.click("text=Previous issue")
    assert page.url == f"{address}{ISSUE}?language=en"
    page.click("footer a, .foot a >> nth=0")
    assert page.url == f"{address}/subscribe?newsletter=weekly&language=en"


def test_nothing_runs_in_a_mail_on_the_web(page: Page, address: str) -> None:
    page.goto(f"{address}{ISSUE}")
    page.wait_for_load_state("networkidle")
    assert page.title() == "第一報｜ウィークリー 10月20日号"
    assert page.locator("script").count() == 0
