"""What a network may do to a call: each end is one state, and nobody gets it twice."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from service.delivery.mailbag import Mailbag
from service.delivery.recording import Ending
from service.delivery.send import send_batch
from service.outbound.client import OutboundClient
from service.store.accounts import list_accounts, resume_account
from service.store.claims import list_due_batches
from tests.proof.bad_wire import BadWire, open_bad_wire
from tests.proof.ground import Ground, open_ground
from tests.proof.provider import ProofProvider, ProviderClass
from tests.proof.trial import Plan, Trial

BATCH = 2
ENDINGS = {
    "fine": Ending.ACCEPTED,
    "duplicate reply": Ending.ACCEPTED,
    "connection refused": Ending.REFUSED,
    "no TLS": Ending.REFUSED,
    "429 with Retry-After": Ending.REFUSED,
    "request unread": Ending.UNKNOWN,
    "request half read": Ending.UNKNOWN,
    "request lost": Ending.UNKNOWN,
    "reply lost": Ending.UNKNOWN,
    "5xx after accepting": Ending.UNKNOWN,
    "502 page after accepting": Ending.UNKNOWN,
    "truncated JSON": Ending.UNKNOWN,
    "shorter than it says": Ending.UNKNOWN,
    "200 with errors": Ending.UNKNOWN,
    "wrong count": Ending.UNKNOWN,
    "no HTTP at all": Ending.UNKNOWN,
    "slow drip": Ending.UNKNOWN,
}


@pytest.fixture(scope="module")
def ground() -> Iterator[Ground]:
    with open_ground() as opened:
        yield opened


@pytest.fixture
def wire(ground: Ground) -> Iterator[BadWire]:
    port = urlsplit(ground.url).port
    assert port is not None
    with open_bad_wire(port) as opened:
        yield opened


@pytest.mark.parametrize("kind", list(ProviderClass), ids=lambda kind: kind.name.lower())
def test_every_fault_of_the_wire_is_one_state_and_nobody_gets_it_twice(
    ground: Ground, wire: BadWire, kind: ProviderClass, migrated_file: Path, tmp_path: Path
) -> None:
    (tmp_path / "var").mkdir()
    shutil.copyfile(migrated_file, tmp_path / "var" / "kawaraban.db")
    trial = Trial(ground, plan_edition(kind), tmp_path, {})
    try:
        trial.prepare()
        endings = {fault: send_next(trial, wire, kind, fault) for fault in ENDINGS}
        assert endings == ENDINGS
        trial.settle()
        result = trial.count()
    finally:
        trial.close()
    unclear = list(ENDINGS.values()).count(Ending.UNKNOWN)
    assert (result.twice, result.lost, result.altered) == (0, 0, 0)
    assert result.unknown_batches == (unclear if kind is ProviderClass.NOTHING else 0)
    assert (result.twice_at_last, result.lost_at_last) == (0, 0)


def plan_edition(kind: ProviderClass) -> Plan:
    return Plan(
        engine="embedded",
        database="sqlite",
        kind=kind,
        workers=1,
        recipients=BATCH * len(ENDINGS),
        batch_limit=BATCH,
        kills=0,
        trouble=0.0,
        seed=0,
    )


def send_next(trial: Trial, wire: BadWire, kind: ProviderClass, fault: str) -> Ending:
    """Send the last batch that may leave, through a wire with this fault."""
    works = trial.app.works
    with works.database.writing() as connection:
        for one in list_accounts(connection):
            resume_account(connection, one.account)
        batch_id = list_due_batches(connection, works.clock(), 1, "proof")[0]
    wire.fault = fault
    bag = open_bag(works.mailbag, kind, find_url(wire, fault))
    return send_batch(works.database, bag, batch_id, works.clock)


def find_url(wire: BadWire, fault: str) -> str:
    if fault == "connection refused":
        return "http://127.0.0.1:1"
    return f"http{'s' if fault == 'no TLS' else ''}://127.0.0.1:{wire.port}"


def open_bag(bag: Mailbag, kind: ProviderClass, url: str) -> Mailbag:
    """Only the slow drip waits for the deadline."""
    provider = ProofProvider(kind, url, BATCH, OutboundClient())
    return replace(bag, provider=provider, total_for=timedelta(seconds=2))
