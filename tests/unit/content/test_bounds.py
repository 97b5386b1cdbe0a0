from __future__ import annotations

import pytest

from service.content.bounds import MAX_FOOTNOTES, MAX_MARKS, check_marks
from service.errors import ContentError


@pytest.mark.parametrize("mark", [b"[", b"a*", b"![](", b"\n> ", b"&amp;", b"[^1] "])
def test_more_marks_than_memory_should_be_spent_on_are_refused(mark: bytes) -> None:
    with pytest.raises(ContentError, match="may have") as raised:
        check_marks(mark * (MAX_MARKS + 1))
    assert raised.value.code == "too_many"


def test_footnotes_have_a_bound_of_their_own() -> None:
    check_marks(b"[^1] " * MAX_FOOTNOTES)
    with pytest.raises(ContentError, match="5,001 footnotes"):
        check_marks(b"[^1] " * (MAX_FOOTNOTES + 1))


@pytest.mark.parametrize(
    "text", ["a" * 4_900_000, "漢字" * 800_000, "Twenty marks in it. " * 50_000]
)
def test_a_long_text_is_none_of_that(text: str) -> None:
    check_marks(text.encode())
