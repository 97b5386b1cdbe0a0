"""One small publication on a real database, with three readers and a mail in the outbox."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import AsyncExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Connection, insert

from service.audience.exchange import ImportRow
from service.audience.tokens import KeyRing, Purpose, SigningKey, sign_link
from service.editions.render import MailRenderer
from service.membership import Register, import_readers
from service.model.feed import FeedSettings
from service.model.message import OutgoingBatch, Recipient
from service.model.newsletter import Cadence, Newsletter
from service.model.post import Author, Body, Post
from service.model.publication import Publication, Sender
from service.model.subscriber import SubscriptionState
from service.providers.outbox import OutboxProvider
from service.publishing import FeedPress, publish_feeds
from service.store.database import Database
from service.store.installation import open_installation, record_scan
from service.store.posts import insert_post
from service.store.subscribers import list_readers_at
from service.store.tables import files
from service.web.app import build_web
from service.web.parts import WebParts
from service.web.shelf import Shelf
from tests.fakes.lifespan import live

NOW = datetime(2025, 10, 20, 8, 0, tzinfo=UTC)
TEMPLATES = Path(__file__).parents[3] / "templates"
DATABASE = "kawaraban.db"
KEY = SigningKey("k1", b"a secret of thirty-two characters")
OTHER_KEY = SigningKey("k1", b"a stranger's secret of that size")

PUBLICATION = Publication(
    title="瓦版 <b>&だより",
    url="https://kawara.example",
    service_url="http://localhost:8000",
    description="江戸の町から、毎朝の便り。",
    language="ja",
    timezone="Asia/Tokyo",
    author="瓦版編集部",
)
SENDER = Sender(
    name="瓦版編集部",
    email="news@kawara.example",
    reply_to="news@kawara.example",
    postal_address="東京都",
    contact="news@kawara.example",
)
WEEKLY = Newsletter(
    "weekly",
    "週のまとめ",
    "ja",
    cadences=(Cadence.WEEKLY, Cadence.DAILY),
    send_at=time(8, 0),
)
POST = Post(
    post_id=1,
    uid="tag:kawara.example,2025:post/0001",
    path="2025-10-13-first.md",
    title="はじめての瓦版",
    url="https://kawara.example/2025/10/13/first/",
    summary="最初の一枚です。",
    language="ja",
    published_at=datetime(2025, 10, 13, 8, 0, tzinfo=UTC),
    updated_at=datetime(2025, 10, 13, 8, 0, tzinfo=UTC),
    first_seen_at=datetime(2025, 10, 13, tzinfo=UTC),
    changed_at=datetime(2025, 10, 13, tzinfo=UTC),
    seen_after_at=None,
    is_known=True,
    authors=(Author("葛飾 北斎"),),
    categories=("町のうわさ",),
    tags=("AI",),
    html_size=60,
    body_digest="1" * 64,
    text_digest="1" * 64,
)
NASTY = "<script>alert(1)</script>\"'>&"
POSTS = (
    POST,
    replace(
        POST,
        uid="tag:kawara.example,2025:post/0002",
        path="2025-10-14-second.md",
        title=f"火消しの纏 {NASTY}",
        url="https://kawara.example/2025/10/14/second/",
        summary=f"め組 {NASTY}",
        published_at=datetime(2025, 10, 14, 20, 0, tzinfo=UTC),
        categories=(NASTY,),
        tags=("ai", "ガジェット"),
        body_digest="2" * 64,
    ),
    replace(
        POST,
        uid="tag:kawara.example,2025:post/0003",
        path="2025-10-30-later.md",
        title="まだ先の話",
        url="https://kawara.example/2025/10/30/later/",
        published_at=datetime(2025, 10, 30, tzinfo=UTC),
        body_digest="3" * 64,
    ),
)
# It never changes, and reads each template once.
RENDERER = MailRenderer(TEMPLATES / "email")
READERS = {
    "active": SubscriptionState.ACTIVE,
    "pending": SubscriptionState.PENDING,
    "unsubscribed": SubscriptionState.UNSUBSCRIBED,
}


def ignore_wake(connection: Connection, batch_ids: Sequence[int]) -> None:
    """Nobody sends anything here."""


@dataclass(frozen=True)
class Browser:
    """Asks the web side as a client would, without a network and without following anything."""

    runner: asyncio.Runner
    client: httpx.AsyncClient

    def request(self, method: str, url: str, **options: Any) -> httpx.Response:  # noqa: ANN401
        return self.runner.run(self.client.request(method, url, **options))

    def get(self, url: str, **options: Any) -> httpx.Response:  # noqa: ANN401
        return self.request("GET", url, **options)

    def post(self, url: str, **options: Any) -> httpx.Response:  # noqa: ANN401
        return self.request("POST", url, **options)


@dataclass(frozen=True)
class House:
    """The parts of a running web side, and how to look behind it."""

    parts: WebParts

    def find_state(self, name: str) -> SubscriptionState:
        with self.parts.database.reading() as connection:
            return list_readers_at(connection, f"{name}@example.jp")[0].subscription.state

    def find_states(self) -> dict[str, SubscriptionState]:
        return {name: self.find_state(name) for name in READERS}

    def sign(self, purpose: Purpose, name: str, key: SigningKey = KEY) -> str:
        with self.parts.database.reading() as connection:
            reader = list_readers_at(connection, f"{name}@example.jp")[0]
        return sign_link(key, purpose, f"s{reader.subscription.subscription_id}")

    @contextmanager
    def open(
        self, client: tuple[str, int] = ("127.0.0.1", 50000), url: str = "http://localhost:8000"
    ) -> Iterator[Browser]:
        app = build_web(self.parts)
        transport = httpx.ASGITransport(app, client=client, raise_app_exceptions=False)
        stack = AsyncExitStack()
        with asyncio.Runner() as runner:
            runner.run(stack.enter_async_context(live(app)))
            opened = httpx.AsyncClient(transport=transport, base_url=url)
            runner.run(stack.enter_async_context(opened))
            try:
                yield Browser(runner, opened)
            finally:
                runner.run(stack.aclose())


Furnish = Callable[..., House]


@pytest.fixture(scope="session")
def furnished(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with database, published feeds and outbox, made once and copied for each test."""
    folder = tmp_path_factory.mktemp("house")
    parts = join(folder, Database(f"sqlite:///{folder / DATABASE}"))
    shutil.copyfile(migrated_file, folder / DATABASE)
    open_installation(parts.database)
    with parts.database.writing() as connection:
        for post in POSTS:
            insert_post(connection, post, Body(f"<p>{post.path}</p>", post.path))
        record_scan(connection, NOW)
        row = {"size": 1, "mtime_ns": 1, "digest": "", "rules_digest": "", "message": ""}
        connection.execute(insert(files).values(path="a.md", verdict="draft", code="", **row))
    publish_feeds(parts.database, parts.feeds, NOW)
    for name, state in READERS.items():
        rows = [ImportRow(address=f"{name}@example.jp", line=1)]
        import_readers(
            parts.database,
            parts.register,
            rows,
            newsletter_id="weekly",
            state=state,
            source="test",
            now=NOW,
        )
    write_mail(folder / "outbox")
    parts.database.close()
    return folder


class Cellar:
    """Databases that stay open from test to test, so that each statement is compiled once."""

    def __init__(self, folder: Path, furnished: Path) -> None:
        self._folder = folder
        self._furnished = furnished
        self._opened: list[Database] = []

    def take(self, number: int) -> Database:
        """The database of a test's first house, its second and so on, as it is furnished."""
        if number == len(self._opened):
            self._opened.append(Database(f"sqlite:///{self._folder}/{number}.db"))
        database = self._opened[number]
        with (
            closing(sqlite3.connect(self._furnished / DATABASE)) as source,
            closing(database.engine.raw_connection()) as target,
        ):
            source.backup(target.driver_connection)  # type: ignore[arg-type]
        return database

    def close(self) -> None:
        for database in self._opened:
            database.close()


@pytest.fixture(scope="session")
def cellar(furnished: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cellar]:
    with closing(Cellar(tmp_path_factory.mktemp("cellar"), furnished)) as cellar:
        yield cellar


@pytest.fixture
def furnish(furnished: Path, cellar: Cellar, tmp_path: Path) -> Furnish:
    """Builds a house of its own; named parts replace the usual ones."""
    numbers = count()

    def build(**changes: object) -> House:
        number = next(numbers)
        folder = tmp_path / f"house{number}"
        shutil.copytree(
            furnished,
            folder,
            copy_function=shutil.copyfile,
            ignore=shutil.ignore_patterns(f"{DATABASE}*"),
        )
        parts = join(folder, cellar.take(number))
        return House(replace(parts, **changes))  # type: ignore[arg-type]

    return build


@pytest.fixture
def house(furnish: Furnish) -> House:
    return furnish()


@pytest.fixture(scope="session")
def shared_house(furnished: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house for tests that only look; it is the same for all of them."""
    folder = tmp_path_factory.mktemp("shared") / "house"
    shutil.copytree(furnished, folder, copy_function=shutil.copyfile)
    house = House(join(folder, Database(f"sqlite:///{folder / DATABASE}")))
    yield house
    house.parts.database.close()


@pytest.fixture(scope="session")
def shared(shared_house: House) -> Iterator[Browser]:
    """Its web side, which runs."""
    with shared_house.open() as client:
        yield client


@pytest.fixture
def client(house: House) -> Iterator[Browser]:
    with house.open() as client:
        yield client


def join(folder: Path, database: Database) -> WebParts:
    register = Register(
        publication=PUBLICATION,
        sender=SENDER,
        newsletters={"weekly": WEEKLY},
        key_ring=KeyRing(KEY),
        renderer=RENDERER,
        account="outbox",
        installation="test",
        wake=ignore_wake,
    )
    return WebParts(
        database=database,
        register=register,
        feeds=FeedPress(PUBLICATION, FeedSettings(), folder / "public", shows_future=False),
        shelf=Shelf(folder / "public"),
        templates=TEMPLATES,
        outbox=folder / "outbox",
        clock=lambda: NOW,
        is_loopback_only=True,
        scan_within=timedelta(minutes=5),
    )


def write_mail(folder: Path) -> None:
    batch = OutgoingBatch(
        key="kb-test-1",
        sender=SENDER,
        subject=f"十月の便り {NASTY}",
        html="<!doctype html><html><head></head><body>本文<script>alert(1)</script></body></html>",
        text=f"本文 {NASTY}",
        headers=(("List-Id", "<weekly.kawara.example>"),),
        recipients=(Recipient(7, "active@example.jp", {}),),
        dated_at=NOW,
    )
    provider = OutboxProvider(folder)
    provider.send(provider.prepare(batch), total_for=timedelta(minutes=1), ready=lambda: None)
