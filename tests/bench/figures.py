"""Figures and tables: how they are taken, and how docs/benchmarks.md shows them."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the first table."""

    what: str
    result: str
    note: str = ""


def once(work: Callable[[], object]) -> float:
    """Seconds that one run takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def best_of(runs: int, work: Callable[[], object]) -> float:
    """Seconds of the quickest of several runs."""
    return min(once(work) for _ in range(runs))


def describe_machine() -> str:
    """Where the figures come from."""
    return f"Python {platform.python_version()}, {os.cpu_count()} cores"


def print_table(names: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table of Markdown, and an empty line."""
    print(f"\n| {' | '.join(names)} |\n|{'---|' * len(names)}")
    for row in rows:
        print(f"| {' | '.join(row)} |")
    print(flush=True)
