"""Requests that count once, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from service.model.editor import Scope
from service.store import api_answers
from service.store.api_tokens import record_api_token
from service.store.database import Database

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)


@pytest.fixture
def token(database: Database) -> int:
    with database.writing() as connection:
        return record_api_token(
            connection,
            name="night",
            digest="0" * 64,
            scopes=[Scope.SEND],
            created_by="command",
            now=NOW,
            expires_at=None,
        )


def test_a_key_is_taken_once_and_remembers_its_answer(database: Database, token: int) -> None:
    with database.writing() as connection:
        assert api_answers.claim_key(connection, token, "k", "digest", NOW)
        assert not api_answers.claim_key(connection, token, "k", "other", NOW)
        api_answers.record_answer(connection, token, "k", "{}")
    with database.reading() as connection:
        found = api_answers.find_answer(connection, token, "k")
    assert found == api_answers.KeptAnswer("digest", "{}")


def test_a_key_whose_request_never_ended_is_taken_over_later(
    database: Database, token: int
) -> None:
    soon, late = NOW + timedelta(seconds=1), NOW + timedelta(minutes=3)
    with database.writing() as connection:
        api_answers.claim_key(connection, token, "k", "digest", NOW)
        assert not api_answers.reclaim_key(connection, token, "k", NOW, soon)
        assert api_answers.reclaim_key(connection, token, "k", soon, late)
        assert not api_answers.reclaim_key(connection, token, "k", soon, late)


def test_a_key_is_free_again_when_nothing_came_of_it_or_it_is_old(
    database: Database, token: int
) -> None:
    with database.writing() as connection:
        for key in ("refused", "old"):
            api_answers.claim_key(connection, token, key, "digest", NOW)
        api_answers.free_key(connection, token, "refused")
        api_answers.forget_answers(connection, NOW + timedelta(days=1))
        assert api_answers.find_answer(connection, token, "refused") is None
        assert api_answers.find_answer(connection, token, "old") is None
