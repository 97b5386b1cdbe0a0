"""Rendered bodies between the reader and whoever needs them, on disk."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import IO

from service.model.post import Article, Reading


@contextmanager
def open_spool() -> Iterator[Spool]:
    """An empty spool, gone from the disk when the block ends."""
    with tempfile.TemporaryFile(prefix="kawaraban-") as file:
        yield Spool(file)


class Spool:
    """Keeps bodies out of memory: of a site with 2,500 posts they would fill half a gigabyte.

    Bodies are known by their file's path, one for each.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._places: dict[str, tuple[int, int, int]] = {}

    def put_away(self, reading: Reading) -> Reading:
        """Return the reading with an article whose body is empty, its body kept here."""
        article = reading.article
        if article is None:
            return reading
        html, text = article.html.encode(), article.text.encode()
        start = self._file.seek(0, 2)
        self._file.write(html)
        self._file.write(text)
        self._places[article.path] = (start, len(html), len(text))
        return replace(reading, article=replace(article, html="", text=""))

    def fill(self, article: Article) -> Article:
        """Return the article with its body again."""
        start, size, _ = self._places[article.path]
        return replace(article, html=self._read(start, size), text=self.read_text(article.path))

    def read_text(self, path: str) -> str:
        """Return the plain text of the article in the file at `path`."""
        start, html_size, size = self._places[path]
        return self._read(start + html_size, size)

    def _read(self, start: int, size: int) -> str:
        self._file.seek(start)
        return self._file.read(size).decode()
