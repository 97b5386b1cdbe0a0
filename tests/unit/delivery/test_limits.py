from __future__ import annotations

from datetime import timedelta

import pytest

from service.delivery.limits import find_batch_size, find_turn_length
from service.model.edition import Rendered
from service.providers.base import Capabilities, Rate, RateUnit

SECOND = timedelta(seconds=1)
FIVE_CALLS = Rate(5, SECOND, RateUnit.CALLS)
FOURTEEN_READERS = Rate(14, SECOND, RateUnit.RECIPIENTS)


def measure(html_bytes: int, *, merges: bool, rate: Rate | None = None) -> int:
    capabilities = Capabilities(
        batch_limit=100, byte_limit=1_000_000, merges=merges, same_key_for=None, rate=rate
    )
    return find_batch_size(capabilities, Rendered("題", "", "x" * html_bytes, ""))


@pytest.mark.parametrize(
    ("html_bytes", "merges", "rate", "size"),
    [
        (80_000, True, None, 100),
        (80_000, False, None, 10),
        (10, False, None, 49),
        (5_000_000, False, None, 1),
        (10, True, FOURTEEN_READERS, 14),
        (10, True, FIVE_CALLS, 100),
    ],
)
def test_a_batch_is_as_large_as_the_provider_takes_at_once(
    html_bytes: int, merges: bool, rate: Rate | None, size: int
) -> None:
    assert measure(html_bytes, merges=merges, rate=rate) == size


@pytest.mark.parametrize(
    ("rate", "readers", "milliseconds"),
    [
        (FIVE_CALLS, 1, 200),
        (FIVE_CALLS, 100, 200),
        (FOURTEEN_READERS, 7, 500),
        (FOURTEEN_READERS, 14, 1000),
        (FOURTEEN_READERS, 50, 50 * 1000 / 14),
    ],
)
def test_a_batch_uses_an_account_up_for_as_long_as_its_share_of_the_rate(
    rate: Rate, readers: int, milliseconds: float
) -> None:
    length = find_turn_length(rate, readers)
    assert abs(length - timedelta(milliseconds=milliseconds)) < timedelta(milliseconds=1)
