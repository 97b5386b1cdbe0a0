from __future__ import annotations

from dataclasses import replace

import pytest

from service.content.spool import open_spool
from tests.unit.content.conftest import Read

POST = "---\ntitle: t\ndate: 2026-01-31\n---\n**本文**です。\n"


def test_a_body_put_away_comes_back_as_it_was(read: Read) -> None:
    first, second = read(POST, "2026-01-31-a.md"), read(POST + "more\n", "2026-01-31-b.md")
    with open_spool() as spool:
        light = [spool.put_away(first), spool.put_away(second)]
        assert [(one.article.html, one.article.text) for one in light if one.article] == [
            ("", "")
        ] * 2
        assert [spool.fill(one.article) for one in light if one.article] == [
            first.article,
            second.article,
        ]
        assert spool.read_text("2026-01-31-b.md") == "本文です。\nmore"


def test_a_file_without_an_article_passes_through(read: Read) -> None:
    reading = read("no front matter")
    with open_spool() as spool:
        assert spool.put_away(reading) is reading


def test_a_body_that_was_never_put_away_is_no_empty_one(read: Read) -> None:
    article = read(POST).article
    assert article is not None
    with open_spool() as spool, pytest.raises(KeyError):
        spool.fill(replace(article, path="other.md"))
