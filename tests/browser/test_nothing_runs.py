"""Nothing of others' text runs: two hundred payloads in every field, and every page looked at."""

from __future__ import annotations

import csv
import io
import os
import re
import shutil
import socket
from collections import Counter, deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from email import message_from_bytes, policy
from html import escape
from pathlib import Path
from urllib.parse import quote, urldefrag, urlencode, urlsplit

import httpx
import pytest
from fastapi.routing import APIRoute
from lxml import etree  # type: ignore[import-untyped]
from playwright.sync_api import Browser, FilePayload, expect

from service.app import build_doors
from service.audience.tokens import Purpose
from service.engine.works import deliver_due
from service.membership import Register, ask_new_address, mail_fresh_link
from service.membership.asking import write_link
from service.model.editor import Role, Scope
from service.store.subscribers import list_readers_at
from tests.fakes.desk import make_link
from tests.fakes.house import House
from tests.fakes.office import open_door
from tests.fakes.payloads import PAYLOADS, pack
from tests.fakes.poisoned import (
    OURS,
    Owner,
    fill_desk,
    fill_the_rest,
    furnish,
    mark,
    poison,
)
from tests.fakes.poisoned_provider import (
    PAUSE,
    READERS,
    furnish_with,
    open_poisoned_mailgun,
    send_and_hear,
)
from tests.fakes.programs import make_token
from tests.fakes.routes import list_routes

from .watching import Watched, watch

pytestmark = pytest.mark.browser

IS_WHOLE = os.environ.get("KAWARABAN_NOTHING_RUNS") == "whole"
MOST_OF_A_KIND = 12 if IS_WHOLE else 2
MORE_OF_A_KIND = {"/{path:path}": 5, "/desk/editions/{edition_id}": 3}
"""So many addresses of one route are visited, and so many times as many of these."""

NO_PAGES = frozenset(
    {
        "/desk/editions/{edition_id}/progress",
        "/desk/readers/lists/{list_id}/mistakes.csv",
        "/feeds.opml",
        "/healthz",
        "/metrics",
        "/readyz",
        "/assets/choosing.js",
        "/assets/copy.js",
        "/assets/desk.css",
        "/assets/list.js",
        "/assets/progress.js",
        "/assets/style.css",
    }
)
COLUMNS = (
    *("name", "cadence", "topics", "language", "timezone", "state"),
    *("consent_source", "consent_text", "created_at", "suppressed_note"),
)
PAGES = ("http://www.w3.org/1999/xhtml", "http://www.w3.org/2000/svg")
NEVER_SENT = frozenset(
    {"/desk/sign-out", "/desk/settings/sessions/{session_id}/end", "/hooks/push"}
)
"""The owner stays; what a push says is pulled, not shown."""


@dataclass(frozen=True)
class Site:
    """A poisoned house behind its doors, its owner's browser, and the links of its mails."""

    house: House
    url: str
    owner: Owner
    routes: list[APIRoute]
    links: tuple[str, ...]
    poisoned: tuple[str, ...]


@pytest.fixture(scope="module")
def site(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("poisoned") / "site"
    (folder / "var").mkdir(parents=True)
    shutil.copyfile(migrated_file, folder / "var" / "kawaraban.db")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    house = furnish(folder, port)
    routes = list_routes(build_doors(house.app, host="127.0.0.1", scan_within=None))
    with open_door(house.app, port):
        url = f"http://127.0.0.1:{port}"
        owner = Owner(house, url)
        fill_desk(house, owner)
        links = tuple(list_links(house, url))
        with house.app.works.database.writing() as connection:
            fill_the_rest(connection, house)
            poisoned = tuple(poison(connection, parts=1 if IS_WHOLE else 4))
        yield Site(house, url, owner, routes, links, poisoned)
        owner.client.close()
    house.app.close()


def list_links(house: House, url: str) -> Iterator[str]:
    """Pages that only a link in somebody's mail leads to."""
    works = house.app.works
    with works.database.reading() as connection:
        one = list_readers_at(connection, "a@example.com")[0].subscription
    for purpose in (Purpose.CONFIRM, Purpose.PREFERENCES, Purpose.UNSUBSCRIBE):
        yield write_link(works.register, purpose, purpose, one.subscription_id)
    token = sign(works.register, Purpose.PREFERENCES, one.subscription_id)
    for purpose in (Purpose.EXPORT, Purpose.ADDRESS, Purpose.ERASE):
        mail_fresh_link(works.database, works.register, token, purpose, house.clock.now)
    deliver_due(works)
    address = next(link for link in list_mailed_links(house, url) if "/address/" in link)
    token = address.rpartition("/")[2]
    ask_new_address(works.database, works.register, token, "new@example.com", house.clock.now)
    deliver_due(works)
    yield make_link(house, Role.VIEWER)
    yield from list_mailed_links(house, url)


def sign(register: Register, purpose: Purpose, subscription_id: int) -> str:
    return write_link(register, purpose, purpose, subscription_id).rpartition("/")[2]


def list_mailed_links(house: House, url: str) -> Iterator[str]:
    pattern = rf"{re.escape(url)}/(?:desk/approve|export|address|new-address|erase)/\S+"
    for path in (house.site / "var" / "outbox").glob("*/*.eml"):
        mail = message_from_bytes(path.read_bytes(), policy=policy.default)
        body = mail.get_body(("plain",))
        assert body is not None
        yield from re.findall(pattern, body.get_content())


# With them a script that got through is reported; without them it runs.
@pytest.fixture(params=["without its policies", "with"][: 2 if IS_WHOLE else 1])
def watched(request: pytest.FixtureRequest, site: Site, chromium: Browser) -> Iterator[Watched]:
    """An owner's window; the second wall is there, or taken down."""
    with chromium.new_context(bypass_csp=request.param != "with") as context:
        cookie = {"name": "kawaraban-desk", "value": site.owner.cookie, "url": site.url}
        context.add_cookies([cookie])  # type: ignore[list-item]
        yield watch(context, site.url, site.routes)


def test_nothing_runs_on_any_page(site: Site, watched: Watched) -> None:
    visited = walk(site, watched)
    assert watched.faults == []
    # A text that stands on no page would prove nothing.
    assert len([one for one in site.poisoned if mark(one) in watched.text]) >= 45
    # With and without a slash at the end it is one page.
    pages = {one.path.rstrip("/") for one in site.routes if is_page(one)}
    missed = sorted(pages - {path.rstrip("/") for path in visited})
    assert missed == []


def is_page(route: APIRoute) -> bool:
    return "GET" in (route.methods or ()) and route.path not in NO_PAGES


def walk(site: Site, watched: Watched) -> Counter[str]:
    """Visit every page that a link leads to; how many of each route there were."""
    seeds = [one.path for one in site.routes if is_page(one) and "{" not in one.path]
    seeds.append("/desk/readers/1")
    waiting = deque([*(site.url + path for path in seeds), *site.links])
    seen, visited = set(waiting), Counter[str]()
    while waiting:
        address = waiting.popleft()
        route = watched.find_route(address)
        most = MOST_OF_A_KIND * MORE_OF_A_KIND.get(route, 1)
        if route in NO_PAGES or visited[route] >= most:
            continue
        if urlsplit(address).path.endswith((".json", ".opml")):
            continue
        visited[route] += 1
        # One of each kind is opened; what stands on the others is looked at.
        is_opened = IS_WHOLE or visited[route] == 1
        for found in watched.visit(address) if is_opened else look(site, watched, address):
            link = urldefrag(found).url
            if link.startswith(site.url) and link not in seen:
                seen.add(link)
                waiting.append(link)
    return visited


def look(site: Site, watched: Watched, address: str) -> list[str]:
    answer = site.owner.client.get(address, follow_redirects=True)
    return watched.look_at(answer.text, str(answer.url)) if is_html(answer) else []


def is_html(answer: httpx.Response) -> bool:
    return bool(answer.headers.get("content-type", "").startswith("text/html"))


def test_nothing_runs_that_a_request_brings(site: Site, watched: Watched) -> None:
    """Each part of an address and of a query, and each heading by which a reader says who it is."""
    for route in site.routes:
        if not is_page(route):
            continue
        for address in list_hostile_addresses(route):
            if IS_WHOLE:
                watched.visit(site.url + address)
                continue
            answer = site.owner.client.get(address)
            assert answer.status_code < 500, address
            if is_html(answer):
                watched.look_at(answer.text, site.url + address)
    assert watched.faults == []


def list_hostile_addresses(route: APIRoute) -> Iterator[str]:
    names = [one.alias for one in route.dependant.query_params] + ["said", "next"]
    if "{" in route.path:
        yield re.sub(r"{[^}]+}", quote(pack(most=2_000), safe=""), route.path)
    plain = re.sub(r"{[^}]+}", "1", route.path)
    yield f"{plain}?{urlencode(dict.fromkeys(names, pack(most=1_000, part=20, parts=30)))}"


def test_sheets_and_streams_are_no_pages(site: Site) -> None:
    """What is no page says so, and no cell of a sheet is a formula."""
    client = site.owner.client
    for route in site.routes:
        if route.path in NO_PAGES and "{" not in route.path:
            answer = client.get(route.path)
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert not answer.headers["content-type"].startswith("text/html")
    sheets = [client.get("/desk/readers/lists/1/mistakes.csv")]
    sheets.append(client.post("/desk/readers/export", data={"csrf": site.owner.csrf}, headers=OURS))
    for sheet in sheets:
        assert sheet.headers["content-type"].startswith("text/csv"), sheet.text
        disposition = sheet.headers["content-disposition"]
        assert re.fullmatch(r'attachment; filename="[\w.-]+"', disposition)
        cells = [cell for row in csv.reader(io.StringIO(sheet.text)) for cell in row]
        assert [cell for cell in cells if cell.startswith(tuple("=+-@\t\r"))] == []


def test_the_payloads_run_where_nothing_stops_them(chromium: Browser) -> None:
    """So that all of the above says something."""
    tried = PAYLOADS if IS_WHOLE else PAYLOADS[::4]
    page = chromium.new_page()
    page.add_init_script("window.canary = number => top.ran.add(number);")
    page.route("**", lambda route: route.fulfill(body="canary(0)", content_type="text/javascript"))
    frames = (f"{one}<input value=\"{one}\"><input value='{one}'>" for one in tried)
    framed = "".join(f'<iframe srcdoc="{escape(one)}"></iframe>' for one in frames)
    page.set_content(f"<script>ran = new Set()</script>{framed}", wait_until="commit")
    page.wait_for_function("least => ran.size >= least", arg=len(tried) // 3, timeout=20_000)
    page.close()


def test_answers_to_forms_run_nothing(site: Site, watched: Watched) -> None:
    """Whatever is wrong with a form is said without letting anything of it run."""
    fields = list_fields(site.routes)
    for text in (pack(), "'\"><svg onload=canary(0)>") if IS_WHOLE else (pack(most=8_000),):
        form = dict.fromkeys(fields, text) | {"csrf": site.owner.csrf}
        for route in site.routes:
            if "POST" not in (route.methods or ()) or route.path in NEVER_SENT:
                continue
            for part in ("1", quote(text[:200], safe="")):
                path = re.sub(r"{[^}]+}", part, route.path)
                answer = site.owner.client.post(path, data=form, headers=OURS)
                assert answer.status_code < 500, path
                assert answer.headers["x-content-type-options"] == "nosniff", path
                assert "canary" not in str(answer.headers.get_list("set-cookie")), path
                if is_html(answer):
                    look = watched.show if IS_WHOLE else watched.look_at
                    look(answer.text, site.url + path)
    assert site.owner.client.get("/desk").status_code == 200
    assert watched.faults == []


def list_fields(routes: list[APIRoute]) -> set[str]:
    """Every field that any form has."""
    return {one.alias for route in routes for one in route.dependant.body_params}


def test_feeds_are_harmless_documents(site: Site, watched: Watched) -> None:
    """No element in them is a page's, and their texts are as harmless as on pages."""
    client, texts = site.owner.client, set[str]()
    folder = site.house.app.works.feeds.folder
    paths = [f"/{one.relative_to(folder)}" for one in sorted(folder.rglob("*.xml"))]
    assert len(paths) > 20
    for path in (*paths, "/editions/weekly/feed.xml", "/editions/weekly/atom.xml", "/feeds.opml"):
        answer = client.get(quote(path))
        assert answer.headers["content-security-policy"].startswith(("sandbox;", "default-src"))
        assert answer.headers["x-content-type-options"] == "nosniff"
        for element in etree.fromstring(answer.content).iter():
            assert str(etree.QName(element).namespace) not in PAGES, (path, element.tag)
            texts.add(element.text or "")
    for text in texts:
        if "<" in text:
            watched.look_at(text, f"{site.url}/any/post/")
    for path in ("/feed.xml", "/atom.xml"):
        watched.page.goto(site.url + path)
    assert watched.faults == []


def test_a_list_that_a_browser_brings_runs_nothing(site: Site, watched: Watched) -> None:
    """In the names of its columns, in every cell, and in the name of its file."""
    lines = [" ".join(one.split()) for one in PAYLOADS]
    sheet = io.StringIO()
    writer = csv.writer(sheet)
    writer.writerow(("email", *COLUMNS, *lines[:3]))
    for number, line in enumerate(lines):
        writer.writerow((f"u{number}@example.com", *[line] * (len(COLUMNS) + 3)))
        writer.writerow((line, *[line] * (len(COLUMNS) + 3)))
    page = watched.page
    page.goto(f"{site.url}/desk/readers/lists")
    name = "\"'><svg onload=canary(0)>{{7*7}}\u202e.csv"
    file: FilePayload = {"name": name, "mimeType": "text/csv", "buffer": sheet.getvalue().encode()}
    page.select_option("#newsletter", "weekly")
    page.locator("input[type=file]").set_input_files([file])
    page.locator("form[enctype] button.main").click()
    expect(page.locator("main progress")).to_have_count(0)
    shown = page.inner_text("main")
    assert "svg onload" in shown
    assert "<script>canary" in shown
    watched.look_at(page.content(), page.url)
    assert watched.faults == []


def test_nothing_runs_of_what_a_provider_says(
    chromium: Browser, migrated_file: Path, tmp_path: Path
) -> None:
    """Bounces come in as callbacks, refusals as answers; most of their words are not kept."""
    (tmp_path / "var").mkdir()
    shutil.copyfile(migrated_file, tmp_path / "var" / "kawaraban.db")
    with open_poisoned_mailgun() as (mailgun, provider):
        house = furnish_with(tmp_path, provider)
        routes = list_routes(build_doors(house.app, host="127.0.0.1", scan_within=None))
        with open_door(house.app) as port, chromium.new_context() as context:
            with ThreadPoolExecutor(1) as beside_the_browser:
                beside_the_browser.submit(send_and_hear, house, mailgun, port).result()
            url = f"http://127.0.0.1:{port}"
            watched = watch(context, url, routes)
            path = urlsplit(make_link(house, Role.OWNER)).path
            entered = httpx.post(url + path, headers=OURS)
            cookie = entered.headers["set-cookie"].partition(";")[0]
            with httpx.Client(base_url=url, headers={"cookie": cookie}, timeout=60) as client:
                for page in list_pages_about_mail(len(house.list_editions())):
                    watched.look_at(client.get(page).text, url + page)
        house.app.close()
    assert watched.faults == []
    assert PAUSE in watched.text


def list_pages_about_mail(editions: int) -> Iterator[str]:
    yield from ("/desk", "/desk/editions", "/desk/readers", "/desk/readers/suppressions")
    yield from (f"/desk/editions/{number}" for number in range(1, editions + 1))
    yield from (f"/desk/readers/{number}" for number in range(1, READERS + 4))
    yield "/desk/settings/log"


# The last one: it may end the owner's session.
def test_answers_of_the_api_are_no_pages(site: Site) -> None:
    """All of it is JSON, whatever stands in it and whatever is asked."""
    token = make_token(site.house, tuple(Scope))
    headers = {"authorization": f"Bearer {token}"}
    with httpx.Client(base_url=site.url, headers=headers, timeout=60) as client:
        document = client.get("/api/v1/openapi.json").json()
        for path, operations in document["paths"].items():
            for part in ("1", "weekly", quote("<svg onload=canary(0)>", safe="")):
                address = "/api/v1" + re.sub(r"{\w+}", part, path)
                for method in operations:
                    body = None if method == "get" else {"name": pack()}
                    answer = client.request(method, address, params={"q": pack()}, json=body)
                    assert answer.status_code < 500, (method, address)
                    kind = answer.headers.get("content-type", "")
                    assert not kind.startswith(("text/html", "text/xml", "image/")), address
                    assert answer.headers["x-content-type-options"] == "nosniff", address
