"""Complaints as lines for a person: heads by rule, places to jump to, what to do, and a sum."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from service.cli.advice import RELEASE, find_advice, find_title
from service.cli.complaints import Complaint, Grade, Heap
from service.cli.printing import count_of, find_place, open_console, write
from service.cli.verdicts import write_verdicts
from service.content.survey import Survey
from service.model.post import Post, Reading

_SHOWN = {Grade.ERROR: 20, Grade.HOLD: 10, Grade.WARN: 2, Grade.NOTE: 10}
"""How many of a heap are shown unless all are asked for."""

_WORDS = {
    Grade.ERROR: ("error", "bold red"),
    Grade.HOLD: ("held", "bold magenta"),
    Grade.WARN: ("warning", "bold yellow"),
    Grade.NOTE: ("note", "bold blue"),
}
_LONGEST_QUOTE = 160
_INDENT = "      "


@dataclass(frozen=True, slots=True)
class Manner:
    """How to write: where a file is from here, how wide the terminal is (None: a pipe)."""

    place_of: Callable[[str, int | None], str]
    width: int | None
    shows_all: bool


def choose_manner(root: Path, *, shows_all: bool) -> Manner:
    """How to write to standard output of files below `root`."""
    console = open_console()
    return Manner(
        place_of=lambda path, line: find_place(root, path, line),
        width=console.width if console.is_terminal else None,
        shows_all=shows_all,
    )


def list_complaints(heaps: Iterable[Heap], manner: Manner) -> list[Text]:
    """A head, places, and advice for each heap; an empty line behind each."""
    return [line for heap in heaps for line in _list_heap(heap, manner)]


def list_sound_files(survey: Survey, heaps: Iterable[Heap], manner: Manner) -> list[Text]:
    """The files of which there is nothing to complain, each with its verdict."""
    blamed = {one.path for heap in heaps for one in heap.complaints}
    readings = (file.reading for file in survey.files)
    lines = [
        Text(f"{manner.place_of(one.facts.path, None)}: {_tell_verdict(one)}; nothing found")
        for one in readings
        if one.facts.path not in blamed
    ]
    return [*lines, Text("")] if lines else []


def list_findings(post: Post, manner: Manner) -> Iterator[Text]:
    """What was found in one post, in the order of its lines, each with what to do."""
    for finding in sorted(post.findings, key=lambda one: one.line or 0):
        word, style = _WORDS[Grade(finding.level)]
        head = Text.assemble((f"{word}[{finding.rule}]", style), f": {find_title(finding.rule)}")
        yield head
        yield from _list_complaint(
            Complaint(post.path, finding.line, finding.message, finding.quote), manner
        )
        yield from _list_advice(Grade(finding.level), finding.rule, manner)
        yield Text("")


def write_totals(survey: Survey, heaps: Iterable[Heap], took: float) -> Text:
    """The sum of it all in a line; `took` in seconds."""
    found = list(heaps)
    errors = sum(len(heap.complaints) for heap in found if heap.grade is Grade.ERROR)
    warned = [heap for heap in found if heap.grade is Grade.WARN]
    warnings = sum(len(heap.complaints) for heap in warned)
    parts = [
        count_of(errors, "error") if errors else "",
        f"{len(survey.held):,} held" if survey.held else "",
        f"{count_of(warnings, 'warning')} in {count_of(len(warned), 'rule')}" if warned else "",
    ]
    said = ", ".join(part for part in parts if part) or "nothing found"
    files = f"{count_of(len(survey.files), 'file')}: {write_verdicts(survey.verdicts)}"
    style = "bold" if errors or survey.held else ""
    return Text.assemble((f"{files}; {said}", style), f" ({took:.1f} s)")


def fold(text: str, indent: str, width: int | None) -> Iterator[Text]:
    """The text between its indent and the terminal's edge; into a pipe as it is."""
    if width is None:
        yield Text(indent + text)
        return
    line = ""
    for word in text.split(" "):
        if line and cell_len(f"{indent}{line} {word}") > width:
            yield Text(indent + line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    yield Text(indent + line)


def _list_heap(heap: Heap, manner: Manner) -> Iterator[Text]:
    word, style = _WORDS[heap.grade]
    head = Text.assemble((f"{word}[{heap.rule}]", style), f": {find_title(heap.rule)} ")
    yield head + Text(f"({_count(heap)})", style="dim")
    shown = heap.complaints if manner.shows_all else heap.complaints[: _SHOWN[heap.grade]]
    for complaint in shown:
        yield from _list_complaint(complaint, manner)
    if len(heap.complaints) > len(shown):
        more = len(heap.complaints) - len(shown)
        yield Text(f"  … {more:,} more: kawaraban check --rule {heap.rule}", style="dim")
    yield from _list_advice(heap.grade, heap.rule, manner)
    yield Text("")


def _tell_verdict(reading: Reading) -> str:
    return f"{reading.verdict}: {reading.message}" if reading.message else str(reading.verdict)


def _list_advice(grade: Grade, rule: str, manner: Manner) -> Iterator[Text]:
    parts = (find_advice(rule), RELEASE if grade is Grade.HOLD else "")
    if advice := " ".join(part for part in parts if part):
        yield from fold(f"→ {advice}", "  ", manner.width)


def _count(heap: Heap) -> str:
    files = len({one.path for one in heap.complaints if one.path})
    times = len(heap.complaints)
    if not files:
        return count_of(times, "setting")
    return count_of(files, "file") if files == times else f"{times:,} in {count_of(files, 'file')}"


def _list_complaint(complaint: Complaint, manner: Manner) -> Iterator[Text]:
    message = write(complaint.message)
    if not complaint.path:
        yield from fold(message, "  ", manner.width)
        return
    place = f"  {manner.place_of(complaint.path, complaint.line)}:"
    whole = f"{place} {message}"
    if manner.width is None or cell_len(whole) <= manner.width:
        yield Text.assemble((place, "cyan"), f" {message}")
    else:
        yield Text(place, style="cyan")
        yield from fold(message, _INDENT, manner.width)
    if complaint.quote:
        room = min(_LONGEST_QUOTE, (manner.width or _LONGEST_QUOTE) - len(_INDENT) - 2)
        yield Text(f"{_INDENT}| {_clip(write(complaint.quote), room)}", style="dim")


def _clip(text: str, room: int) -> str:
    flat = " ".join(text.split())
    return flat if cell_len(flat) <= room else set_cell_size(flat, room - 1).rstrip() + "…"
