"""Why readers of an edition were refused, for `editions show`."""

from __future__ import annotations

from datetime import tzinfo

from rich.console import RenderableType

from service.cli.printing import count_of, write_moment
from service.delivery.limits import GIVE_UP_AFTER
from service.store.refusals import Refusals


def describe_refusals(refusals: Refusals) -> dict[str, object]:
    """For scripts."""
    return {"ended": refusals.ended, "for_now": refusals.for_now, "since": refusals.since}


def list_refusals(refusals: Refusals, zone: tzinfo) -> list[RenderableType]:
    """For people; nothing when nobody is refused."""
    lines: list[RenderableType] = []
    if refusals.ended:
        said = [
            f"{count:,} {reason or 'no reason given'}" for reason, count in refusals.ended.items()
        ]
        lines.append(f"Of the refused: {', '.join(said)}.")
    if refusals.since is not None:
        until = write_moment(refusals.since + GIVE_UP_AFTER, zone)
        readers = count_of(refusals.for_now, "reader")
        lines.append(f"Of the waiting: {readers} refused for now, asked again until {until}.")
    return lines
