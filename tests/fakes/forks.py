"""Processes of the program that need not be started: forked of one that has imported it.

They are as real as others: numbers, memory, connections and ends of their own. Only the second
and a half is spared in which an interpreter reads the program. How that goes, test_endings,
test_wheel and test_up prove.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from functools import cache
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import IO, Any, Self

from service.cli import main

ROOT = Path(__file__).parents[2]


class Fork:
    """A process that runs; it has the words of subprocess.Popen, and dies with the tests."""

    def __init__(
        self, process: ForkServerProcess, stdout: IO[str] | None, stderr: IO[str] | None
    ) -> None:
        self._process = process
        self.stdout, self.stderr = stdout, stderr

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()
        self.wait()

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    def poll(self) -> int | None:
        """How it ended, or None: it has not; the number of a signal is negative."""
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """How it ended, once it has; raises TimeoutExpired."""
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired(self._process.name, timeout or 0)
        return self._process.exitcode

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """What it said to its end, where we read it; raises TimeoutExpired."""
        said: dict[IO[str] | None, str] = {}

        def read(output: IO[str]) -> None:
            said[output] = output.read()

        readers = [Thread(target=read, args=(one,), daemon=True) for one in self._list_outputs()]
        for reader in readers:
            reader.start()
        self.wait(timeout)
        for reader in readers:
            reader.join()
        self._close()
        return said.get(self.stdout, ""), said.get(self.stderr, "")

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def _list_outputs(self) -> list[IO[str]]:
        return [one for one in (self.stdout, self.stderr) if one is not None]

    def _close(self) -> None:
        for output in self._list_outputs():
            output.close()


def start_program(
    *words: str,
    cwd: Path = ROOT,
    env: Mapping[str, str] | None = None,
    stdout: int | IO[Any] = subprocess.DEVNULL,
    stderr: int | IO[Any] = subprocess.DEVNULL,
) -> Fork:
    """`kawaraban` with these words; the options are those of subprocess.Popen."""
    environment = dict(os.environ if env is None else env)
    return fork(_run_program, words, str(cwd), environment, stdout=stdout, stderr=stderr)


def run_program(
    *words: str, cwd: Path = ROOT, env: Mapping[str, str] | None = None, timeout: float = 120
) -> subprocess.CompletedProcess[str]:
    """`kawaraban` with these words to its end, and what it said."""
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        with start_program(*words, cwd=cwd, env=env, stdout=out, stderr=err) as process:
            status = process.wait(timeout)
        return subprocess.CompletedProcess(words, status, _read(out), _read(err))


def fork(
    do: Callable[..., object],
    *said: object,
    stdout: int | IO[Any] = subprocess.DEVNULL,
    stderr: int | IO[Any] = subprocess.DEVNULL,
) -> Fork:
    """A process that does this and ends; what it does is named in a module of tests.fakes."""
    with ExitStack() as stack:
        reads_out, out = _open_output(stdout, stack)
        reads_err, err = _open_output(stderr, stack)
        process = _open_forks().Process(target=_do, args=(do, said, (out, err)), daemon=True)
        process.start()
    return Fork(process, reads_out, reads_err)


@cache
def _open_forks() -> ForkServerContext:
    forks = multiprocessing.get_context("forkserver")
    forks.set_forkserver_preload([__name__])
    return forks


def _open_output(wanted: int | IO[Any], stack: ExitStack) -> tuple[IO[str] | None, Connection]:
    """Where we read what it says, if we do; and where it writes, which travels to it."""
    if wanted == subprocess.PIPE:
        read_end, write_end = os.pipe()
        reader = os.fdopen(read_end, encoding="utf-8")
    else:
        reader = None
        write_end = os.dup(wanted.fileno()) if hasattr(wanted, "fileno") else _open_nothing()
    return reader, stack.enter_context(Connection(write_end, readable=False))


def _open_nothing() -> int:
    return os.open(os.devnull, os.O_WRONLY)


def _do(do: Callable[..., object], said: Sequence[object], outputs: Sequence[Connection]) -> None:
    gc.freeze()
    for number, output in enumerate(outputs, start=1):
        os.dup2(output.fileno(), number)
        output.close()
    do(*said)


def _run_program(words: Sequence[str], cwd: str, environment: Mapping[str, str]) -> None:
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    main(list(words), prog_name="kawaraban")


def _read(file: IO[str]) -> str:
    file.seek(0)
    return file.read()
