from __future__ import annotations

import os
from pathlib import Path

import pytest

from service.engine.guard import hold_clock
from service.errors import AlreadyRunningError


def test_a_second_clock_is_refused_and_told_which_process_has_it(tmp_path: Path) -> None:
    with (
        hold_clock(tmp_path),
        pytest.raises(AlreadyRunningError, match=str(os.getpid())),
        hold_clock(tmp_path),
    ):
        pass


def test_the_clock_is_free_again_once_its_holder_is_done(tmp_path: Path) -> None:
    with hold_clock(tmp_path):
        pass
    with hold_clock(tmp_path):
        pass
