"""What was taken out of a source: counted by rule and name, with the line of each first one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from service.content.body.hidden import count_lines
from service.model.post import Finding, Level
from service.model.wording import word

_SHOWN = 8
_LONGEST_NAME = 40
_WORDS = {
    "template_tag": word("template tags dropped: {names}"),
    "shortcode": word("shortcodes dropped, what stood between them kept: {names}"),
    "component": word("components and expressions dropped, what stood between them kept: {names}"),
    "directive": word("directives without a name we know, shown as plain text: {names}"),
    "raw_html": word("raw HTML that no mail or feed may carry, dropped: {names}"),
    "iframe": word("embedded pages shown as links: {names}"),
    "address": word("addresses that run code or carry data dropped: {names}"),
}


@dataclass(slots=True)
class Tally:
    """Counts by rule and name; the line of a rule's first, counted from 1 in the source."""

    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    _last: dict[str, str] = field(default_factory=dict)

    def add(self, rule: str, name: str, text: str, position: int) -> None:
        """Count one more, found at `position` of `text`."""
        names = self.counts.setdefault(rule, {})
        key = name[:_LONGEST_NAME] or "?"
        names[key] = names.get(key, 0) + 1
        # One pass finds its things in order, so only its first can come before all others.
        if self._last.get(rule) is not text:
            self._last[rule] = text
            line = count_lines(text, position) + 1
            self.lines[rule] = min(line, self.lines.get(rule, line))

    def list_findings(self, first_line: int) -> list[Finding]:
        """Return a warning for each rule; `first_line` of the file is line 1 of the source."""
        return [
            Finding(
                rule,
                Level.WARN,
                _WORDS[rule].format(names=_list(names)),
                self._place(rule, first_line),
            )
            for rule, names in self.counts.items()
        ]

    def _place(self, rule: str, first_line: int) -> int:
        return first_line - 1 + self.lines[rule]


Count = Callable[[str, str], None]
"""Counts one thing of a rule by its name, where the reader stands."""


def _list(names: dict[str, int]) -> str:
    shown = [f"{name} x{count}" for name, count in sorted(names.items())[:_SHOWN]]
    rest = len(names) - _SHOWN
    return ", ".join(shown) + (f" and {rest} more" if rest > 0 else "")
