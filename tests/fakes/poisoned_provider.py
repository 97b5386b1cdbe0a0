"""A House whose mail leaves through a Mailgun that answers, and calls back, with what would run."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from service.delivery.by_hand import ByHand
from service.engine.works import deliver_due
from service.model.editor import COMMAND
from service.sending import send_by_hand
from tests.fakes.house import WEEKLY, House
from tests.fakes.http_provider import open_server
from tests.fakes.mailgun import API_KEY, FakeMailgun
from tests.fakes.office import WEBHOOK_KEY, compose_callback, post
from tests.fakes.payloads import PAYLOADS

PAUSE = "⟦pause⟧"
"""What stands before the words that paused the account."""

READERS = 24
_TABLE = '[provider]\nkind = "mailgun"\ndomain = "example.jp"\nbase_url = "{url}"\n'
_ENVIRONMENT = {"KAWARABAN_PROVIDER_API_KEY": API_KEY, "KAWARABAN_WEBHOOK_SECRET": WEBHOOK_KEY}


@contextmanager
def open_poisoned_mailgun() -> Iterator[tuple[FakeMailgun, str]]:
    """A Mailgun, and where it is reached."""
    mailgun = FakeMailgun()
    server = open_server(mailgun)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield mailgun, f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def furnish_with(folder: Path, url: str) -> House:
    """A house over a migrated database in `folder`, with so many readers and three posts."""
    house = House(folder, WEEKLY + _TABLE.format(url=url), _ENVIRONMENT)
    settings = folder / "kawaraban.toml"
    written = settings.read_text("utf-8").replace("http://localhost", "https://localhost")
    settings.write_text(written, encoding="utf-8")
    house.restart()
    # Callbacks are signed by the machine's clock.
    house.clock.now = datetime.now(UTC)
    for name in ("one", "two", "three"):
        house.write(name, house.clock.now - timedelta(days=1))
    house.tick(house.clock.now)
    house.add_readers(*(f"r{number}@example.com" for number in range(READERS)))
    return house


def send_and_hear(house: House, mailgun: FakeMailgun, port: int) -> None:
    """An edition that bounces everywhere, one that is refused, one that pauses the account."""
    send(house, "one")
    for body in list_bounces(mailgun):
        assert post(port, "/hooks/mailgun", body, "application/json") == 200
    house.add_readers(*(f"late{number}@example.com" for number in range(3)))
    for payload in PAYLOADS[100:104]:
        said = {"message": f"'to' parameter is not a valid address {payload}"}
        mailgun.ledger.script.append({"status": 400, "json": said})
    send(house, "two")
    said = {"message": f"Domain is not allowed to send: {PAUSE}{PAYLOADS[0]}"}
    mailgun.ledger.script[:] = [{"status": 400, "json": said}]
    send(house, "three")


def send(house: House, name: str) -> None:
    works = house.app.works
    asked = ByHand("weekly", name, posts=(f"{name}.md",))
    send_by_hand(works.database, works.press, asked, house.clock.now, by=COMMAND)
    house.clock.advance(seconds=1)
    deliver_due(works)


def list_bounces(mailgun: FakeMailgun) -> Iterator[bytes]:
    """Every one of the mails came back, each with another payload in each text."""
    fields = dict(mailgun.ledger.requests[-1]["fields"])
    rows = json.loads(fields["recipient-variables"])
    step = len(PAYLOADS) // READERS
    for number, (address, values) in enumerate(rows.items()):
        text = " ".join(PAYLOADS[number * step :][:3])
        code = text if number % 2 else 550
        status = {"code": code, "message": text, "description": text, "enhanced-code": text}
        told = {
            "reason": "bounce" if number % 3 else text,
            "severity": "permanent",
            "delivery-status": status,
        }
        yield compose_callback(fields["v:batch"], values["r"], address, "failed", **told)
