from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.engine.guard import hold_clock
from service.errors import AlreadyRunningError
from service.store.database import Database


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path}/kawaraban.db")
    yield database
    database.close()


def test_a_second_clock_is_refused_and_told_which_process_has_it(
    tmp_path: Path, sqlite: Database
) -> None:
    with (
        hold_clock(tmp_path, sqlite),
        pytest.raises(AlreadyRunningError, match=str(os.getpid())),
        hold_clock(tmp_path, sqlite),
    ):
        pass


def test_the_clock_is_free_again_once_its_holder_is_done(tmp_path: Path, sqlite: Database) -> None:
    with hold_clock(tmp_path, sqlite):
        pass
    with hold_clock(tmp_path, sqlite):
        pass
