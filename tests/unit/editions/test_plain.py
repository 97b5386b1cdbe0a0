from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.editions.plain import (
    clean_line,
    clean_url,
    clip_line,
    clip_sentences,
    count_columns,
)
from service.model.message import MARKS


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("一行目\n二行目\tと\x00三", "一行目 二行目 と 三"),
        ("a\u200bb\u200fc\u202ed\u2066e\ufefff\u00adg", "abcdefg"),
        ("家族👨‍👩‍👧の話", "家族👨‍👩‍👧の話"),
        ("می‌خواهم", "می‌خواهم"),
        ("a\u200db", "ab"),
        ("全角　空白", "全角　空白"),
        ("  まわりの 空き   ", "まわりの 空き"),
    ],
)
def test_a_line_has_nothing_hidden_in_it(text: str, line: str) -> None:
    assert clean_line(text) == line


@pytest.mark.parametrize("mark", [*MARKS, MARKS[0].upper(), "@@kawa\u200braban:unsubscribe@@"])
def test_our_own_marks_lose_their_force(mark: str) -> None:
    assert "@@kawaraban:" not in clean_line(f"前{mark}後").lower()
    assert "@@kawaraban:" not in clean_url(f"https://a.example/{mark}").lower()


def test_an_address_cannot_end_early() -> None:
    assert clean_url(' https://a.example/a b\r\n\u202e/c"> ') == "https://a.example/a%20b/c%22%3E"


@pytest.mark.parametrize(
    ("text", "columns", "clipped"),
    [
        ("ちょうど十字の題である", 22, "ちょうど十字の題である"),
        ("ちょうど十字の題である", 21, "ちょうど十字の題で…"),
        ("The printers downstairs", 20, "The printers…"),
        ("Donaudampfschifffahrt", 12, "Donaudampf…"),
        ("題、そして続き", 6, "題…"),
    ],
)
def test_a_line_is_clipped_between_words(text: str, columns: int, clipped: str) -> None:
    assert clip_line(text, columns) == clipped
    assert count_columns(clipped) <= columns


def test_a_summary_ends_with_a_sentence_where_it_can() -> None:
    summary = "一つ目の文です。二つ目の文です。三つ目は長くて入りません。"
    assert clip_sentences(summary, 40) == "一つ目の文です。二つ目の文です。"
    assert clip_sentences("Doors open soon. We met Mr. Smith today.", 30) == "Doors open soon."
    assert clip_sentences("句点のない長い文がどこまでも続く", 20) == "句点のない長い文が…"
    assert clip_sentences("短い。", 20) == "短い。"


@given(st.text(), st.integers(4, 60))
def test_cleaning_and_clipping_hold_for_any_text(text: str, columns: int) -> None:
    line = clean_line(text)
    assert clean_line(line) == line
    assert not any(unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"} for char in line)
    assert count_columns(clip_line(line, columns)) <= columns
    assert count_columns(clip_sentences(line, columns)) <= columns
