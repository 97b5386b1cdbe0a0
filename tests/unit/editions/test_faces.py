from __future__ import annotations

from dataclasses import dataclass

import pytest

from service.editions.faces import choose_faces, find_face, list_rivals


@dataclass(frozen=True)
class Made:
    """A variant with an id, a language and so many posts."""

    variant_id: int
    language: str
    post_count: int


@pytest.mark.parametrize(
    ("made", "readers", "shown"),
    [
        ([Made(1, "ja", 3), Made(2, "ja", 9)], {}, [2]),
        ([Made(1, "ja", 3), Made(2, "en", 9)], {}, [1, 2]),
        ([Made(1, "ja", 3), Made(2, "ja", 3)], {1: 5, 2: 8}, [2]),
        ([Made(2, "ja", 3), Made(1, "ja", 3)], {1: 5, 2: 5}, [1]),
        ([Made(1, "fr", 1), Made(2, "en", 4), Made(3, "de", 4)], {3: 9}, [3, 2, 1]),
        ([], {}, []),
    ],
)
def test_the_fullest_is_shown_and_of_equals_the_most_read(
    made: list[Made], readers: dict[int, int], shown: list[int]
) -> None:
    faces = choose_faces(made, "ja", readers)
    assert [one.variant_id for one in faces] == shown


def test_readers_are_counted_only_where_nothing_else_decides() -> None:
    made = [
        Made(1, "ja", 9),
        Made(2, "ja", 3),
        Made(3, "ja", 3),
        Made(4, "en", 2),
        Made(5, "en", 2),
    ]
    assert [one.variant_id for one in list_rivals(made)] == [4, 5]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [("", "ja"), ("en", "en-GB"), ("en-US", "en-GB"), ("pt", "pt"), ("fr", "ja"), ("ja", "ja")],
)
def test_a_language_nobody_was_written_to_in_leads_to_the_first(wanted: str, found: str) -> None:
    faces = [Made(1, "ja", 1), Made(2, "en-GB", 1), Made(3, "pt-BR", 1), Made(4, "pt", 1)]
    assert find_face(faces, wanted).language == found
