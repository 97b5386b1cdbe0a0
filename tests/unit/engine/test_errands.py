from __future__ import annotations

from collections.abc import Callable

from service.engine.errands import Errand


def test_many_who_ask_are_answered_by_one_and_whoever_asks_meanwhile_by_the_next() -> None:
    waiting: list[Callable[[], None]] = []
    done: list[str] = []

    def do() -> None:
        done.append("done")
        if len(done) == 1:
            errand.ask()
            errand.ask()

    errand = Errand(do, waiting.append)
    errand.ask()
    errand.ask()
    assert (len(waiting), done) == (1, [])
    waiting.pop()()
    assert (len(waiting), done) == (1, ["done"])
    waiting.pop()()
    assert (waiting, done) == ([], ["done", "done"])
