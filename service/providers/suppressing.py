"""What a provider that keeps a list of its own of addresses can be asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol, runtime_checkable

from service.model.subscriber import SuppressionReason


@dataclass(frozen=True, slots=True)
class ListedAddress:
    """An address that the provider no longer writes to; `reason` None: its reader left there."""

    address: str = field(repr=False)
    reason: SuppressionReason | None


@runtime_checkable
class ListKeeper(Protocol):
    """What an adapter has besides where its provider's list can be read."""

    def list_suppressed(self, *, total_for: timedelta) -> Iterator[ListedAddress]:
        """Yield the list, asking for page after page, each within `total_for`.

        Raises DeliveryError when a page does not come, or cannot be read: the list is not whole.
        """
