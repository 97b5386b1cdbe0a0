from __future__ import annotations

from dataclasses import replace

from service.model.edition import Edition, EditionState
from service.model.editor import Role
from service.store import approvals as rows
from service.store.database import Database
from service.store.edition_list import list_edition_page
from service.store.editions import insert_edition, move_edition
from service.store.editors import record_editor
from service.store.news import open_newsletter
from tests.fakes.world import NOON, describe_edition


def _open(database: Database, *editions: Edition) -> list[Edition]:
    with database.writing() as connection:
        open_newsletter(connection, "weekly", NOON)
        written = [insert_edition(connection, one, []) for one in editions]
    return [one for one in written if one is not None]


def test_an_editor_is_asked_about_an_edition_once_and_answers_once(database: Database) -> None:
    by_hand = replace(describe_edition("hand", 0, None), state=EditionState.WAITING)
    edition, _ = _open(database, describe_edition("2025-10-13", 3), by_hand)
    with database.writing() as connection:
        editor = record_editor(connection, "anna@desk.example", "Anna", Role.EDITOR, NOON)
        assert rows.list_unasked(connection, ["weekly"]) == [edition]
        assert rows.list_unasked(connection, ["other"]) == []
        asked = rows.record_approval(connection, edition, editor.editor_id, NOON)
        assert rows.is_asked(connection, edition.edition_id)
        assert rows.list_unasked(connection, ["weekly"]) == []
        assert rows.list_asked(connection) == {("anna@desk.example", edition.edition_id)}
        number = asked.approval_id
        assert rows.answer_approval(connection, number, "hold", NOON)
        assert not rows.answer_approval(connection, number, "approve", NOON)
        assert rows.find_approval(connection, number) == replace(asked, answer="hold")
        rows.forget_answer(connection, number)
        assert rows.answer_approval(connection, number, "approve", NOON)
        assert rows.find_approval(connection, number + 1) is None


def test_editions_are_listed_newest_first_by_newsletter_and_state(database: Database) -> None:
    merged = replace(describe_edition("2025-10-06", 0), state=EditionState.MERGED)
    weeks = [describe_edition(f"week{number}", 0) for number in range(3)]
    _, first, second, third = _open(database, merged, *weeks)
    with database.writing() as connection:
        move_edition(connection, second, EditionState.HELD, reason="look")
        move_edition(connection, first, EditionState.EMPTY, readers=0, frozen_at=NOON)

    def list_numbers(**asked: object) -> list[int]:
        with database.reading() as connection:
            page = list_edition_page(connection, **asked)  # type: ignore[arg-type]
        return [one.edition.edition_id for one in page]

    ids = [one.edition_id for one in (third, second, first)]
    assert list_numbers() == ids
    assert list_numbers(limit=2) == ids[:2]
    assert list_numbers(before=ids[1]) == ids[2:]
    assert list_numbers(states=[EditionState.HELD]) == [second.edition_id]
    assert list_numbers(newsletter_id="other") == []
