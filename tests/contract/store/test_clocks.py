"""Who has the clock, where the database itself knows it."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from service.engine.guard import hold_clock, take_turns
from service.errors import AlreadyRunningError
from service.store.database import Database
from service.store.locks import CLOCK_LOCK, AdvisoryLock, try_lock

pytestmark = pytest.mark.postgres


def test_on_postgresql_the_database_itself_knows_who_has_the_clock(
    tmp_path: Path, postgres: Database
) -> None:
    other = Database(postgres.url.render_as_string(hide_password=False))
    with (
        hold_clock(tmp_path / "one machine", postgres),
        pytest.raises(AlreadyRunningError, match="another process"),
        hold_clock(tmp_path / "another machine", other),
    ):
        pass
    with hold_clock(tmp_path, other):
        pass
    other.close()


def test_a_clock_stands_by_until_the_one_that_acts_is_gone(postgres: Database) -> None:
    other = Database(postgres.url.render_as_string(hide_password=False))
    acted: list[bool] = []
    rested: list[float] = []
    with try_lock(postgres, CLOCK_LOCK) as ours:
        assert ours is not None

        def rest(seconds: float) -> bool:
            """Nobody has it any more after the third try."""
            assert bool(acted) == (len(rested) >= 3)
            rested.append(seconds)
            if len(rested) == 3:
                with postgres.engine.connect() as connection:
                    connection.execute(text(_END_OTHERS), {"lock": CLOCK_LOCK})
            return bool(acted)

        take_turns(other, lambda lock: acted.append(lock.is_held()), rest)
        assert not ours.is_held()
    assert acted == [True]
    other.close()


def test_a_clock_whose_connection_was_cut_finds_out_and_stands_in_line_again(
    postgres: Database,
) -> None:
    held: list[bool] = []

    def act(lock: AdvisoryLock) -> None:
        held.append(lock.is_held())
        if len(held) == 1:
            with postgres.engine.connect() as connection:
                connection.execute(text(_END_OTHERS), {"lock": CLOCK_LOCK})
            held.append(lock.is_held())

    take_turns(postgres, act, lambda _: len(held) == 3)
    assert held == [True, False, True]


# Whoever ends a connection goes on before it has let go of its locks, unless told to wait.
_END_OTHERS = (
    "SELECT pg_terminate_backend(pid, 30000) FROM pg_locks "
    "WHERE locktype = 'advisory' AND objid = :lock"
)
