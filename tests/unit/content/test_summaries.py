from __future__ import annotations

from service.content.markdown import render_body
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
