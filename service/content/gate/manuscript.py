"""What the rules look at, and what they say of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from service.content.body.markdown import read_text
from service.model.post import Article

Part = Literal["title", "summary", "body"]

_CODE = re.compile(r"<pre\b.*?</pre>|<code\b[^<>]*>.*?</code>", re.DOTALL)


@dataclass(frozen=True)
class Manuscript:
    """An article with the file it was read from: decoded, LF line ends, "" when not at hand.

    `body_line` is the line of the file on which the body begins. What several rules ask of it
    is worked out once.
    """

    article: Article
    source: str = ""
    body_line: int = 1

    @property
    def mailed(self) -> tuple[tuple[Part, str], ...]:
        """What a digest carries of the article."""
        return (("title", self.article.title), ("summary", self.article.summary))

    @cached_property
    def head(self) -> list[str]:
        """The lines of the file above the body."""
        return self._halves[:-1]

    @cached_property
    def body(self) -> str:
        """The file from the body's first line on."""
        return self._halves[-1]

    @cached_property
    def last_line(self) -> int:
        """How many lines the file has."""
        return self.source.count("\n") + 1

    @cached_property
    def _halves(self) -> list[str]:
        return self.source.split("\n", self.body_line - 1)

    @cached_property
    def prose(self) -> str:
        """The text without code; dear, so rules look for a sign of trouble in the text first."""
        html = self.article.html
        return read_text(_CODE.sub("", html)) if "<code" in html else self.article.text


@dataclass(frozen=True, slots=True)
class Trouble:
    """What a rule found: in words, and where.

    `quote` is the text at the place, and `nth` says which of its occurrences is meant.
    `size` is what a `hold_from` is compared with; `line` is known only where no quote tells it.
    """

    message: str
    part: Part
    quote: str = ""
    nth: int = 1
    size: float = 0.0
    line: int | None = None
