"""What a provider that keeps the mail itself can be asked for."""

from __future__ import annotations

from typing import Protocol, runtime_checkable


@runtime_checkable
class MailKeeper(Protocol):
    """What an adapter has besides where the mail it takes stays in our own hands."""

    def forget(self, address: str) -> int:
        """Remove every mail to this address; how many there were. Again is harmless."""
