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
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy.exc import OperationalError

from service.app import App, build_app
from service.config import load_config
from service.delivery.reconcile import reconcile
from service.engine.distributed import Workers
from service.engine.embedded import Deliveries
from service.engine.rounds import describe_failure
from service.engine.waking import Waking
from service.engine.works import Works, deliver_due
from service.outbound.client import OutboundClient
from service.store.claims import list_due_batches
from tests.fakes.waiting import wait_until
from tests.proof.mishaps import Mishap, StoppingProvider, count_words
from tests.proof.provider import ProofProvider, ProviderClass

log = structlog.get_logger(__name__)

_LONGEST = 1800.0
"""Seconds after which a process that still sends has failed."""

_LOOK_EVERY = 0.1
"""Seconds between looks for batches without a job; a real clock takes its time."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What is joined: a site, its database, the provider, and how mail is sent through it.

    `engine` is embedded; distributed; workers, for which somebody else is the clock; or once, as
    `kawaraban tick` sends, where one thread does everything.
    """

    site: str
    environment: Mapping[str, str]
    kind: str
    url: str
    batch_limit: int
    engine: str
    workers: int


@dataclass(frozen=True, slots=True)
class Orders:
    """What is to happen to a process that sends, and where it says what went wrong.

    One that `waits` stops itself before anything else, until it is told to go on; one that
    `stops` does so right before the first byte of its first call.
    """

    mishap: Mishap | None = None
    waits: bool = False
    stops: bool = False
    log: str = ""

    @classmethod
    def read(cls, said: Mapping[str, Any]) -> Orders:
        """Orders that travelled as JSON."""
        mishap = Mishap(**said["mishap"]) if said["mishap"] else None
        return cls(mishap, said["waits"], said["stops"], said["log"])


PEACEFUL = Orders()


def join(
    setting: Setting,
    ahead: timedelta,
    client: OutboundClient,
    build: type[ProofProvider] = ProofProvider,
) -> App:
    """The app of a setting, its clock so far ahead."""
    config = load_config(Path(setting.site) / "kawaraban.toml", setting.environment)
    app = build_app(config)
    kind = ProviderClass(setting.kind)
    provider = build(kind, setting.url, setting.batch_limit, client)
    works = replace(
        app.works,
        clock=_set_clock(ahead),
        press=replace(
            app.works.press, capabilities=provider.capabilities, account=provider.account
        ),
        mailbag=replace(app.works.mailbag, provider=provider),
    )
    return replace(app, works=works)


def send(
    setting: Setting, ahead: timedelta, client: OutboundClient, orders: Orders = PEACEFUL
) -> None:
    """Settle what can be settled, and send until nothing may leave any more.

    A database that is away for a moment is asked again, as by a process that was started again.
    """
    app = join(setting, ahead, client, StoppingProvider if orders.stops else ProofProvider)
    works = app.works
    count = count_words(works.database.engine, orders.mishap)
    wait_until(lambda: _try(lambda: _settle(works)), "what is unknown was settled")
    if setting.engine == "once":
        deliver_due(works)
    with _open_engine(setting, app):
        wait_until(lambda: _try(lambda: _is_idle(works)), "nothing is left to send", _LONGEST)
    wait_until(lambda: _try(lambda: _settle(works)), "what is unknown was settled")
    log.warning("sent", words=count())
    app.close()


def main() -> None:
    """Fork until standard input ends."""
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL),
        # Standard output is for what `Ground` reads.
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    client = OutboundClient()
    gc.freeze()
    for line in sys.stdin:
        said = json.loads(line)
        pids = [_fork(said, client) for _ in range(said["count"])]
        _say(" ".join(map(str, pids)))
        for pid in pids:
            os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        _say("ended")
        sys.stdin.readline()
        _say(" ".join(str(os.waitpid(pid, 0)[1]) for pid in pids))


def _fork(said: dict[str, Any], client: OutboundClient) -> int:
    pid = os.fork()
    if pid == 0:
        _be_a_sender(said, client)
    return pid


def _be_a_sender(said: dict[str, Any], client: OutboundClient) -> None:
    """Never returns: what belongs to the process we were forked from is none of ours."""
    code = 1
    orders = Orders.read(said["orders"])
    try:
        sys.stdin.close()
        if orders.log:
            _write_log(Path(orders.log))
        if orders.waits:
            os.kill(os.getpid(), signal.SIGSTOP)
        send(Setting(**said["setting"]), timedelta(seconds=said["ahead"]), client, orders)
        code = 0
    except BaseException as error:  # noqa: BLE001  (it must end here, and say why)
        log.critical("a sender failed", error=describe_failure(error))
    os._exit(code)


def _write_log(path: Path) -> None:
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        processors=[structlog.processors.KeyValueRenderer(key_order=["event"])],
        logger_factory=structlog.WriteLoggerFactory(path.open("a", encoding="utf-8")),
    )


def _try(do: Callable[[], bool]) -> bool:
    try:
        return do()
    except OperationalError as error:
        log.warning("the database does not answer", reason=describe_failure(error))
        return False


def _say(word: str) -> None:
    sys.stdout.write(word + "\n")
    sys.stdout.flush()


def _set_clock(ahead: timedelta) -> Callable[[], datetime]:
    return lambda: datetime.now(UTC) + ahead


@contextmanager
def _open_engine(setting: Setting, app: App) -> Iterator[None]:
    if setting.engine == "once":
        yield
        return
    if setting.engine == "embedded":
        deliveries = Deliveries(app.works, app.wake_up, setting.workers)
        deliveries.start()
        yield
        deliveries.stop()
        return
    workers, waking = Workers(app.works, setting.workers), Waking(app.works, _LOOK_EVERY)
    has_clock = setting.engine == "distributed"
    if has_clock:
        waking.start()
    workers.start()
    yield
    if has_clock:
        waking.stop()
    workers.stop()


def _settle(works: Works) -> bool:
    reconcile(works.database, works.mailbag.provider, works.clock())
    return True


def _is_idle(works: Works) -> bool:
    """Whether nothing may leave; what is on its way is finished before an engine ends."""
    now, account = works.clock(), works.mailbag.provider.account
    with works.database.reading() as connection:
        return not list_due_batches(connection, now, 1, account)


if __name__ == "__main__":
    main()
