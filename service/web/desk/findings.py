"""What the gate found in a post, with the words around it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from service.editions.plain import clip_line
from service.editions.rule_words import tell_fault
from service.model.post import Body, Finding, Level, Post
from service.words.voice import Voice

_AROUND = 70
_MESSAGE_COLUMNS = 400
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class FindingView:
    """A finding: what it `says`, and the English `message` where that is more exact.

    `quote` stands in the text between `before` and `after`, which are empty where it was not
    found there; `line` is that of the file.
    """

    says: str
    message: str
    holds: bool
    line: int | None
    before: str
    quote: str
    after: str


def show_findings(
    voice: Voice, findings: Iterable[Finding], post: Post | None, body: Body | None
) -> list[FindingView]:
    """The findings, those that hold first."""
    texts = [*([post.title, post.summary] if post else []), *([body.text] if body else [])]
    ordered = sorted(findings, key=lambda one: one.level is not Level.HOLD)
    return [_show(voice, one, texts) for one in ordered]


def find_context(quote: str, texts: Iterable[str]) -> tuple[str, str]:
    """What stands before and after a quote where it is found first; neither where it is not.

    Line breaks and runs of blanks count as one blank, as they do in the quote.
    """
    wanted = _flatten(quote).removesuffix("…")
    for text in texts if wanted else ():
        flat = _flatten(text)
        before, found, after = flat.partition(wanted)
        if found:
            return _clip_start(before), _clip_end(after)
    return "", ""


def _show(voice: Voice, finding: Finding, texts: Iterable[str]) -> FindingView:
    says, message = tell_fault(voice, finding.rule, finding.message)
    before, after = find_context(finding.quote, texts)
    return FindingView(
        says=clip_line(says, _MESSAGE_COLUMNS),
        message=clip_line(message, _MESSAGE_COLUMNS),
        holds=finding.level is Level.HOLD,
        line=finding.line,
        before=before,
        quote=finding.quote,
        after=after,
    )


def _flatten(text: str) -> str:
    return _SPACES.sub(" ", text).strip()


def _clip_start(text: str) -> str:
    return text if len(text) <= _AROUND else "…" + text[-_AROUND:]


def _clip_end(text: str) -> str:
    return text if len(text) <= _AROUND else text[:_AROUND] + "…"
