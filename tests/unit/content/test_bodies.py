"""Whole posts of each dialect, read to the HTML and the text that we looked at by eye."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.content.conftest import Read

GOLDEN = Path(__file__).parents[2] / "golden" / "content"


@pytest.mark.parametrize(
    ("name", "generator", "permalink"),
    [
        ("jekyll", "jekyll", "/:year/:month/:day/:title/"),
        ("hugo", "hugo", ""),
        ("zenn", "generic", ""),
        ("mdx", "generic", ""),
        ("raw", "generic", ""),
    ],
)
def test_a_post_of_each_dialect_is_read_as_we_looked_at_it(
    read: Read, name: str, generator: str, permalink: str
) -> None:
    source = (GOLDEN / f"{name}.md").read_text(encoding="utf-8")
    path = "_posts/2026-01-31-a-post.md" if generator == "jekyll" else "posts/a-post/index.md"
    article = read(source, path, generator, permalink).article
    assert article is not None
    notes = "".join(f"{note.line} {note.rule}: {note.message}\n" for note in article.warnings)
    text = f"{article.summary}\n\n{article.text}\n\n{notes}"
    assert article.html == (GOLDEN / f"{name}.html").read_text(encoding="utf-8")
    assert text == (GOLDEN / f"{name}.txt").read_text(encoding="utf-8")
