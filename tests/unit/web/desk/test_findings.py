from __future__ import annotations

import pytest

from service.model.post import Body, Finding, Level
from service.model.wording import word
from service.web.desk.findings import find_context, show_findings
from service.words.catalogues import find_voice


@pytest.mark.parametrize(
    ("quote", "texts", "expected"),
    [
        ("b", ["abc"], ("a", "c")),
        ("b", ["xyz", "abc"], ("a", "c")),
        ("two words", ["one\n two \n\twords, three"], ("one ", ", three")),
        ("クリッ…", ["前クリップ後"], ("前", "プ後")),
        ("gone", ["abc"], ("", "")),
        ("", ["abc"], ("", "")),
        ("x", ["あ" * 100 + "x" + "い" * 100], ("…" + "あ" * 70, "い" * 70 + "…")),
    ],
)
def test_a_quote_stands_among_the_words_around_it(
    quote: str, texts: list[str], expected: tuple[str, str]
) -> None:
    assert find_context(quote, texts) == expected


def test_what_holds_comes_first_and_says_more_in_japanese() -> None:
    findings = [
        Finding("dead_link", Level.WARN, "a link to /x", 9, "x"),
        Finding("voice", Level.HOLD, "a model speaks", 2, "モデル"),
    ]
    japanese = show_findings(find_voice("ja"), findings, None, Body("", "言語モデルです"))
    english = show_findings(find_voice("en"), findings, None, None)
    assert [one.holds for one in japanese] == [True, False]
    assert (japanese[0].message, japanese[0].before) == ("a model speaks", "言語")
    assert (english[0].says, english[0].message) == ("a model speaks", "")


def test_what_the_gate_says_today_is_said_exactly_in_japanese() -> None:
    message = word("the title says nearly the same as that of {path}", path="a.md")
    [one] = show_findings(
        find_voice("ja"), [Finding("near_duplicate", Level.WARN, message)], None, None
    )
    assert (one.says, one.message) == ("題名がa.mdとほとんど同じです", "")
