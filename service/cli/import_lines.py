"""What became of an import, or would, line by line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from rich.console import RenderableType

from service.audience.intake import Outline
from service.audience.origins import ORIGINS
from service.cli.printing import count_of, make_facts, make_table
from service.membership import ImportReport

_SHOWN_TAGS = 10


def describe_import(
    outline: Outline, report: ImportReport, tags: Sequence[tuple[str, int]], *, is_done: bool
) -> dict[str, object]:
    """The same for scripts."""
    return {
        **asdict(report),
        "done": is_done,
        "origins": outline.origins,
        "rows": outline.rows,
        "folded": outline.folded,
        "strangers": outline.strangers,
        "unreadable": outline.problem_count,
        "problems": [
            {"line": one.line, "reason": one.reason, **({"sheet": one.sheet} if one.sheet else {})}
            for one in outline.problems
        ],
        "ignored": outline.ignored,
        "ignored_tags": dict(tags),
    }


def list_import(
    outline: Outline, report: ImportReport, tags: Sequence[tuple[str, int]], *, is_done: bool
) -> list[RenderableType]:
    """Counts by kind, each with what it means, and the rows that could not be read."""
    titles = tuple(ORIGINS[name].title for name in outline.origins)
    facts = {
        "from": titles,
        "added" if is_done else "to be added": f"{report.added:,}",
        "confirmed": _say(report.proven, "not asked again: the sheet shows that they said yes"),
        "vouched for": _say(report.vouched, "not asked: you say that they said yes"),
        "to confirm": _describe_asked(report, is_done=is_done),
        "unsubscribed": _say(report.unsubscribed, "kept as such"),
        "already there": _say(report.already, "left as they are"),
        "left since": _say(report.ended, "of those already there: unsubscribed here too"),
        "blocked": _say(report.blocked, "bounced, complained or were blocked there: suppressed"),
        "suppressed": _say(report.suppressed, "left out: suppressed here"),
        "erased": _say(report.erased, "left out: only they themselves come back"),
        "strangers": _say(outline.strangers, "left out: they never subscribed"),
        "folded": f"{count_of(outline.folded, 'row')} on somebody met before"
        if outline.folded
        else "",
        "ignored columns": outline.ignored,
        "ignored tags": _list_tags(tags),
        "not read": count_of(outline.problem_count, "row") if outline.problem_count else "",
    }
    return [make_facts(facts), *_list_problems(outline)]


def _say(count: int, what: str) -> str:
    return f"{count:,}, {what}" if count else ""


def _describe_asked(report: ImportReport, *, is_done: bool) -> str:
    if not report.asked:
        return ""
    if not is_done:
        return f"{report.asked:,}, nothing proves that they said yes: asked by mail, once"
    late = report.asked - report.confirmations
    more = f"; {late:,} were asked too often or too lately" if late else ""
    return f"{report.confirmations:,} are asked by mail, by a running `up` or the next `tick`{more}"


def _list_tags(tags: Sequence[tuple[str, int]]) -> str:
    if not tags:
        return ""
    shown = ", ".join(f"{tag} ({count:,})" for tag, count in tags[:_SHOWN_TAGS])
    more = len(tags) - _SHOWN_TAGS
    return f"{shown} and {more:,} more" if more > 0 else shown


def _list_problems(outline: Outline) -> list[RenderableType]:
    if not outline.problems:
        return []
    table = make_table(
        ("sheet", "#line", "why"), [(one.sheet, one.line, one.reason) for one in outline.problems]
    )
    more = outline.problem_count - len(outline.problems)
    return ["", table, *([f"and {count_of(more, 'row')} more"] if more else [])]
