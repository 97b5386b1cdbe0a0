"""What may not be told from outside a body is not: such a file has to be read whole."""

from __future__ import annotations

from dataclasses import replace

import pytest

from service.content.glancing import glance_bytes
from service.content.library import read_bytes
from service.errors import ContentError
from service.model.post import FileFacts, Reading, Verdict
from tests.unit.content.conftest import NOW, make_rules

FRONT = "---\ntitle: 橋\ndate: 2026-03-01\ncategories: [川]\n---\n"
FACTS = FileFacts("2026-03-01-bridge.md", 1, 1, "")
TEXT = "橋の上の話。\n\n"


def glance(text: str) -> Reading | None:
    try:
        return glance_bytes(text.encode(), FACTS, make_rules(), NOW)
    except ContentError:
        return None


@pytest.mark.parametrize(
    "body",
    [
        TEXT + "> " * 250 + "深い",
        TEXT + ">" * 250 + "深い",
        TEXT + "- " * 250 + "深い",
        TEXT + "".join(f"{'  ' * depth}- 段{depth}\n" for depth in range(250)),
        TEXT + "".join(f"{'  ' * depth}- 段{depth}\n\n" for depth in range(250)),
        TEXT + "".join(f"{'1. ' * depth}段{depth}\n" for depth in range(1, 250)),
        TEXT + "*a **b " * 300 + "c** d*" * 300,
        TEXT + "<div>" * 250,
        TEXT + "<b>\n\n",
        TEXT + ":::note\n" * 250,
        TEXT + "{% include a.html %}" * 9,
        "",
        "\n\n",
        "import Chart from './chart'\n",
        "<!-- 何もない -->\n",
        "{: .wide}\n",
        "[橋]: /bridge/\n",
        "{% comment %}橋{% endcomment %}\n",
    ],
)
def test_a_body_that_may_fail_or_show_nothing_is_read_whole(body: str) -> None:
    assert glance(FRONT + body) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "本文だけ。\n",
        FRONT.replace("title: 橋", "draft: ["),
        FRONT.replace("title: 橋\n", "") + TEXT,
        FRONT.replace("2026-03-01", "soon") + TEXT,
        FRONT.replace("title: 橋", "title: 橋\nredirect_to: /b/"),
        FRONT.replace("\n", "\r\n") + TEXT,
        FRONT + TEXT + "\x1b$B",
        FRONT.removesuffix("---\n") + TEXT,
    ],
)
def test_a_file_that_is_not_plainly_a_post_is_read_whole(text: str) -> None:
    assert glance(text) is None


@pytest.mark.parametrize(
    "text",
    [
        FRONT + TEXT,
        FRONT + TEXT + "\x01\ufffe",
        "\ufeff" + FRONT + "## 見出し\n",
        FRONT + "「橋」の話、**強く**。\n" * 25,
        FRONT.replace("title: 橋", "title: 橋\ndraft: true") + TEXT,
        FRONT.replace("date: 2026", "date: 2031") + TEXT,
        "+++\ntitle = '橋'\ndate = 2026-03-01\n+++\n" + TEXT,
    ],
)
def test_what_a_glance_tells_is_what_the_whole_file_tells(text: str) -> None:
    glanced = glance(text)
    whole = read_bytes(text.encode(), FACTS, make_rules(), NOW)
    assert glanced is not None
    assert glanced.article is not None
    assert whole.article is not None
    assert (glanced.verdict, glanced.code, glanced.message) == (
        whole.verdict,
        whole.code,
        whole.message,
    )
    article = replace(glanced.article, html=whole.article.html, text=whole.article.text)
    article = replace(article, summary=whole.article.summary, warnings=whole.article.warnings)
    assert article == whole.article


def test_bytes_that_are_no_utf8_are_for_who_reads_the_whole() -> None:
    with pytest.raises(UnicodeDecodeError):
        glance_bytes(FRONT.encode() + "橋の上".encode() + b"\xff", FACTS, make_rules(), NOW)
    whole = read_bytes(FRONT.encode() + b"a\xff", FACTS, make_rules(), NOW)
    assert whole.verdict is Verdict.QUARANTINED
