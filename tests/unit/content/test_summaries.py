from __future__ import annotations

import pytest

from service.content.body.markdown import render_body
from service.content.summaries import cut_summary, find_summary
from service.content.values import FrontMatter, Scalar


def summarise(body: str, title: str = "題", **keys: str) -> str:
    front = FrontMatter({key: Scalar(text) for key, text in keys.items()}, body, 1)
    html = render_body(body, "https://news.test/a/", "https://news.test").html
    return find_summary(front, title, None, html)


def test_excerpt_comes_before_summary_before_description() -> None:
    assert summarise("b", description="d", summary="s", excerpt="e") == "e"
    assert summarise("b", description="d", summary="s") == "s"
    assert summarise("b", description="d") == "d"


def test_a_written_summary_loses_its_markdown() -> None:
    assert summarise("b", excerpt="## **大事** な `話`") == "大事 な 話"


def test_the_more_marker_comes_before_the_first_paragraph() -> None:
    front = FrontMatter({}, "", 1)
    assert find_summary(front, "t", "<p>one</p>\n<p>two</p>", "<p>one</p>") == "one two"


def test_the_first_paragraph_is_not_the_title_an_image_a_list_or_a_table() -> None:
    body = (
        "# 見出し\n\nAIの未来、その真意は？\n\n![図](/i.png)\n\n- 項目\n\n  段落\n\n> 引用\n\n"
        "|a|\n|-|\n|1|\n\nここから本文です。"
    )
    assert summarise(body, title="2026年AIの未来、その真意は？の全貌") == "ここから本文です。"


def test_a_line_break_between_ideographs_is_no_space() -> None:
    assert summarise("一行目、\n二行目。\nand English\ntoo") == "一行目、二行目。 and English too"


def test_footnote_marks_stay_out() -> None:
    assert summarise("A fact[^1] here.\n\n[^1]: source") == "A fact here."


def test_without_a_paragraph_the_first_line_serves() -> None:
    assert summarise("- 項目一\n- 項目二") == "項目一"


def test_nothing_says_nothing() -> None:
    assert summarise("") == ""


def test_japanese_is_cut_at_a_sentence_within_160_characters() -> None:
    text = "これは一つの文です。" * 40
    cut = cut_summary(text)
    assert cut == "これは一つの文です。" * 16


def test_english_is_cut_at_a_sentence_within_300_characters() -> None:
    cut = cut_summary("This is version 1.2 of it. " * 30)
    assert cut.endswith("of it.")
    assert 250 < len(cut) <= 300


def test_a_sentence_is_not_cut_inside_a_quotation() -> None:
    text = "最初の文。" * 20 + "彼は「え、そうなの？" + "本当に驚いた" * 20 + "」と言った。"
    assert cut_summary(text) == "最初の文。" * 20


def test_one_endless_sentence_ends_in_an_ellipsis() -> None:
    assert cut_summary("あ" * 500) == "あ" * 160 + "…"
    assert cut_summary("word " * 100).endswith("word…")


@pytest.mark.parametrize(
    ("written", "summary"),
    [
        ("## 見出しのような要約です。", "見出しのような要約です。"),
        ("- 箇条書きの要約です。", "箇条書きの要約です。"),
        ("短い要約", "短い要約"),
        ("これは文です。" * 14 + "そして、この文は途中で、", "これは文です。" * 14),
        ("これは文です。" * 14 + "そして、この文は...", "これは文です。" * 14),
        ("切れた一つの長い文は" * 10 + "、", "切れた一つの長い文は" * 10 + "…"),
        ("切れた一つの長い文は" * 10 + "...", "切れた一つの長い文は" * 10 + "…"),
        ("A sentence. " * 14 + "Another one that was cut...", ("A sentence. " * 14).strip()),
        ("Notes on printing " * 10 + "by hand", "Notes on printing " * 10 + "by hand"),
        ("...", "本文です。"),
        ("## ", "本文です。"),
    ],
)
def test_a_written_summary_is_whole_to_its_end(written: str, summary: str) -> None:
    assert summarise("本文です。", excerpt=written) == summary


def test_a_written_summary_that_is_the_title_gives_way_to_one_that_says_more() -> None:
    title = "2026年、紙の値段はどう動くのか？の全貌"
    own = "紙の値段はどう動くのか？"
    body = "紙の値段はどう動くのか？\n\n問屋の帳面を三冊借りて、値段を書き写した。"
    assert summarise(body, title=title, excerpt=own) == "問屋の帳面を三冊借りて、値段を書き写した。"
    said = own + "問屋の帳面を三冊借りてきました。"
    assert summarise("x", title=title, description=said) == "問屋の帳面を三冊借りてきました。"
    assert summarise("", title=title, excerpt=own) == own


def test_a_first_line_that_repeats_the_title_is_left_out() -> None:
    body = "「雨とインクの話」\nある朝、版木が濡れていた。"
    assert summarise(body, title="雨とインクの話") == "ある朝、版木が濡れていた。"


def test_a_summary_keeps_its_own_first_character() -> None:
    assert summarise(".NET 10 is there for everybody.") == ".NET 10 is there for everybody."


def test_an_address_alone_is_no_summary() -> None:
    assert summarise("https://x.test/a\n\n本文です。") == "本文です。"


@pytest.mark.parametrize("cluster", ["👩‍💻", "🇯🇵", "か\u3099", "e\u0301", "👍🏽", "❤️"])
def test_no_cut_goes_through_a_letter_an_emoji_or_a_flag(cluster: str) -> None:
    for shift in range(6):
        cut = cut_summary("a" * shift + cluster * 200).removesuffix("…")
        assert cut[shift:].replace(cluster, "") == ""
