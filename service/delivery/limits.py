"""What a provider's limits mean for a batch: how large it may be, how long it uses them up."""

from __future__ import annotations

from datetime import timedelta

from service.model.edition import Rendered
from service.providers.base import Capabilities, Rate, RateUnit

_SPARE_BYTES = 20_000
"""Kept free in a call for headers and everything else besides the content."""


def find_batch_size(capabilities: Capabilities, rendered: Rendered) -> int:
    """How many readers of one variant go into a batch; at least one."""
    size = capabilities.batch_limit
    if not capabilities.merges:
        content = len(rendered.html.encode()) + len(rendered.text.encode())
        size = min(size, capabilities.byte_limit // (content + _SPARE_BYTES))
    rate = capabilities.rate
    if rate is not None and rate.unit is not RateUnit.CALLS:
        # More than the provider takes in one stretch of time cannot go in one call.
        size = min(size, rate.count)
    return max(1, size)


def find_turn_length(rate: Rate, readers: int) -> timedelta:
    """How long a batch of so many readers uses up what the provider takes."""
    units = 1 if rate.unit is RateUnit.CALLS else readers
    return rate.per * units / rate.count
