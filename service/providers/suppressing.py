"""What a provider that keeps a list of its own of addresses can be asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol, runtime_checkable

from service.model.subscriber import SuppressionReason


@dataclass(frozen=True, slots=True)
class ListedAddress:
    """An address that the provider no longer writes to; `reason` None: its reader left there.

    An entry that cannot be read has an empty `address`, so that it is counted. `said` is what the
    receiving server answered, where the list has it: whether that blames the address is not the
    provider's to judge.
    """

    address: str = field(repr=False)
    reason: SuppressionReason | None
    said: str = field(default="", repr=False)


@runtime_checkable
class ListKeeper(Protocol):
    """What an adapter has besides where its provider's list can be read."""

    def list_suppressed(
        self, *, total_for: timedelta, pause: Callable[[timedelta], None]
    ) -> Iterator[ListedAddress]:
        """Yield the list, asking for page after page, each within `total_for`.

        Calls `pause` with how long to wait between two pages where the provider counts them.
        Raises DeliveryError when a page does not come, or cannot be read: the list is not whole.
        """
