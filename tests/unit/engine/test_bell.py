from __future__ import annotations

from service.engine.bell import Bell


def test_a_bell_that_nobody_hears_rings_for_nothing() -> None:
    Bell().ring()


def test_whoever_answers_is_told_each_time_until_they_go() -> None:
    bell, told = Bell(), list[str]()
    bell.answer_by(lambda: told.append("first"))
    bell.ring()
    bell.answer_by(lambda: told.append("second"))
    bell.ring()
    bell.ring()
    bell.answer_by(None)
    bell.ring()
    assert told == ["first", "second", "second"]
