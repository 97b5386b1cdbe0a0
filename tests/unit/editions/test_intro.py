from __future__ import annotations

from service.editions.intro import render_intro

BASE = "https://kawaberi.example"


def test_nothing_stays_nothing() -> None:
    intro = render_intro(" \n", BASE)
    assert (intro.html, intro.text) == ("", "")


def test_strong_japanese_has_no_literal_asterisks() -> None:
    intro = render_intro("これは**「強調」**です", BASE)
    assert intro.html == "<p>これは<strong>「強調」</strong>です</p>"
    assert intro.text == "これは「強調」です"


def test_scripts_and_raw_html_are_left_out() -> None:
    intro = render_intro("<script>alert(1)</script>\n\n[x](javascript:alert(1)) <b>太</b>", BASE)
    assert "script" not in intro.html
    assert "<b>" not in intro.html
    assert intro.text == "x 太"


def test_links_become_absolute_and_are_written_out_in_the_text() -> None:
    intro = render_intro("[一覧](/list/) <https://a.example/b> [手紙](mailto:a@b.example)", BASE)
    assert '<a href="https://kawaberi.example/list/">一覧</a>' in intro.html
    assert intro.text == "一覧 https://kawaberi.example/list/  https://a.example/b 手紙 a@b.example"


def test_lists_headings_and_paragraphs_keep_their_shape_as_text() -> None:
    intro = render_intro("# 題\n\n一段落目\n二行目\n\n- 甲\n- 乙\n\n3. 丙\n4. 丁\n", BASE)
    assert intro.html.startswith("<h2>題</h2>\n<p>一段落目二行目</p>")
    assert intro.text == "題\n\n一段落目二行目\n\n- 甲\n- 乙\n\n3. 丙\n4. 丁"


def test_our_marks_cannot_be_smuggled_in() -> None:
    intro = render_intro(r"@@kawaraban:unsubscribe@@ @\@kawaraban:message-id@@", BASE)
    assert "@@kawaraban:" not in intro.html
    assert "@@kawaraban:" not in intro.text
