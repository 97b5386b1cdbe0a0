"""What happens to a sender from below: strace lets its n-th write fail, or kills it there."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.fakes.waiting import wait_until

WRITES = ("pwrite64", "fdatasync", "ftruncate")
"""What SQLite writes with, and nothing else in a sender."""


@contextmanager
def tracing(pid: int, trace: Path, inject: str = "", *, follow: bool = False) -> Iterator[None]:
    """Write down the writes of a sender that waits, and let it go on; `inject` as strace reads it.

    strace counts the calls of each thread by themselves. When the block ends, whatever it injected
    is over: the disk is there again.
    """
    more = ["-e", f"inject={inject}"] if inject else []
    command = ["strace", *(["-f"] if follow else []), "-e", f"trace={','.join(WRITES)}", *more]
    wait_until(lambda: is_stopped(pid), "the sender waits")
    with subprocess.Popen(
        [*command, "-o", str(trace), "-p", str(pid)], stderr=subprocess.PIPE, text=True
    ) as strace:
        assert strace.stderr is not None
        said = strace.stderr.readline()
        os.kill(pid, signal.SIGCONT)
        assert "attached" in said, said
        try:
            yield
        finally:
            strace.terminate()


def may_trace() -> bool:
    """Whether strace is here, and may look at other processes."""
    try:
        subprocess.run(["strace", "-o", os.devnull, "true"], capture_output=True, check=True)
    except (FileNotFoundError, subprocess.CalledProcessError):
        return False
    return True


def count_writes(trace: Path) -> dict[str, int]:
    """How often each call was made, in a trace of one thread."""
    calls = [line.partition("(")[0] for line in trace.read_text().splitlines()]
    return {name: calls.count(name) for name in WRITES}


def is_stopped(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"
