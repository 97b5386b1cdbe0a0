from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.editions.changes import ChangeKind, compare_texts

KEPT, REMOVED, ADDED = ChangeKind.KEPT, ChangeKind.REMOVED, ChangeKind.ADDED
TEXTS = st.text("あい。！A b.\n", max_size=30)


@pytest.mark.parametrize(
    ("before", "after", "pieces"),
    [
        ("", "", []),
        ("朝です。", "朝です。", [(KEPT, "朝です。")]),
        (
            "銭湯は十月に閉まる。煙突は残る。",
            "銭湯は十二月に閉まる。煙突は残る。",
            [(KEPT, "銭湯は十"), (ADDED, "二"), (KEPT, "月に閉まる。煙突は残る。")],
        ),
        (
            "It opens at nine. Bring a towel.",
            "It opens at ten. Bring a towel.",
            [
                (KEPT, "It opens at "),
                (REMOVED, "nine"),
                (ADDED, "ten"),
                (KEPT, ". Bring a towel."),
            ],
        ),
        (
            "一文目。\n猫がいた。",
            "一文目。\n雨の夜道を歩いて帰る。",
            [(KEPT, "一文目。\n"), (REMOVED, "猫がいた。"), (ADDED, "雨の夜道を歩いて帰る。")],
        ),
    ],
)
def test_what_changed_is_shown_in_the_fewest_pieces(
    before: str, after: str, pieces: list[tuple[ChangeKind, str]]
) -> None:
    found = compare_texts(before, after)
    assert list(found.pieces) == pieces
    assert found.is_changed == (before != after)


@given(TEXTS, TEXTS)
def test_the_pieces_make_both_texts_again(before: str, after: str) -> None:
    pieces = compare_texts(before, after).pieces
    assert "".join(text for kind, text in pieces if kind is not ADDED) == before
    assert "".join(text for kind, text in pieces if kind is not REMOVED) == after
