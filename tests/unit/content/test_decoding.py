from __future__ import annotations

import pytest

from service.content.decoding import decode_text
from service.errors import ContentError

TEXT = "---\ntitle: 見出し\n---\nこれは日本語のかなです。\n"


def explain(raw: bytes) -> ContentError:
    with pytest.raises(ContentError) as raised:
        decode_text(raw)
    return raised.value


@pytest.mark.parametrize(
    ("codec", "name"),
    [
        ("cp932", "Shift_JIS"),
        ("euc_jp", "EUC-JP"),
        ("iso2022_jp", "ISO-2022-JP"),
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16"),
        ("utf-32", "UTF-32"),
    ],
)
def test_a_japanese_file_in_another_encoding_is_told_which_it_looks_like(
    codec: str, name: str
) -> None:
    error = explain(TEXT.encode(codec))
    assert error.code == "encoding"
    assert f"it looks like {name}" in error.message
    assert "save the file as UTF-8" in error.message


@pytest.mark.parametrize("raw", [b"caf\xe9", b"\xed\xa0\x80", b"\xc0\xaf", "日本".encode()[:-1]])
def test_what_is_in_no_encoding_that_we_know_is_only_said_to_be_no_utf8(raw: bytes) -> None:
    assert "looks like" not in explain(raw).message


def test_the_line_is_that_of_the_first_bad_byte() -> None:
    assert explain(b"a\nb\nc\xff").line == 3


def test_a_mark_goes_line_ends_become_one_and_controls_are_counted() -> None:
    text, notes = decode_text(b"\xef\xbb\xbfa\r\nb\rc\x00\x1b[31m")
    assert text == "a\nb\nc[31m"
    assert [(note.message, note.line) for note in notes] == [
        ("2 control character(s) taken out", 3)
    ]
