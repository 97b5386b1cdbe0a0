"""Whoever delivers keeps to the provider's rate, and rests instead of leaving mail behind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from service.engine.works import Works, deliver_due, run_pass
from service.providers.base import Capabilities, Rate, RateUnit
from service.providers.outbox import OutboxProvider
from tests.fakes.house import MONDAY, WEEKLY, House

DAY = timedelta(days=1)


class SlowOutbox(OutboxProvider):
    """Takes two readers a call, and two calls a second."""

    @property
    def capabilities(self) -> Capabilities:
        rate = Rate(2, timedelta(seconds=1), RateUnit.CALLS)
        return replace(super().capabilities, batch_limit=2, rate=rate)


def test_a_tick_delivers_everything_at_the_providers_rate(
    open_house: Callable[[str], House],
) -> None:
    house = open_house(WEEKLY)
    house.tick(MONDAY - timedelta(hours=1))
    house.add_readers(*[f"reader{number}@example.com" for number in range(7)])
    house.clock.now = MONDAY + DAY
    house.write("new", house.clock.now)
    house.tick(MONDAY + 2 * DAY)
    works = slow_down(house)
    house.clock.now = MONDAY + 7 * DAY
    run_pass(works, house.clock.now)
    rests: list[float] = []

    def rest(seconds: float) -> None:
        rests.append(seconds)
        house.clock.advance(seconds=seconds)

    deliver_due(works, rest=rest)
    assert rests == [0.5, 0.5, 0.5]
    assert house.count_mail() == {f"reader{number}@example.com": 1 for number in range(7)}


def slow_down(house: House) -> Works:
    works = house.app.works
    provider = SlowOutbox(house.site / "var" / "outbox")
    return replace(
        works,
        press=replace(works.press, capabilities=provider.capabilities),
        mailbag=replace(works.mailbag, provider=provider),
    )
