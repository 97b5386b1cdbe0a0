"""What a plain page of ours says: a heading, lines below it, perhaps one button."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Saying:
    """A heading with a few lines below it."""

    heading: str
    lines: tuple[str, ...]
    button: str = ""

    def write(self) -> str:
        """It as plain text, a line each."""
        return "".join(f"{line}\n" for line in (self.heading, *self.lines))
