from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from service.editions.plain import count_columns
from service.editions.wrapping import wrap_text


def test_japanese_fills_the_line_by_display_width() -> None:
    assert wrap_text("川べりの朝市が橋の上に戻る", 10).split("\n") == [
        "川べりの朝",
        "市が橋の上",
        "に戻る",
    ]


def test_no_line_begins_with_a_closing_mark_or_a_small_kana() -> None:
    assert wrap_text("朝の川べり、舟が出る。", 10).split("\n") == ["朝の川べ", "り、舟が出", "る。"]
    assert wrap_text("ここからシャッター", 10).split("\n") == ["ここから", "シャッター"]


def test_no_line_ends_with_an_opening_bracket() -> None:
    assert wrap_text("題は橋と「舟」です", 10).split("\n") == ["題は橋と", "「舟」です"]


def test_latin_words_stay_whole_even_when_too_wide() -> None:
    text = "The extraordinarily long-winded editor doesn’t stop"
    assert wrap_text(text, 12).split("\n") == [
        "The",
        "extraordinarily",
        "long-winded",
        "editor",
        "doesn’t stop",
    ]


def test_a_latin_word_inside_japanese_is_not_cut() -> None:
    assert wrap_text("新しいKawarabanを使う", 12).split("\n") == ["新しい", "Kawarabanを", "使う"]


def test_an_address_stands_alone_and_is_never_cut() -> None:
    url = "https://kawaberi.example/" + "long/" * 30 + "?q=1&r=2"
    assert wrap_text(f"詳しくは {url} をどうぞ", 20).split("\n") == ["詳しくは", url, "をどうぞ"]


def test_a_mark_after_an_address_does_not_become_part_of_it() -> None:
    wrapped = wrap_text("詳しくはhttps://kawaberi.example/a。次へ", 40)
    assert wrapped.split("\n") == ["詳しくは", "https://kawaberi.example/a 。", "次へ"]


def test_lines_of_the_source_and_the_indent_are_kept() -> None:
    assert wrap_text("一行目\n\n- 二行目の話", 12, "  ").split("\n") == [
        "  一行目",
        "",
        "  - 二行目の",
        "  話",
    ]


def test_emoji_and_accents_are_not_taken_apart() -> None:
    assert "👨‍👩‍👧" in wrap_text("家族👨‍👩‍👧", 6)
    assert wrap_text("が\u3099" * 6, 6).split("\n") == ["が\u3099" * 3] * 2


@given(st.text("川橋の、。「」ーっaZ09.-’é👍 \n\u3099", max_size=200), st.integers(28, 80))
def test_wrapping_loses_nothing_and_keeps_the_width(text: str, columns: int) -> None:
    wrapped = wrap_text(text, columns)
    assert "".join(wrapped.split()) == "".join(text.split())
    for line in wrapped.split("\n"):
        assert count_columns(line) <= columns or " " not in line


@given(st.text("川橋の舟が出る、。「」ab ", max_size=120), st.integers(30, 72))
def test_closing_marks_never_begin_a_line(text: str, columns: int) -> None:
    tame = (
        text.replace("「", "川「").replace("、", "川、").replace("。", "橋。").replace("」", "舟」")
    )
    # A blank after it lets a line end.
    tame = re.sub("「 +", "「", tame.replace(" 、", "、")).strip()
    lines = wrap_text(tame, columns).split("\n")
    assert not any(line.startswith(("、", "。", "」")) for line in lines)
    assert not any(line.endswith("「") for line in lines[:-1])
