from __future__ import annotations

import asyncio
from typing import Any

import pytest

from service.web.security import Hardened

from .conftest import Browser, House

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data: https:; media-src 'self' https:; "
    "form-action 'self'; frame-src 'self'; base-uri 'none'; frame-ancestors 'none'"
)
SCRIPTED = f"{POLICY}; script-src 'self'"
PATHS = ("/", "/tag/AI/", "/nowhere", "/confirm/x", "/desk/outbox", "/healthz", "/readyz")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "OPTIONS"])
def test_every_answer_carries_the_headers_of_the_house(
    shared: Browser, path: str, method: str
) -> None:
    headers = shared.request(method, path).headers
    is_scripted = path in ("/", "/tag/AI/") and method in ("GET", "HEAD")
    assert headers["content-security-policy"] == (SCRIPTED if is_scripted else POLICY)
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["referrer-policy"] == "no-referrer"
    assert "set-cookie" not in headers
    assert "server" not in headers


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json", "/api/v1/openapi.json"])
def test_no_page_describes_the_inside(shared: Browser, path: str) -> None:
    assert shared.get(path).status_code == 404


def test_a_feed_is_served_in_front_of_everything(shared: Browser) -> None:
    answer = shared.get("/feed.xml")
    assert answer.headers["content-type"] == "application/rss+xml; charset=utf-8"
    assert shared.post("/feed.xml").status_code == 405


def test_a_mistake_of_ours_is_a_plain_page(client: Browser, house: House) -> None:
    with house.parts.database.writing() as connection:
        connection.exec_driver_sql("DELETE FROM installation")
    answer = client.get("/metrics")
    assert answer.status_code == 500
    assert "こちらで問題が起きました" in answer.text
    for inside in ("Traceback", "NoResultFound", "sqlalchemy", ".py"):
        assert inside not in answer.text
    assert answer.headers["content-security-policy"] == POLICY


def test_a_database_that_does_not_answer_is_waited_for(client: Browser, house: House) -> None:
    with house.parts.database.writing() as connection:
        connection.exec_driver_sql("ALTER TABLE installation RENAME TO elsewhere")
    answer = client.get("/metrics")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")
    assert "少々お待ちください" in answer.text


def test_a_method_that_a_page_does_not_know_is_refused_in_words(shared: Browser) -> None:
    answer = shared.post("/")
    assert answer.status_code == 405
    assert "GET" in answer.headers["allow"]
    assert "その操作はできません" in answer.text


@pytest.mark.parametrize(
    ("length", "status"), [("65537", 413), ("9" * 400, 413), ("-1", 413), ("x", 413), ("0", 404)]
)
def test_a_body_that_says_it_is_too_large_is_not_waited_for(
    shared: Browser, length: str, status: int
) -> None:
    answer = shared.get("/nowhere", headers={"content-length": length})
    assert answer.status_code == status


def test_what_is_no_request_passes_untouched() -> None:
    seen: list[Any] = []

    async def note(*given: object) -> None:
        seen.append(given)

    async def never() -> Any:  # noqa: ANN401
        raise AssertionError

    async def also_never(_: object) -> None:
        raise AssertionError

    asyncio.run(Hardened(note)({"type": "lifespan"}, never, also_never))
    assert seen == [({"type": "lifespan"}, never, also_never)]
