"""A process that sends in small pieces, on a clock that hurries: there is much to interrupt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from service.app import build_app
from service.config import load_config
from service.delivery import lineup
from service.engine.works import deliver_due, run_pass
from service.providers.base import Capabilities, Outcome, Prepared
from service.providers.outbox import OutboxProvider

_SPAN, _BATCH, _HASTE = 20, 5, 100


def send_hastily(site: Path, calls: Path, now: datetime) -> None:
    """Say "ready", then do one pass and send what may leave; each call is a line of a file."""
    started = datetime.now(now.tzinfo)
    lineup._SPAN = _SPAN
    app = build_app(load_config(site / "kawaraban.toml", {}))
    provider = _SmallOutbox(site / "var" / "outbox", calls)
    works = replace(
        app.works,
        clock=lambda: now + _HASTE * (datetime.now(now.tzinfo) - started),
        press=replace(app.works.press, capabilities=provider.capabilities),
        mailbag=replace(app.works.mailbag, provider=provider),
    )
    print("ready", flush=True)  # noqa: T201  (whoever kills us reads it)
    run_pass(works, now)
    deliver_due(works)


class _SmallOutbox(OutboxProvider):
    def __init__(self, folder: Path, calls: Path) -> None:
        super().__init__(folder)
        self._calls = calls

    @property
    def capabilities(self) -> Capabilities:
        return replace(super().capabilities, batch_limit=_BATCH)

    def send(
        self, prepared: Prepared, *, total_for: timedelta, ready: Callable[[], None]
    ) -> Outcome:
        outcome = super().send(prepared, total_for=total_for, ready=ready)
        with self._calls.open("ab", buffering=0) as calls:
            calls.write(f"{prepared.key} {prepared.digest}\n".encode())
        return outcome
