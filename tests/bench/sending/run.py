"""The figures of sending: `make bench` runs a short list, `make bench-sending` all there is.

`--readers 100000` and `--workers 0`, each any number of times, choose from the whole.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest

from tests.bench.figures import describe_machine, print_table
from tests.bench.sending.adapters import measure_adapters
from tests.bench.sending.cases import Case, Result, run_case
from tests.bench.sending.job import run_job
from tests.bench.sending.null_provider import MAILGUN, run_null_provider
from tests.fakes.cluster import Cluster, open_cluster

SHORT = [
    *[Case(workers=0, readers=100_000, variants=variants) for variants in (1, 100)],
    *[Case(workers=workers, readers=100_000, variants=1) for workers in (1, 2)],
]
WHOLE = [
    Case(workers, readers, variants)
    for workers in (0, 1, 2, 4)
    for readers in (100_000, 1_000_000)
    for variants in (1, 100, 2_000)
]
_BARE_READERS = 100_000


def print_sending(wanted: Sequence[Case]) -> None:
    """Measure and print the three tables of sending."""
    with run_null_provider(MAILGUN) as port, _try_to_open_cluster() as cluster:
        cases = [one for one in wanted if cluster or not one.workers]
        bare = max(_measure_bare(port) for _ in range(3))
        results = [_run(case, port, cluster) for case in cases]
    _print_sent(results, bare)
    _print_planned(results)
    _print_adapters()


def _measure_bare(port: int) -> float:
    with tempfile.TemporaryDirectory(prefix="kawaraban-bench-") as folder:
        reported = run_job("bare", f"{folder}/bare", str(port), str(_BARE_READERS))
    return float(_BARE_READERS / reported["seconds"])


def _run(case: Case, port: int, cluster: Cluster | None) -> Result:
    print(f"measuring {case} ...", file=sys.stderr, flush=True)
    return run_case(case, port, cluster)


@contextmanager
def _try_to_open_cluster() -> Iterator[Cluster | None]:
    """A PostgreSQL that writes to the disk as in earnest; None where there is none."""
    try:
        opening = open_cluster("fsync=on", on_disk=True)
        cluster = opening.__enter__()
    except pytest.skip.Exception as reason:
        print(f"Without PostgreSQL: {reason}", file=sys.stderr)
        yield None
        return
    try:
        yield cluster
    finally:
        opening.__exit__(None, None, None)


def _print_sent(results: Sequence[Result], bare: float) -> None:
    print(f"Sending with Mailgun's form over loopback; a bare loop: {bare:,.0f} readers/s")
    rows = []
    for one in results:
        rate = one.case.readers / one.seconds
        rows.append(
            (
                _name_engine(one.case),
                f"{one.case.readers:,}",
                f"{one.case.variants:,}",
                f"{rate:,.0f} readers/s",
                f"{rate / bare:.2f} of bare",
                f"{one.peak:,.0f} MB",
            )
        )
    names = ("engine", "readers", "variants", "sent", "", "peak memory of a process")
    print_table(names, rows)


def _print_planned(results: Sequence[Result]) -> None:
    print("Planning, while readers sign up and a worker claims")
    rows = []
    for one in results:
        if one.case.workers > 1:
            continue
        said = one.planned
        rows.append(
            (
                "PostgreSQL" if one.case.workers else "SQLite",
                f"{one.case.readers:,}",
                f"{one.case.variants:,}",
                f"{said['seconds']:.1f} s",
                f"{one.case.readers / said['seconds']:,.0f} readers/s",
                f"{said['longest_lock']:.2f} s",
                f"{said['longest_sign_up']:.2f} s of {said['sign_ups']}",
                f"{said['longest_claim']:.2f} s",
                f"{said['peak']:,.0f} MB",
            )
        )
    names = (
        *("database", "readers", "variants", "planned in", "", "longest transaction"),
        *("slowest sign-up", "slowest claim", "peak memory"),
    )
    print_table(names, rows)


def _print_adapters() -> None:
    print("Adapters, one thread")
    rows = [
        (
            one.kind,
            f"{one.batch_size:,}",
            f"{one.prepared:,.0f} readers/s",
            f"{one.bytes / 1e6:,.0f} MB/s",
            f"{one.sent:,.0f} readers/s",
        )
        for one in measure_adapters()
    ]
    print_table(("provider", "batch", "prepared", "", "prepared and sent over loopback"), rows)


def _name_engine(case: Case) -> str:
    if not case.workers:
        return "`up`, SQLite"
    return f"PostgreSQL, {case.workers} worker{'s' if case.workers > 1 else ''}"


def main() -> None:
    """Measure everything, or what the arguments choose."""
    parser = argparse.ArgumentParser(prog="tests.bench.sending.run")
    parser.add_argument("--readers", type=int, action="append")
    parser.add_argument("--workers", type=int, action="append", help="0: SQLite")
    chosen = parser.parse_args()
    print(f"{describe_machine()}\n")
    print_sending(
        [
            one
            for one in WHOLE
            if (not chosen.readers or one.readers in chosen.readers)
            and (not chosen.workers or one.workers in chosen.workers)
        ]
    )


if __name__ == "__main__":
    main()
