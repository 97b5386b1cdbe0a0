"""The commands that settle what needs a person, and those that list all of it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from service.model.condition import Condition

_EDITION = "kawaraban editions"

COMMANDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "send_hold": ("kawaraban doctor --release-hold",),
        "account": ("kawaraban doctor --resume-account {account}",),
        "signups": ("kawaraban subscribers waiting",),
        "unmade": (f"{_EDITION} approve {{edition}}", f"{_EDITION} cancel {{edition}}"),
        "overdue": (
            f"{_EDITION} preview {{edition}}",
            f"{_EDITION} approve {{edition}}",
            f"{_EDITION} cancel {{edition}}",
        ),
        "paused": (f"{_EDITION} resume {{edition}}", f"{_EDITION} cancel {{edition}}"),
        "goes": (f"{_EDITION} preview {{edition}}", f"{_EDITION} hold {{edition}}"),
        "asks": (f"{_EDITION} preview {{edition}}", f"{_EDITION} approve {{edition}}"),
        "held": ("kawaraban posts release {path}",),
        "mass": ("kawaraban posts release --mass",),
        "late": ("kawaraban posts release {path}",),
    }
)
"""What settles a thing, by its form; the values of the thing fill them, quoted for a shell."""

LISTED_BY: Mapping[Condition, str] = MappingProxyType(
    {
        Condition.UNKNOWN: "kawaraban unknown list",
        Condition.SIGNUPS: "kawaraban subscribers waiting",
        Condition.QUARANTINED: "kawaraban posts list --state quarantined",
        Condition.HELD: "kawaraban posts list --state held",
        Condition.FILTER: "kawaraban check",
    }
)
"""What lists all the things of a condition that a mail only counts."""
