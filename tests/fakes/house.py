"""A whole Kawaraban in a temporary folder: real files, real roads, mail laid down as files."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from email.parser import BytesHeaderParser
from pathlib import Path

from service.app import App, build_app
from service.audience.exchange import ImportRow
from service.config import load_config
from service.engine.works import PassReport, deliver_due, freeze_between_passes, run_pass
from service.membership import import_readers
from service.model.delivery import Accounting
from service.model.edition import Edition
from service.model.subscriber import SubscriptionState
from service.store.accounting import count_deliveries
from service.store.editions import list_editions
from service.store.posts import find_post
from tests.fakes.world import HandClock

TOKYO = timezone(timedelta(hours=9))
MONDAY = datetime(2025, 10, 13, 8, tzinfo=TOKYO)

_HEAD = """
[publication]
title = "試験新聞"
url = "https://example.jp"
language = "ja"
timezone = "Asia/Tokyo"
[content]
path = "posts"
generator = "generic"
[service]
url = "http://localhost:8000"
[sender]
name = "編集部"
email = "news@example.jp"
reply_to = "news@example.jp"
postal_address = "東京都"
contact = "https://example.jp/contact"
[[newsletters]]
id = "weekly"
title = "ウィークリー"
"""


class House:
    """A site with its posts and readers, ticked as of any instant."""

    def __init__(
        self, site: Path, newsletter: str, environment: Mapping[str, str] | None = None
    ) -> None:
        self.site = site
        self._environment = environment or {}
        (site / "posts").mkdir(parents=True, exist_ok=True)
        (site / "kawaraban.toml").write_text(_HEAD + newsletter, encoding="utf-8")
        self.clock = HandClock(MONDAY)
        self.app = self._build()

    def restart(self) -> None:
        """The same folder under a new process's eyes."""
        self.app.close()
        self.app = self._build()

    def write(
        self, name: str, date: datetime, *, title: str = "", body: str = "", front: str = ""
    ) -> None:
        """A post whose file was written at the clock's time."""
        text = body or f"これは{name}の本文です。" + f"{name}について詳しく述べる。" * 30
        path = self.site / "posts" / f"{name}.md"
        path.write_text(
            f"---\ntitle: {title or '記事' + name}\ndate: {date.isoformat()}\n{front}---\n{text}\n",
            encoding="utf-8",
        )
        stamp = self.clock.now.timestamp()
        os.utime(path, (stamp, stamp))

    def add_readers(self, *addresses: str, **choices: object) -> None:
        rows = [
            ImportRow(address=address, line=line, **choices)  # type: ignore[arg-type]
            for line, address in enumerate(addresses, start=1)
        ]
        import_readers(
            self.app.works.database,
            self.app.works.register,
            rows,
            newsletter_id="weekly",
            state=SubscriptionState.ACTIVE,
            source="test",
            now=self.clock.now,
        )

    def tick(self, at: datetime) -> PassReport:
        """One pass as of an instant, and everything sent that may leave."""
        self.clock.now = at
        report = run_pass(self.app.works, at)
        deliver_due(self.app.works)
        return report

    def go_on(self) -> None:
        """What the clock and its deliveries do in the moment after a word at the desk."""
        freeze_between_passes(self.app.works, self.clock.now)
        deliver_due(self.app.works)

    def list_editions(self) -> list[Edition]:
        with self.app.works.database.reading() as connection:
            return list_editions(connection)

    def count(self, edition: Edition) -> Accounting:
        with self.app.works.database.reading() as connection:
            return count_deliveries(connection, edition.edition_id)

    def find_post_id(self, name: str) -> int:
        with self.app.works.database.reading() as connection:
            post = find_post(connection, f"{name}.md")
        assert post is not None
        return post.post_id

    def list_mail(self) -> list[EmailMessage]:
        """Every mail laid down, editions only, oldest first."""
        found = []
        for path, head in self._read_heads():
            if head["List-Id"]:
                mail = message_from_bytes(path.read_bytes(), policy=policy.default)
                assert isinstance(mail, EmailMessage)
                found.append(mail)
        return found

    def count_mail(self) -> Counter[str]:
        """How many mails went to each address."""
        return Counter(
            str(head["To"]).strip("<>") for _, head in self._read_heads() if head["List-Id"]
        )

    def read_posts(self, address: str) -> list[str]:
        """The posts each mail to this address showed, by the paths in their links."""
        shown = []
        for mail in self.list_mail():
            if address in str(mail["To"]):
                body = mail.get_body(("plain",))
                assert body is not None
                shown += [
                    line.strip().removeprefix("https://example.jp/").strip("/").split("/")[-1]
                    for line in body.get_content().splitlines()
                    if line.strip().startswith("https://example.jp/") and "contact" not in line
                ]
        return shown

    def _read_heads(self) -> Iterator[tuple[Path, Message]]:
        """What stands above each mail; to read a thousand of them whole takes seconds."""
        for path in sorted((self.site / "var" / "outbox").glob("*/*.eml")):
            with path.open("rb") as file:
                yield path, BytesHeaderParser().parse(file)

    def _build(self) -> App:
        built = build_app(load_config(self.site / "kawaraban.toml", self._environment))
        return replace(built, works=replace(built.works, clock=self.clock))


WEEKLY = 'cadences = ["weekly"]\nweekday = "mon"\nsend_at = "08:00"\n'
