"""A whole Kawaraban at work: real time, pages behind a socket, commands, mail through Mailgun."""

from __future__ import annotations

import hashlib
import hmac
import json
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import uvicorn
from click.testing import CliRunner
from sqlalchemy import text

from service.app import App, build_app, build_doors
from service.audience.exchange import ImportRow
from service.cli import main
from service.config import load_config
from service.delivery.by_hand import ByHand
from service.engine.embedded import Deliveries
from service.membership import import_readers
from service.model.delivery import Accounting
from service.model.edition import Edition
from service.model.editor import COMMAND
from service.model.subscriber import SubscriptionState
from service.scanning import scan_posts
from service.sending import send_by_hand
from service.store.accounting import count_deliveries
from service.store.editions import find_edition
from tests.fakes.harbour import HARBOUR
from tests.fakes.mailgun import API_KEY, FakeMailgun
from tests.fakes.waiting import wait_until

WEBHOOK_KEY = "the-signing-key-of-webhooks"
NAMES = ("fune", "hashi", "minato", "kaze")
_PROVIDER = """[provider]
kind = "mailgun"
domain = "minato.example"
base_url = "{url}"
"""


class Office:
    """One site and its Mailgun; each App that is opened is like another process over them.

    `ahead` is how far their clocks run ahead of the machine's.
    """

    def __init__(
        self, folder: Path, environment: Mapping[str, str], mailgun: FakeMailgun, url: str
    ) -> None:
        self.mailgun = mailgun
        self.ahead = timedelta(0)
        self._folder = folder
        self._environment = {
            "KAWARABAN_PROVIDER_API_KEY": API_KEY,
            "KAWARABAN_WEBHOOK_SECRET": WEBHOOK_KEY,
            "KAWARABAN_SECRET_KEY": "office" * 8,
            **environment,
        }
        (folder / "posts").mkdir()
        (folder / "kawaraban.toml").write_text(
            (HARBOUR + _PROVIDER).format(url=url), encoding="utf-8"
        )
        for name in NAMES:
            head = f"---\ntitle: {name}の話\ndate: 2026-01-05 09:00:00 +0900\n---\n"
            (folder / "posts" / f"{name}.md").write_text(f"{head}本文です。\n", encoding="utf-8")
        self._opened: list[App] = []
        self.app = self.open_app()
        scan_posts(self.app.works.database, self.app.works.scan, self.read_clock())

    def read_clock(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def move_on(self, **step: float) -> None:
        self.ahead += timedelta(**step)

    def open_app(self, batch_limit: int = 25) -> App:
        """Everything joined once more, with connections of its own."""
        app = build_app(load_config(self._folder / "kawaraban.toml", self._environment))
        press = app.works.press
        smaller = replace(press.capabilities, batch_limit=batch_limit)
        works = replace(
            app.works, press=replace(press, capabilities=smaller), clock=self.read_clock
        )
        self._opened.append(replace(app, works=works))
        return self._opened[-1]

    def close(self) -> None:
        for app in self._opened:
            app.close()

    def run(self, *words: str) -> tuple[int, Any]:
        """A command, its exit status and the document it reports."""
        config = str(self._folder / "kawaraban.toml")
        unset = dict.fromkeys(("DATABASE_URL", "PORT"))
        arguments = ["--config", config, *words, "--json"]
        done = CliRunner(env={**unset, **self._environment}).invoke(main, arguments)
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done.exit_code, json.loads(done.stdout) if done.stdout else done.stderr

    def add_readers(self, *addresses: str) -> dict[str, int]:
        """Subscribe them; the number of each one's subscription."""
        import_readers(
            self.app.works.database,
            self.app.works.register,
            [ImportRow(address=one, line=line) for line, one in enumerate(addresses, 1)],
            newsletter_id="weekly",
            state=SubscriptionState.ACTIVE,
            source="test",
            now=self.read_clock(),
        )
        query = (
            "SELECT address, subscription_id FROM subscribers "
            "JOIN subscriptions ON subscriptions.subscriber_id = subscribers.subscriber_id"
        )
        return {row[0]: row[1] for row in self.ask(query)}

    def write_sheet(self, *addresses: str) -> str:
        """A sheet with these readers; its path."""
        sheet = self._folder / "readers.csv"
        sheet.write_text("\n".join(("email", *addresses, "")), encoding="utf-8")
        return str(sheet)

    def plan(self, name: str, app: App | None = None, key: str = "") -> Edition:
        """An edition by hand with one post, frozen; nothing of it has left."""
        works = (app or self.app).works
        asked = ByHand("weekly", key or name, posts=(f"{name}.md",))
        return send_by_hand(works.database, works.press, asked, self.read_clock(), by=COMMAND)

    def find(self, edition: Edition) -> Edition:
        with self.app.works.database.reading() as connection:
            return find_edition(connection, edition.edition_id)

    def count(self, edition: Edition) -> Accounting:
        with self.app.works.database.reading() as connection:
            return count_deliveries(connection, edition.edition_id)

    def ask(self, statement: str, **values: object) -> list[Any]:
        """The rows that a query gives."""
        with self.app.works.database.reading() as connection:
            return list(connection.execute(text(statement), values).all())

    def count_mail(self) -> Counter[str]:
        """How many mails Mailgun ever had for each address."""
        with self.mailgun.ledger.lock:
            return Counter(mail["to"] for mail in self.mailgun.ledger.mails)

    def find_alarms(self) -> list[str]:
        """What `doctor` says of the ledger and of the count when they are not well."""
        found = self.run("doctor")[1]["found"]
        about = [one for one in found if one["about"] in {"ledger", "accounting", "schema"}]
        assert len(about) >= 3
        return [one["says"] for one in about if not one["is_well"]]


@contextmanager
def sending(app: App, workers: int = 4) -> Iterator[None]:
    """Deliveries run as in `kawaraban up`."""
    deliveries = Deliveries(app.works, app.wake_up, workers)
    deliveries.start()
    try:
        yield
    finally:
        deliveries.stop()


@contextmanager
def open_door(app: App, port: int = 0) -> Iterator[int]:
    """The pages as `kawaraban web` serves them; their port on 127.0.0.1, this one or any."""
    doors = build_doors(app, host="127.0.0.1", scan_within=None)
    config = uvicorn.Config(doors, lifespan="on", log_config=None, access_log=False)
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", port), backlog=256) as door:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [door]})
        thread.start()
        try:
            wait_until(lambda: server.started, "the pages are served")
            yield int(door.getsockname()[1])
        finally:
            server.should_exit = True
            thread.join()


def post(port: int, path: str, body: bytes, content_type: str) -> int:
    """Post to a door; the status that it answers."""
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("POST", path, body, {"Content-Type": content_type})
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()


def compose_callback(key: str, row_id: int, address: str, event: str, **more: object) -> bytes:
    """What Mailgun posts to its webhook, signed."""
    timestamp = str(int(time.time()))
    told = {"event": event, "recipient": address, "timestamp": time.time(), **more}
    told["user-variables"] = {"batch": key, "row": row_id}
    token = hashlib.sha256(repr(told).encode()).hexdigest()[:50]
    mac = hmac.new(WEBHOOK_KEY.encode(), (timestamp + token).encode(), hashlib.sha256)
    signature = {"timestamp": timestamp, "token": token, "signature": mac.hexdigest()}
    return json.dumps({"signature": signature, "event-data": told}).encode()
