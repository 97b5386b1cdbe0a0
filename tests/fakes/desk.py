"""People at the desk of a House: signed in by the real link, pressing real forms."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
from starlette.types import ASGIApp

from service.app import build_doors
from service.model.editor import COMMAND, Role
from service.staff import add_editor, print_sign_in_link
from service.web.desk.parts import DeskParts
from service.web.desk.visits import make_csrf
from tests.fakes.house import House
from tests.fakes.lifespan import live

ADDRESSES = {role: f"{role}@desk.example" for role in Role}


@dataclass
class Person:
    """Somebody's browser: it keeps cookies, and sends forms as pages have them."""

    runner: asyncio.Runner
    client: httpx.AsyncClient
    csrf: str = ""

    def get(self, path: str, **options: Any) -> httpx.Response:  # noqa: ANN401
        return self.runner.run(self.client.get(path, **options))

    def press(self, path: str, **fields: Any) -> httpx.Response:  # noqa: ANN401
        """Send a form of the desk; lists are fields that come several times."""
        return self.post(path, data={"csrf": self.csrf, **fields})

    def post(self, path: str, **options: Any) -> httpx.Response:  # noqa: ANN401
        headers = {"sec-fetch-site": "same-origin", **options.pop("headers", {})}
        return self.runner.run(self.client.post(path, headers=headers, **options))

    def sign_in(self, url: str) -> None:
        """Press the button of a link."""
        path = url.removeprefix("http://localhost:8000")
        entered = self.post(path)
        assert entered.status_code == 303, entered.text
        self.csrf = make_csrf(self.client.cookies["kawaraban-desk"])


@dataclass(frozen=True)
class OpenDesk:
    """A running web side with a person of each role at it."""

    house: House
    runner: asyncio.Runner
    app: ASGIApp
    stack: AsyncExitStack

    def meet(self, role: Role | None = Role.OWNER) -> Person:
        """Somebody of this role, signed in; None: a stranger."""
        transport = httpx.ASGITransport(
            self.app, client=("203.0.113.7", 50000), raise_app_exceptions=False
        )
        client = httpx.AsyncClient(transport=transport, base_url="http://localhost:8000")
        self.runner.run(self.stack.enter_async_context(client))
        person = Person(self.runner, client)
        if role is not None:
            person.sign_in(make_link(self.house, role))
        return person


def make_link(house: House, role: Role) -> str:
    """A link that signs the person of this role in, as the command prints it."""
    works = house.app.works
    add_editor(works.database, ADDRESSES[role], str(role), role, works.clock(), by=COMMAND)
    reception = DeskParts(works, house.site / "var" / "uploads").reception
    now = works.clock()
    return print_sign_in_link(works.database, reception, ADDRESSES[role], now, by=COMMAND)


@contextmanager
def open_desk(house: House) -> Iterator[OpenDesk]:
    """The doors of a house, as its server opens them."""
    app = build_doors(house.app, host="127.0.0.1", scan_within=timedelta(minutes=5))
    stack = AsyncExitStack()
    with asyncio.Runner() as runner:
        runner.run(stack.enter_async_context(live(app)))
        try:
            yield OpenDesk(house, runner, app, stack)
        finally:
            runner.run(stack.aclose())
