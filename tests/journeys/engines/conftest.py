"""Both engines behind one fixture: what the embedded one promises, the distributed one keeps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Protocol

import pytest
from sqlalchemy import text

from service.app import build_app
from service.config import load_config
from service.delivery.freeze import freeze_edition
from service.delivery.mailbag import Mailbag
from service.engine.distributed import Workers
from service.engine.embedded import Deliveries, WakeUp
from service.engine.waking import JobWake, Waking
from service.engine.works import Works
from service.model.edition import EditionState
from service.store.clock import find_clock
from service.store.database import Database
from service.store.editions import find_edition
from service.store.installation import open_installation
from service.store.migrate import migrate
from service.store.wake import Wake
from tests.fakes.provider import ProgrammedProvider
from tests.fakes.waiting import wait_until
from tests.fakes.world import (
    NOON,
    WEEKLY,
    add_news,
    add_readers,
    freeze_with,
    number_readers,
    open_edition,
)

BATCH = 10


class Engine(Protocol):
    """What runs deliveries."""

    def start(self) -> None: ...
    def stop(self) -> None: ...


@dataclass
class Plant:
    """One engine over one database; everything started is stopped when the test ends."""

    works: Works
    provider: ProgrammedProvider
    wake: Wake
    build: Callable[[Works], list[Engine]]
    running: list[Engine] = field(default_factory=list)

    def plan(self, readers: int, wakes: int = 1) -> int:
        """Freeze an edition for so many readers; its id."""
        database = self.works.database
        add_readers(database, number_readers(readers))
        add_news(database, 1)
        opened = open_edition(database, "2025-10-13")

        def wake(connection: object, batch_ids: object) -> None:
            for _ in range(wakes):
                self.wake(connection, batch_ids)  # type: ignore[arg-type]

        freezing = freeze_with(BATCH, wake)
        return freeze_edition(database, opened, WEEKLY, freezing, NOON).edition_id

    def start(self) -> None:
        engines = self.build(self.works)
        self.running += engines
        for engine in engines:
            engine.start()

    def stop(self) -> None:
        while self.running:
            self.running.pop().stop()

    def find_state(self, edition_id: int) -> EditionState:
        with self.works.database.reading() as connection:
            return find_edition(connection, edition_id).state

    def wait_for(self, edition_id: int) -> None:
        """Return once everybody's mail was accepted."""
        wait_until(
            lambda: self.find_state(edition_id) is EditionState.FINISHED, "the edition is finished"
        )


@pytest.fixture(scope="session")
def bare_works(tmp_path_factory: pytest.TempPathFactory) -> Works:
    """Works whose database and mailbag are still to be exchanged."""
    folder = tmp_path_factory.mktemp("works")
    config = folder / "kawaraban.toml"
    config.write_text(
        '[publication]\ntitle = "t"\nurl = "https://example.jp"\nlanguage = "ja"\n'
        'timezone = "Asia/Tokyo"\n[content]\npath = "."\n',
        encoding="utf-8",
    )
    (folder / "var").mkdir()
    database = Database(f"sqlite:///{folder}/var/kawaraban.db")
    migrate(database)
    database.close()
    app = build_app(load_config(config, {}))
    app.close()
    return replace(app.works, obstacles=())


@pytest.fixture(
    params=[
        "embedded-sqlite",
        pytest.param("embedded-postgres", marks=pytest.mark.postgres),
        pytest.param("distributed-postgres", marks=pytest.mark.postgres),
    ]
)
def plant(request: pytest.FixtureRequest, bare_works: Works) -> Iterator[Plant]:
    engine, _, store = str(request.param).partition("-")
    database: Database = request.getfixturevalue(store)
    open_installation(database)
    provider = ProgrammedProvider()
    works = replace(
        bare_works,
        database=database,
        clock=find_clock(database),
        mailbag=Mailbag(provider, bare_works.mailbag.head),
    )
    wake_up = WakeUp()

    def build_embedded(works: Works) -> list[Engine]:
        return [Deliveries(works, wake_up)]

    def build_distributed(works: Works) -> list[Engine]:
        return [Workers(works), Workers(works, threads=2), Waking(works, 0.05)]

    is_embedded = engine == "embedded"
    plant = Plant(
        works,
        provider,
        wake_up if is_embedded else JobWake(wake_up),
        build_embedded if is_embedded else build_distributed,
    )
    yield plant
    plant.stop()
    if store == "postgres":
        with database.writing() as connection:
            connection.execute(text("DELETE FROM kawaraban_jobs.procrastinate_jobs"))
