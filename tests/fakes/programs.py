"""Programs that use the API of a House, through its real doors."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from starlette.types import ASGIApp

from service.app import build_doors
from service.model.editor import COMMAND, Scope
from service.staff import issue_token
from tests.fakes.house import House

ROOT = "/api/v1"


@dataclass(frozen=True)
class Program:
    """Somebody's program; without a token it shows none."""

    runner: asyncio.Runner
    client: httpx.AsyncClient
    token: str = ""

    def ask(self, method: str, path: str, **options: Any) -> httpx.Response:  # noqa: ANN401
        """Send a request to an address below /api/v1."""
        headers = {"authorization": f"Bearer {self.token}"} if self.token else {}
        headers |= options.pop("headers", {})
        sent = self.client.request(method, ROOT + path, headers=headers, **options)
        return self.runner.run(sent)

    def get(self, path: str, **query: Any) -> Any:  # noqa: ANN401
        """What is there, read."""
        answer = self.ask("GET", path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def do(self, method: str, path: str, body: object = None, **options: Any) -> Any:  # noqa: ANN401
        """What came of it, read; None where there is nothing to read."""
        answer = self.ask(method, path, json=body, **options)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None


@dataclass(frozen=True)
class OpenApi:
    """The doors of a house, and programs before them."""

    house: House
    runner: asyncio.Runner
    app: ASGIApp

    def meet(self, scopes: Iterable[Scope] = tuple(Scope)) -> Program:
        """A program with a token for these scopes; without any it has none."""
        chosen: Collection[Scope] = tuple(scopes)
        transport = httpx.ASGITransport(
            self.app, client=("203.0.113.7", 50000), raise_app_exceptions=False
        )
        client = httpx.AsyncClient(transport=transport, base_url="http://localhost:8000")
        return Program(self.runner, client, make_token(self.house, chosen) if chosen else "")


def list_operations(api: OpenApi) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every method and path of the OpenAPI document, with an address that fits."""
    paths = api.meet(()).get("/openapi.json")["paths"]
    for path, operations in paths.items():
        filled = re.sub(r"{newsletter}", "weekly", path)
        for method, operation in operations.items():
            yield method.upper(), re.sub(r"{\w+}", "4711", filled), operation


def make_token(house: House, scopes: Iterable[Scope]) -> str:
    """A token as the command makes it."""
    works = house.app.works
    name = "a program of " + ", ".join(scopes)
    _, token = issue_token(works.database, name, scopes, by=COMMAND, now=works.clock())
    return token


@contextmanager
def open_api(house: House) -> Iterator[OpenApi]:
    """The doors of a house, without what keeps its pages fresh."""
    app = build_doors(house.app, host="127.0.0.1", scan_within=None)
    with asyncio.Runner() as runner:
        yield OpenApi(house, runner, app)
