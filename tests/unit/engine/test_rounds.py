from __future__ import annotations

import sqlite3
from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError, OperationalError
from structlog.testing import capture_logs

from service.delivery.recording import Ending
from service.engine.rounds import describe_failure, insist_for, surviving
from service.errors import StoreError

AWAY = OperationalError("UPDATE", {}, sqlite3.OperationalError("database is away\nDETAIL: a@b.jp"))
TWICE = IntegrityError("INSERT", {}, sqlite3.IntegrityError("a@example.jp is there already"))


class Recording:
    """Fails so often before it is done."""

    def __init__(self, *errors: Exception) -> None:
        self._errors = list(errors)

    def __call__(self) -> Ending:
        if self._errors:
            raise self._errors.pop(0)
        return Ending.ACCEPTED


def never(seconds: float) -> None:
    pytest.fail(f"rested for {seconds} seconds")


def test_a_round_that_fails_is_logged_and_survived() -> None:
    with capture_logs() as logged, surviving("a round failed", batch_id=7):
        dict[str, str]()["a@example.jp"]
    assert logged == [
        {"event": "a round failed", "error": "KeyError", "batch_id": 7, "log_level": "error"}
    ]


def test_what_ends_the_process_is_not_survived() -> None:
    with pytest.raises(KeyboardInterrupt), surviving("a round failed"):
        raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (StoreError("there is no such edition"), "there is no such edition"),
        (AWAY, "OperationalError: database is away"),
        (TWICE, "IntegrityError"),
        (ValueError("a@example.jp"), "ValueError"),
    ],
)
def test_a_failure_is_told_without_what_may_be_an_address(error: Exception, words: str) -> None:
    assert describe_failure(error) == words


def test_an_answer_is_written_down_once_the_database_is_back() -> None:
    rests: list[float] = []
    insist = insist_for(timedelta(minutes=1), rests.append)
    assert insist(Recording(AWAY, AWAY, AWAY)) is Ending.ACCEPTED
    assert rests == [0.25, 0.5, 1.0]


def test_an_answer_is_given_up_when_its_claim_has_run_out() -> None:
    with pytest.raises(OperationalError):
        insist_for(timedelta(0), never)(Recording(AWAY))


def test_only_a_database_that_is_away_is_asked_again() -> None:
    with pytest.raises(IntegrityError):
        insist_for(timedelta(minutes=1), never)(Recording(TWICE))
