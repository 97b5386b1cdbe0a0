"""What commands print: tables for people, one JSON document for scripts, bars for the patient."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, tzinfo
from pathlib import Path
from typing import Any, Literal

import click
from rich import box
from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars
from rich.table import Table
from rich.text import Text

from service.model.post import Post

Tell = Callable[[str, int, int], None]
"""Told which step, how much of it is done, and how much there is."""

_PIPE_WIDTH = 100_000
"""Columns where nobody looks: lines for grep, so never folded."""

_SHOWN_TOO = frozenset("\n\u00a0\u200d\u3000")
"""Line ends, and the blanks and joints of Japanese and of emoji: nothing that a terminal obeys."""

_OBEYED = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""What some terminals obey, of all that JSON need not escape."""

_SHORT = 16
"""Columns of a table that are no wider than this are never folded."""

json_option = click.option("--json", "as_json", is_flag=True, help="Report as one JSON document.")


def show(document: Mapping[str, object], *lines: RenderableType, as_json: bool) -> None:
    """Print the document for scripts, or the lines for people."""
    if as_json:
        click.echo(_write_json(document))
        return
    print_lines(open_console(), lines)


def print_lines(console: Console, lines: Iterable[RenderableType]) -> None:
    """Print lines and tables; into a pipe without the blanks that fill up a table's columns."""
    with console.capture() as capture:
        for line in lines:
            console.print(line, soft_wrap=isinstance(line, str | Text))
    for line in capture.get().splitlines():
        console.file.write((line if console.is_terminal else line.rstrip()) + "\n")


def open_console() -> Console:
    """Standard output: as wide as the terminal, and nothing in a text is taken for markup."""
    width = None if sys.stdout.isatty() else _PIPE_WIDTH
    return Console(file=sys.stdout, width=width, markup=False, emoji=False, highlight=False)


def open_error_console() -> Console:
    """Standard error, in the same manner: for what is said beside the report."""
    width = None if sys.stderr.isatty() else _PIPE_WIDTH
    return Console(file=sys.stderr, width=width, markup=False, emoji=False, highlight=False)


def make_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Table:
    """A table without a frame; columns whose name begins with # are numbers.

    Columns of short words are never broken, so that a narrow terminal folds the long ones;
    those without a word are left out.
    """
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, collapse_padding=True)
    written = [[write(cell) for cell in row] for row in rows]
    kept = [at for at in range(len(columns)) if not written or any(row[at] for row in written)]
    for at in kept:
        name = columns[at].removeprefix("#")
        widest = max(cell_len(text) for text in (name, *(row[at] for row in written)))
        justify: Literal["left", "right"] = "right" if columns[at].startswith("#") else "left"
        table.add_column(name, justify=justify, overflow="fold", no_wrap=widest <= _SHORT)
    for row in written:
        table.add_row(*(row[at] for at in kept))
    return table


def make_facts(facts: Mapping[str, object]) -> Table:
    """Names and values, one a line; what is empty is left out."""
    table = Table.grid(padding=(0, 2))
    for name, value in facts.items():
        if value not in (None, "", ()):
            table.add_row(name, write(value))
    return table


def write(value: object) -> str:
    """A value as a cell shows it: printable, and nothing for None."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, tuple):
        return ", ".join(write(one) for one in value)
    return "".join(c if c.isprintable() or c in _SHOWN_TOO else "\ufffd" for c in str(value))


def write_moment(moment: datetime | None, zone: tzinfo) -> str:
    """A moment as the publication's wall clock shows it."""
    if moment is None:
        return ""
    local = moment.astimezone(zone)
    return f"{local:%a %Y-%m-%d %H:%M} {local:%Z}"


def write_minute(moment: datetime | None, zone: tzinfo) -> str:
    """The same for a column of a list: without the weekday, and without the zone of them all."""
    return "" if moment is None else f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"


def describe_post(post: Post) -> dict[str, object]:
    """What a JSON document says of a post in passing."""
    return {
        "path": post.path,
        "title": post.title,
        "url": post.url,
        "published_at": post.published_at,
    }


@contextmanager
def progress() -> Iterator[Tell | None]:
    """Bars on standard error for a person who looks; None where nobody does."""
    if not sys.stderr.isatty():
        yield None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Bars(*columns, TimeElapsedColumn(), console=Console(stderr=True), transient=True) as bars:
        tasks: dict[str, Any] = {}

        def tell(step: str, done: int, total: int) -> None:
            if step not in tasks:
                tasks[step] = bars.add_task(step, total=total)
            bars.update(tasks[step], completed=done, total=total)

        yield tell


def tell_step(tell: Tell | None, step: str) -> Callable[[int, int], None] | None:
    """The bar of one step, for work that knows of no other."""
    return None if tell is None else lambda done, total: tell(step, done, total)


def list_obstacles(obstacles: tuple[str, ...]) -> list[RenderableType]:
    """What keeps mail back, for people; nothing when nothing does."""
    if not obstacles:
        return []
    return ["No mail leaves until this is settled:", *(f"  {one}" for one in obstacles), ""]


def find_place(root: Path, path: str, line: int | None) -> str:
    """Where a file below `root` is, seen from here, in the spelling that editors jump to."""
    shown = write(os.path.relpath(root / path))
    return shown if line is None else f"{shown}:{line}"


def count_of(count: int, noun: str) -> str:
    """A number of things, in English: 1 post, 2 posts."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def say(text: str) -> None:
    """Say something to a person, beside what is reported."""
    click.echo(write(text), err=True)


def need_attention(wanted: bool) -> None:
    """End with status 1 when something waits for a person."""
    if wanted:
        raise click.exceptions.Exit(1)


def _write_json(document: Mapping[str, object]) -> str:
    written = json.dumps(document, ensure_ascii=False, indent=2, default=_to_json)
    return _OBEYED.sub(lambda found: f"\\u{ord(found[0]):04x}", written)


def _to_json(value: object) -> object:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON")
