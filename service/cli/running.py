"""`up`, `web`, `clock`, `worker`: what runs, all at once or one kind a process."""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import click
import structlog
import uvicorn
from starlette.types import ASGIApp

from service.app import App, build_doors
from service.cli.inviting import describe_start, list_invitations
from service.cli.logging import configure_logging
from service.cli.printing import (
    json_option,
    progress,
    show,
)
from service.cli.session import Session, pass_session
from service.cli.stopping import Stop
from service.engine.clock import Clock
from service.engine.distributed import Workers
from service.engine.embedded import Deliveries
from service.engine.guard import hold_clock, take_turns
from service.engine.waking import Waking
from service.engine.works import PassReport, run_pass
from service.errors import KawarabanError, UsageError
from service.store.files import FileRow
from service.store.locks import AdvisoryLock
from service.store.secret_file import has_secret

log = structlog.get_logger(__name__)

_SCAN_WITHIN = timedelta(minutes=5)
"""How old the last scan may be before `up` calls itself unwell; its clock scans every minute."""

_HOLD_EVERY = 5.0
"""Seconds between looks whether this is still the clock of its database."""

host_option = click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="The address to listen at; 0.0.0.0 for every one. The port is PORT, or 8000.",
)


@click.command("up")
@host_option
@json_option
@pass_session
def up(session: Session, *, host: str, as_json: bool) -> None:
    """Run everything: pages, clock and deliveries.

    Reads the posts, publishes feeds, opens and sends what is due, and serves the pages, until
    Ctrl-C or SIGTERM; batches in hand are finished first. One per data folder.
    """
    configure_logging(logging.INFO)
    app = session.open_app()
    log_pass = PassLog()
    with (
        hold_clock(app.config.service.data, app.works.database),
        _open_door(host, app.config.service.port) as door,
        Stop() as stop,
    ):
        with progress() as tell:
            # Shown with bars, which the clock's own first pass would not have.
            log_pass(run_pass(app.works, app.works.clock(), tell))
        clock = Clock(app.works, log_pass, _list_own_folders(app))
        deliveries = Deliveries(app.works, app.wake_up)
        clock.start()
        deliveries.start()
        waking = None if app.works.database.is_sqlite else Waking(app.works)
        if waking is not None:
            waking.start()
        try:
            log.info("started", kind="up", port=app.config.service.port)
            show(describe_start(app), *list_invitations(app), as_json=as_json)
            doors = build_doors(app, host=host, scan_within=_SCAN_WITHIN, on_push=clock.pull_soon)
            _serve(doors, door, stop)
        finally:
            clock.stop()
            if waking is not None:
                waking.stop()
            deliveries.stop()


@click.command("web")
@host_option
@pass_session
def web(session: Session, *, host: str) -> None:
    """Run the pages alone (PostgreSQL)."""
    app = _open_kind(session, "web")
    with _open_door(host, app.config.service.port) as door, Stop() as stop:
        _serve(build_doors(app, host=host, scan_within=None), door, stop)


@click.command("clock")
@pass_session
def clock(session: Session) -> None:
    """Run the clock alone (PostgreSQL).

    Of several, one acts and the others stand by, to take over when it ends.
    """
    app = _open_kind(session, "clock")
    with Stop() as stop:
        take_turns(app.works.database, lambda lock: _act_as_clock(app, lock, stop), stop.wait_for)


@click.command("worker")
@click.option(
    "--threads",
    type=click.IntRange(1, 64),
    default=4,
    show_default=True,
    help="How many batches it sends at a time.",
)
@pass_session
def worker(session: Session, *, threads: int) -> None:
    """Run the deliveries alone (PostgreSQL).

    As many workers as you like: no two ever take the same batch. SIGTERM lets the batches in
    hand be finished.
    """
    app = _open_kind(session, "worker")
    with Stop() as stop:
        workers = Workers(app.works, threads)
        workers.start()
        try:
            stop.wait()
        finally:
            workers.stop()


def _act_as_clock(app: App, lock: AdvisoryLock, stop: Stop) -> None:
    """Be the clock until we are to end, or somebody else is."""
    log.info("this process is the clock")
    ticking, waking = Clock(app.works, PassLog(), _list_own_folders(app)), Waking(app.works)
    try:
        ticking.start()
        waking.start()
        while lock.is_held() and not stop.wait_for(_HOLD_EVERY):
            pass
    finally:
        ticking.stop()
        waking.stop()


@contextmanager
def _open_door(host: str, port: int) -> Iterator[socket.socket]:
    """Listen before anything else is begun: a taken port is told at once."""
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        door = socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise KawarabanError(
            f"cannot listen at {host}, port {port}: {error.strerror}; "
            "end what runs there, or choose another port: PORT=8001 kawaraban up"
        ) from error
    with door:
        yield door


def _serve(doors: ASGIApp, door: socket.socket, stop: Stop) -> None:
    server = uvicorn.Server(
        uvicorn.Config(
            doors,
            lifespan="on",
            log_config=None,
            # The outbox opens by the peer's own address, which no header may rewrite.
            proxy_headers=False,
            # Addresses of pages hold the tokens of readers.
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=10,
        )
    )
    if stop.is_asked:
        return
    server.run(sockets=[door])
    if not server.started and not stop.is_asked:
        raise KawarabanError("the pages could not be started; the log says why")


def _open_kind(session: Session, kind: str) -> App:
    configure_logging(logging.INFO)
    if session.config.service.database_url.startswith("sqlite"):
        raise UsageError(
            f"{kind}: SQLite is for one process, which is `kawaraban up`; "
            "to run web, clock and worker apart, set DATABASE_URL to a PostgreSQL"
        )
    _require_shared_key(session, kind)
    app = session.open_app()
    log.info("started", kind=kind)
    return app


def _require_shared_key(session: Session, kind: str) -> None:
    """Refuse to make up a key for links where another machine would make up another."""
    service = session.config.service
    if not service.secret_key and not has_secret(service.data):
        raise UsageError(
            f"{kind}: KAWARABAN_SECRET_KEY is not set and {service.data} has no secret.json, so "
            "every process on another disk would sign links with a key of its own. Set it to the "
            "same for all of them: openssl rand -hex 32"
        )


def _list_own_folders(app: App) -> tuple[Path, ...]:
    """Where we write ourselves, which is nothing to wake up for."""
    return app.config.service.data, app.config.service.public


class PassLog:
    """Logs passes that did something, and each broken file once, not with every pass."""

    def __init__(self) -> None:
        self._told: frozenset[FileRow] = frozenset()

    def __call__(self, report: PassReport) -> None:
        """Log what `report` says that was not said yet."""
        broken = frozenset(report.scan.quarantined)
        for row in sorted(broken - self._told, key=lambda row: row.path):
            log.warning("file quarantined", path=row.path, line=row.line, reason=row.message)
        self._told = broken
        scan, opened = report.scan, report.opened
        if scan.changed_anything or report.published.written or opened.news or opened.opened:
            log.info(
                "pass",
                new=scan.new,
                changed=scan.changed,
                renamed=scan.renamed,
                gone=scan.gone,
                held_as_mass=scan.held_as_mass,
                files_written=report.published.written,
                news=opened.news,
                opened=len(opened.opened),
                frozen=len(opened.frozen),
                next_due=str(report.next_due or ""),
            )
