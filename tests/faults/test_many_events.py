"""Calls of providers that hold far more than they usually do."""

from __future__ import annotations

import json

import pytest

from tests.unit.providers.test_hostile_callbacks import EVENT, SOURCES


@pytest.mark.parametrize("name", ["sendgrid", "brevo", "postmark"])
def test_ten_thousand_events_in_one_call_are_ten_thousand_events(name: str) -> None:
    ids = [{"sg_event_id": str(n), "ID": n, "ts_epoch": n + 1} for n in range(10_000)]
    events = [EVENT | one for one in ids]

    told = SOURCES[name].parse_events(json.dumps(events).encode())

    assert len({one.event_id for one in told}) == 10_000
