"""Servers on loopback, for as long as they are measured."""

from __future__ import annotations

import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress

_START_WITHIN = 120.0


def find_port() -> int:
    """A port nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


@contextmanager
def run_server(
    command: Sequence[str], url: str, path: str, environment: Mapping[str, str]
) -> Iterator[str]:
    """A process until the block ends; its URL, once `path` below it is there."""
    process = subprocess.Popen(
        list(command), env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        until = time.monotonic() + _START_WITHIN
        while not _answers(url + path):
            if time.monotonic() > until or process.poll() is not None:
                raise RuntimeError(f"{' '.join(command)} does not answer at {url}{path}")
            time.sleep(0.2)
        yield url
    finally:
        process.terminate()
        process.wait(30)


def _answers(url: str) -> bool:
    with suppress(OSError), urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310
        return bool(answer.status == 200)
    return False
