from __future__ import annotations

from html import unescape
from pathlib import Path

import pytest

from service.web.security import PRIVATE
from tests.unit.web.conftest import NASTY, Browser, Furnish, House

MAIL = "/desk/outbox/kb-test-1/7.eml"
PAGES = ("/desk/outbox", MAIL, f"{MAIL}/html")


def test_the_list_shows_each_mail_with_subject_reader_time_and_size(shared: Browser) -> None:
    page = shared.get("/desk/outbox")
    assert page.status_code == 200
    assert f"十月の便り {NASTY}" in unescape(page.text)
    assert "<script" not in page.text
    for text in ("active@example.jp", "2025年10月20日 17:00", "1 KB", f'href="{MAIL}"'):
        assert text in page.text


def test_a_mail_shows_its_headers_and_its_html_in_a_frame_that_can_do_nothing(
    shared: Browser,
) -> None:
    page = shared.get(MAIL).text
    assert "&lt;weekly.kawara.example&gt;" in page
    assert f'src="{MAIL}/html"' in page
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in page
    assert "<script" not in page


def test_the_frame_holds_the_mail_as_sent_and_forbids_it_everything(shared: Browser) -> None:
    answer = shared.get(f"{MAIL}/html")
    assert "本文<script>alert(1)</script>" in answer.text
    assert '<head><base target="_blank">' in answer.text
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("sandbox allow-popups allow-popups-to-escape-sandbox; ")
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'self'" in policy
    for too_much in ("allow-scripts", "allow-same-origin", "script-src", "allow-forms"):
        assert too_much not in policy


@pytest.mark.parametrize(
    ("view", "shown", "frames"),
    [
        ("desk", 'class="mail-frame desk"', 1),
        ("phone", 'class="mail-frame phone"', 1),
        ("text", "本文 &lt;script&gt;", 0),
        ("source", "Content-Transfer-Encoding: base64", 0),
        ("nonsense", 'class="mail-frame desk"', 1),
    ],
)
def test_a_mail_can_be_looked_at_in_four_ways(
    shared: Browser, view: str, shown: str, frames: int
) -> None:
    page = shared.get(MAIL, params={"view": view}).text
    assert shown in page
    assert page.count("<iframe") == frames
    assert page.count('aria-current="page"') == 1
    assert "<script" not in page


@pytest.mark.parametrize(
    "path",
    [
        "/desk/outbox/kb-test-1/8.eml",
        "/desk/outbox/kb-test-1/7.txt",
        "/desk/outbox/../kawaraban.db",
        "/desk/outbox/%2e%2e/7.eml",
        "/desk/outbox/..%2f..%2fkawaraban.db/html",
        "/desk/outbox/none/7.eml/html",
        "/desk/outbox/kb-test-1/7.eml/other",
        "/desk/",
    ],
)
def test_there_is_nothing_in_the_outbox_but_mail(shared: Browser, path: str) -> None:
    assert shared.get(path).status_code == 404


def test_a_mail_without_html_says_so(client: Browser, house: House) -> None:
    folder = house.parts.outbox or Path()
    (folder / "kb-test-1" / "9.eml").write_bytes(b"Subject: x\nDate: y\n\ntext alone")
    assert "text alone" in client.get("/desk/outbox/kb-test-1/9.eml?view=text").text
    assert client.get("/desk/outbox/kb-test-1/9.eml/html").status_code == 404


@pytest.mark.parametrize("peer", ["127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1"])
def test_this_machine_may_look(house: House, peer: str) -> None:
    with house.open((peer, 50000)) as client:
        assert {client.get(page).status_code for page in PAGES} == {200}


@pytest.mark.parametrize(
    "peer", ["192.0.2.7", "10.0.0.1", "2001:db8::1", "::ffff:10.0.0.1", "unix", ""]
)
def test_nobody_else_may_whatever_they_say_of_themselves(house: House, peer: str) -> None:
    claims = {"x-forwarded-for": "127.0.0.1", "forwarded": "for=127.0.0.1", "x-real-ip": "::1"}
    with house.open((peer, 50000)) as client:
        for page in PAGES:
            assert client.get(page).status_code == 404
            assert client.get(page, headers=claims).status_code == 404


@pytest.mark.parametrize(
    "header", ["x-forwarded-for", "forwarded", "x-real-ip", "via", "x-forwarded-host"]
)
def test_what_a_proxy_on_this_machine_passes_on_is_not_from_this_machine(
    shared: Browser, header: str
) -> None:
    for page in PAGES:
        assert shared.get(page, headers={header: "127.0.0.1"}).status_code == 404


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "10.0.0.1:8000", "x@y"])
def test_a_strange_name_that_points_here_opens_nothing(shared: Browser, host: str) -> None:
    for page in PAGES:
        assert shared.get(page, headers={"host": host}).status_code == 404


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1:8000", "[::1]:8000", "a.localhost"])
def test_this_machine_may_be_called_by_any_of_its_names(shared: Browser, host: str) -> None:
    assert shared.get("/desk/outbox", headers={"host": host}).status_code == 200


@pytest.mark.parametrize("changes", [{"outbox": None}, {"is_loopback_only": False}])
def test_there_is_no_outbox_when_mail_or_readers_are_real(
    furnish: Furnish, changes: dict[str, object]
) -> None:
    with furnish(**changes).open() as client:
        assert {client.get(page).status_code for page in PAGES} == {404}


def test_an_empty_outbox_says_so(furnish: Furnish, tmp_path: Path) -> None:
    with furnish(outbox=tmp_path / "none").open() as client:
        assert "まだメールはありません。" in client.get("/desk/outbox").text


def test_mail_is_kept_by_nobody_on_the_way(shared: Browser) -> None:
    for page in PAGES:
        headers = shared.get(page).headers
        assert {name: headers[name] for name in PRIVATE} == dict(PRIVATE)
