from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from service.store.database import Database
from tests.fakes.http_provider import open_server
from tests.fakes.mailgun import FakeMailgun
from tests.fakes.office import Office
from tests.fakes.played_site import site  # noqa: F401 (a fixture)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def environment(
    request: pytest.FixtureRequest, migrated_file: Path, tmp_path: Path
) -> dict[str, str]:
    """Either database, migrated and empty, for a site in the test's own folder."""
    if request.param == "sqlite":
        (tmp_path / "var").mkdir()
        shutil.copyfile(migrated_file, tmp_path / "var" / "kawaraban.db")
        return {}
    database: Database = request.getfixturevalue("postgres")
    with database.writing() as connection:
        connection.execute(text("DELETE FROM kawaraban_jobs.procrastinate_jobs"))
    return {"DATABASE_URL": database.url.render_as_string(hide_password=False)}


@pytest.fixture
def mailgun() -> FakeMailgun:
    return FakeMailgun()


@pytest.fixture
def office(environment: dict[str, str], mailgun: FakeMailgun, tmp_path: Path) -> Iterator[Office]:
    """A site that sends through Mailgun, with its posts read; no readers yet."""
    server = open_server(mailgun)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    office = Office(tmp_path, environment, mailgun, f"http://127.0.0.1:{server.server_address[1]}")
    yield office
    office.close()
    server.shutdown()
    server.server_close()
