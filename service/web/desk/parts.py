"""What the desk stands on, besides what the readers' pages do."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from service.engine.works import Works
from service.membership import Register
from service.staff.access import Reception


@dataclass(frozen=True, slots=True)
class DeskParts:
    """Everything joined, and the folder where lists wait that somebody uploaded."""

    works: Works
    uploads: Path

    @property
    def reception(self) -> Reception:
        """What signing in needs."""
        return open_reception(self.works.register)


def open_reception(register: Register) -> Reception:
    """Signing in goes by the same mails and keys as a reader's road."""
    return Reception(
        publication=register.publication,
        sender=register.sender,
        key_ring=register.key_ring,
        renderer=register.renderer,
        account=register.account,
        installation=register.installation,
        wake=register.wake,
    )
