"""A year of a publication, replayed: every file stays the article it is, and is news once."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from service.store.database import Database
from tests.fakes.newsroom import Newsroom

STEPS = 400
Step = Callable[[Newsroom, Random], object]

# About as often as a real site did it in 1,357 commits, the rare things oftener.
DAYS: tuple[tuple[int, Step], ...] = (
    (60, Newsroom.add),
    (40, Newsroom.grow),
    (30, Newsroom.retitle),
    (12, Newsroom.rewrite),
    (12, Newsroom.redate),
    (12, Newsroom.rename),
    (12, Newsroom.overwrite),
    (6, Newsroom.take_back),
    (8, Newsroom.make_room),
    (6, Newsroom.swap),
    (6, Newsroom.shift),
    (6, Newsroom.copy),
    (6, Newsroom.rename_in_two_steps),
    (8, Newsroom.delete),
    (6, Newsroom.restore),
    (6, Newsroom.restore_elsewhere),
    (12, Newsroom.change_state),
    (6, Newsroom.change_id),
    (3, Newsroom.edit_all),
    (1, Newsroom.add_many),
    (1, Newsroom.add_many_to_come),
    (1, Newsroom.move_many),
    (10, Newsroom.scan_half_way),
)
PAUSES = [timedelta(minutes=1), timedelta(hours=3), timedelta(hours=30), timedelta(days=6)]


@pytest.mark.parametrize("at_once", [1, 6], ids=["commit by commit", "several at one scan"])
def test_every_file_stays_the_article_it_is_for_a_year(
    at_once: int, migrated_file: Path, tmp_path: Path
) -> None:
    shutil.copyfile(migrated_file, tmp_path / "kawaraban.db")
    database = Database(f"sqlite:///{tmp_path}/kawaraban.db")
    (tmp_path / "posts").mkdir()
    rng = Random(f"瓦版{at_once}")  # noqa: S311 - the same year every time
    room = Newsroom(tmp_path / "posts", database)
    room.begin(rng, 30)
    weights, steps = zip(*DAYS, strict=True)
    for number in range(STEPS):
        [step] = rng.choices(steps, weights)
        step(room, rng)
        if number % at_once == 0:
            room.scan(rng.choice(PAUSES))
    room.finish()
    assert room.count > STEPS // 3
    database.close()
