"""Text that stands in a post more than once."""

from __future__ import annotations

import html as html_entities
import re
from collections import Counter
from dataclasses import dataclass, field

from service.content.gate.manuscript import Manuscript, Trouble
from service.model.wording import word

_LONG = 25
"""Characters from which a sentence is long: shorter ones may well be said again."""

_FEWEST = 4
_HEADING = re.compile(r"<(h[1-6])\b[^<>]*>([^<]*+(?:<(?!/\1>)[^<]*+)*+)</\1>")
_TAG = re.compile(r"<[^<>]*>")
_LONG_HEADING = 8


def find_repetition(manuscript: Manuscript, threshold: float) -> Trouble | None:
    """Long sentences that were said before in the same post.

    Its size is the share of the whole text that stands there before word for word, paragraph
    by paragraph: a text may say many a sentence twice and still tell a whole article.
    """
    said = _read_sentences(manuscript.article.text)
    if said.share >= threshold and "<code" in manuscript.article.html:
        # Lines of code may well come again.
        said = _read_sentences(manuscript.prose)
    if said.share < threshold:
        return None
    message = word(
        "{share} of the long sentences stand there before, and {size} of the text in whole "
        "paragraphs",
        share=f"{said.share:.0%}",
        size=f"{said.size:.0%}",
    )
    return Trouble(message, "body", said.first_repeat, nth=2, size=said.size)


def find_repeated_heading(manuscript: Manuscript, threshold: float) -> Trouble | None:
    """A long heading that comes again and again; how often is its size."""
    html = manuscript.article.html
    if html.count("</h") < threshold:
        return None
    inners = [inner for _, inner in _HEADING.findall(html)]
    headings = Counter((_TAG.sub("", inner) if "<" in inner else inner).strip() for inner in inners)
    repeated = [
        (heading, times)
        for heading, times in headings.items()
        if times >= threshold and len(heading) >= _LONG_HEADING
    ]
    if not repeated:
        return None
    most = max(times for _, times in repeated)
    heading = html_entities.unescape(repeated[0][0])
    message = word(
        "{count} heading(s) come again, up to {most} times",
        count=str(len(repeated)),
        most=str(most),
    )
    return Trouble(message, "body", heading, nth=2, size=most)


def _read_sentences(text: str) -> _Said:
    """Go through the lines of a text once, and take each one apart only where it is new."""
    lines = text.split("\n")
    said = _Said(whole=len(text) - len(lines) + 1)
    sign = "。" if "。" in text else ". "
    counts: dict[str, int] = {}
    for line in lines:
        length = len(line)
        if length < _LONG:
            continue
        if line in counts:
            said.add_again(line, counts[line], sign)
            continue
        sentences = _split_line(line, sign)
        counts[line] = len(sentences)
        said.add(sentences)
        # Two long sentences and what parts them are longer than this.
        if length > 2 * _LONG:
            is_latin = sign not in line and ". " in line
            said.add_within(_split_line(line, ". ") if is_latin else sentences)
    return said


def _split_line(line: str, sign: str) -> list[str]:
    # Questions stay with what follows them: fewer cuts are quicker, and as telling.
    parts = line.split(sign)
    return [sentence for part in parts if len(part) >= _LONG and (sentence := part.strip())]


@dataclass(slots=True)
class _Said:
    """The long sentences of a text, and how many of its `whole` characters came before.

    `repeated` are the characters of paragraphs that came before, or of sentences within one.
    """

    whole: int
    count: int = 0
    distinct: set[str] = field(default_factory=set)
    repeated: int = 0
    first_repeat: str = ""

    @property
    def share(self) -> float:
        """Which share of the sentences came before; 0 where there are too few to tell."""
        return (self.count - len(self.distinct)) / self.count if self.count >= _FEWEST else 0

    @property
    def size(self) -> float:
        """Which share of the text stands there before."""
        return self.repeated / self.whole if self.whole else 0

    def add(self, sentences: list[str]) -> None:
        """Count the sentences of a line that is new."""
        self.count += len(sentences)
        if self.first_repeat:
            self.distinct.update(sentences)
            return
        for sentence in sentences:
            if sentence in self.distinct:
                self.first_repeat = self.first_repeat or sentence
            self.distinct.add(sentence)

    def add_within(self, sentences: list[str]) -> None:
        """Count what comes again within a line."""
        distinct = set(sentences)
        if len(distinct) < len(sentences):
            self.repeated += sum(map(len, sentences)) - sum(map(len, distinct))

    def add_again(self, line: str, count: int, sign: str) -> None:
        """Count a line that came before, with so many sentences."""
        self.count += count
        self.repeated += len(line)
        if count and not self.first_repeat:
            self.first_repeat = _split_line(line, sign)[0]
