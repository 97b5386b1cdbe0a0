"""A process that sends: python -m tests.proof.sender forks one for each line it is told.

Everything is imported once, so that a thousand processes can be killed in minutes. Each opens
its own database and does what `kawaraban up` does with mail, until nothing may leave any more.
A line of JSON starts one; its number is printed, and "ended" once it is dead. It is buried only
with the next line, so that its number is nobody else's before whoever kills it has let go.
"""

from __future__ import annotations

import gc
import json
import logging
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import select

from service.app import App, build_app
from service.config import load_config
from service.delivery.reconcile import reconcile
from service.engine.distributed import Workers
from service.engine.embedded import Deliveries
from service.engine.waking import Waking
from service.engine.works import Works
from service.model.delivery import BatchState
from service.outbound.client import OutboundClient
from service.store.claims import list_due_batches
from service.store.tables import batches
from tests.fakes.waiting import wait_until
from tests.proof.provider import ProofProvider, ProviderClass

_LOOK_EVERY = 0.1
"""Seconds between looks for batches without a job; a real clock takes its time."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What is joined: a site, its database, the provider, and how mail is sent through it."""

    site: str
    environment: Mapping[str, str]
    kind: str
    url: str
    batch_limit: int
    engine: str
    workers: int


def join(setting: Setting, ahead: timedelta, client: OutboundClient) -> App:
    """The app of a setting, its clock so far ahead."""
    config = load_config(Path(setting.site) / "kawaraban.toml", setting.environment)
    app = build_app(config)
    kind = ProviderClass(setting.kind)
    provider = ProofProvider(kind, setting.url, setting.batch_limit, client)
    works = replace(
        app.works,
        clock=_set_clock(ahead),
        press=replace(
            app.works.press, capabilities=provider.capabilities, account=provider.account
        ),
        mailbag=replace(app.works.mailbag, provider=provider),
    )
    return replace(app, works=works)


def send(setting: Setting, ahead: timedelta, client: OutboundClient) -> None:
    """Settle what can be settled, and send until nothing may leave any more."""
    app = join(setting, ahead, client)
    reconcile(app.works.database, app.works.mailbag.provider, app.works.clock())
    with _open_engine(setting, app):
        wait_until(lambda: _is_idle(app.works), "nothing is left to send")
    reconcile(app.works.database, app.works.mailbag.provider, app.works.clock())
    app.close()


def main() -> None:
    """Fork until standard input ends."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    client = OutboundClient()
    gc.freeze()
    for line in sys.stdin:
        said = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _be_a_sender(said, client)
        _say(str(pid))
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        _say("ended")
        sys.stdin.readline()
        _say(str(os.waitpid(pid, 0)[1]))


def _be_a_sender(said: dict[str, Any], client: OutboundClient) -> None:
    """Never returns: what belongs to the process we were forked from is none of ours."""
    code = 1
    try:
        sys.stdin.close()
        send(Setting(**said["setting"]), timedelta(seconds=said["ahead"]), client)
        code = 0
    except BaseException as error:  # noqa: BLE001  (it must end here, and say why)
        os.write(2, f"a sender failed: {type(error).__name__}: {error}\n".encode())
    os._exit(code)


def _say(word: str) -> None:
    sys.stdout.write(word + "\n")
    sys.stdout.flush()


def _set_clock(ahead: timedelta) -> Callable[[], datetime]:
    return lambda: datetime.now(UTC) + ahead


@contextmanager
def _open_engine(setting: Setting, app: App) -> Iterator[None]:
    if setting.engine == "embedded":
        deliveries = Deliveries(app.works, app.wake_up, setting.workers)
        deliveries.start()
        yield
        deliveries.stop()
        return
    workers, waking = Workers(app.works, setting.workers), Waking(app.works, _LOOK_EVERY)
    waking.start()
    workers.start()
    yield
    waking.stop()
    workers.stop()


def _is_idle(works: Works) -> bool:
    """Whether nothing may leave and nothing is on its way."""
    claimed = select(batches.c.batch_id).where(batches.c.state == BatchState.CLAIMED).limit(1)
    with works.database.reading() as connection:
        due = list_due_batches(connection, works.clock(), 1, works.mailbag.provider.account)
        return not due and connection.execute(claimed).first() is None


if __name__ == "__main__":
    main()
