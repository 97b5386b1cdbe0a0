"""The table of docs/guarantees.md, made of what was counted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from tests.proof.trial import Result

BEGIN = "<!-- what follows is written by `make faults` -->"
END = "<!-- what `make faults` writes ends here -->"
_HEAD = (
    "| engine | database | class | workers | recipients | kills | bad calls "
    "| twice | lost | unknown | seed |\n"
    "|---|---|---|--:|--:|--:|--:|--:|--:|--:|--:|\n"
)


def write_table(page: Path, form: str, results: Sequence[Result], today: date) -> None:
    """Put the table between its two marks on `page`."""
    before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    table = compose_table(form, results, today)
    page.write_text(f"{before}{BEGIN}\n\n{table}\n{END}{after}", encoding="utf-8")


def compose_table(form: str, results: Sequence[Result], today: date) -> str:
    """One line a trial, and a sentence on what was run, and when."""
    kills = sum(one.kills for one in results)
    recipients = sum(one.plan.recipients for one in results)
    said = (
        f"{form}, run on {today:%Y-%m-%d}: {kills:,} processes killed with -9 "
        f"while they sent to {recipients:,} recipients.\n\n"
    )
    return said + _HEAD + "".join(_compose_line(one) for one in results)


def _compose_line(result: Result) -> str:
    plan = result.plan
    unknown = f"{result.unknown:,} in {result.unknown_batches:,} batches" if result.unknown else "0"
    cells = (
        plan.engine,
        {"sqlite": "SQLite", "postgres": "PostgreSQL"}[plan.database],
        plan.kind.value,
        plan.workers,
        f"{plan.recipients:,}",
        f"{result.kills:,}",
        f"{result.troubled:,}",
        f"{max(result.twice, result.twice_at_last):,}",
        f"{max(result.lost, result.lost_at_last):,}",
        unknown,
        plan.seed,
    )
    return f"| {' | '.join(map(str, cells))} |\n"
