"""Articles under any sequence of changes between scans: each stays itself, and is news once."""

from __future__ import annotations

import shutil
import tempfile
from datetime import timedelta
from pathlib import Path
from random import Random

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    rule,
    run_state_machine_as_test,
)

from service.store.database import Database
from tests.fakes.emptying import empty_database
from tests.fakes.newsroom import Newsroom

STEPS = 25
_ONE_BY_ONE = (
    Newsroom.add,
    Newsroom.grow,
    Newsroom.retitle,
    Newsroom.rewrite,
    Newsroom.redate,
    Newsroom.rename,
    Newsroom.overwrite,
    Newsroom.take_back,
    Newsroom.make_room,
    Newsroom.swap,
    Newsroom.shift,
    Newsroom.copy,
    Newsroom.delete,
    Newsroom.restore,
    Newsroom.change_state,
    Newsroom.change_id,
)
_WITH_SCANS = (
    Newsroom.rename_in_two_steps,
    Newsroom.restore_elsewhere,
    Newsroom.edit_all,
    Newsroom.move_many,
    Newsroom.scan_half_way,
)
seeds = st.integers(0, 99)


class Articles(RuleBasedStateMachine):
    """Few articles and many changes: several may come to pass between two scans."""

    database: Database
    parent: Path

    @initialize(seed=seeds)
    def open(self, seed: int) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="kawaraban-identity-", dir=self.parent))
        (self.folder / "posts").mkdir()
        empty_database(self.database)
        self.room = Newsroom(self.folder / "posts", self.database)
        self.steps = 0
        self.room.begin(self._roll(seed), 4)

    def teardown(self) -> None:
        if hasattr(self, "room"):
            self.room.finish()
            shutil.rmtree(self.folder)

    @rule(change=st.sampled_from(_ONE_BY_ONE), seed=seeds)
    def change(self, change: object, seed: int) -> None:
        assert callable(change)
        change(self.room, self._roll(seed))

    @rule(change=st.sampled_from(_WITH_SCANS), seed=seeds)
    def change_and_scan(self, change: object, seed: int) -> None:
        assert callable(change)
        change(self.room, self._roll(seed))

    @rule(hours=st.sampled_from([0.02, 3, 30]))
    def scan(self, hours: float) -> None:
        self.room.scan(timedelta(hours=hours))

    def _roll(self, seed: int) -> Random:
        # With the same dice twice, two articles would be given the same words.
        self.steps += 1
        return Random(1000 * seed + self.steps)  # noqa: S311 - it has to be repeatable


def test_articles_stay_themselves_under_any_changes(sqlite: Database, tmp_path: Path) -> None:
    Articles.database, Articles.parent = sqlite, tmp_path
    run_state_machine_as_test(
        Articles,
        settings=settings(
            max_examples=settings().max_examples // 2,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
