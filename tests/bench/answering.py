"""How long the sign-up form takes to answer, by what is known of the address.

`python -m tests.bench.answering` prints the table of docs/consent.md: two hundred addresses of
each kind, in an order drawn by lot, over one connection to a `kawaraban up` on loopback.
"""

from __future__ import annotations

import logging
import os
import random
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from statistics import quantiles
from urllib.parse import urlencode, urlsplit

import structlog

from service.app import App
from service.audience.exchange import ImportRow
from service.membership import erase_reader, import_readers
from service.model.editor import COMMAND
from service.model.subscriber import SubscriptionState, SuppressionReason
from service.store.suppressions import Suppression, add_suppressions
from tests.bench.figures import describe_machine, print_table
from tests.bench.ports import find_port, run_server
from tests.bench.site import NOW, ROOT, bench_folder, find_posts

OF_EACH = 200
READ_IN = {
    "subscribed": SubscriptionState.ACTIVE,
    "asked to confirm": SubscriptionState.PENDING,
    "has left": SubscriptionState.UNSUBSCRIBED,
    "erased": SubscriptionState.ACTIVE,
}
KINDS = ("unknown", *READ_IN, "suppressed")
_HEADERS = {"Content-Type": "application/x-www-form-urlencoded"}
_OF_THE_MOMENT = ("date",)

Answer = tuple[int, tuple[tuple[str, str], ...], bytes]


def list_addresses(kind: str) -> list[str]:
    """The addresses of a kind, each at a domain of its own, all equally long."""
    number = KINDS.index(kind)
    return [f"reader@d{number}{one:04}.example" for one in range(OF_EACH)]


def settle(app: App) -> None:
    """Let there be readers of every kind."""
    works = app.works
    for kind, state in READ_IN.items():
        rows = [ImportRow(address=one, line=1) for one in list_addresses(kind)]
        import_readers(
            works.database,
            works.register,
            rows,
            newsletter_id="weekly",
            state=state,
            source="bench",
            now=NOW,
        )
    for address in list_addresses("erased"):
        erase_reader(works.database, works.register, address, NOW, by=COMMAND)
    reason = SuppressionReason.COMPLAINT
    with works.database.writing() as connection:
        wanted = list_addresses("suppressed")
        add_suppressions(connection, [Suppression(one, None, reason, "", NOW) for one in wanted])


def ask(url: str) -> tuple[dict[str, list[float]], set[Answer]]:
    """Milliseconds until the answer, by kind, and every different answer there was."""
    forms = [(kind, one) for kind in KINDS for one in list_addresses(kind)]
    random.Random(1).shuffle(forms)  # noqa: S311 (the same lot in every run)
    connection = HTTPConnection(urlsplit(url).netloc, timeout=60)
    took: dict[str, list[float]] = {kind: [] for kind in KINDS}
    answers: set[Answer] = set()
    for kind, address in forms:
        form = urlencode({"email": address})
        started = time.perf_counter()
        connection.request("POST", "/subscribe", form, _HEADERS)
        answer = connection.getresponse()
        body = answer.read()
        took[kind].append((time.perf_counter() - started) * 1000)
        headers = [one for one in answer.getheaders() if one[0].lower() not in _OF_THE_MOMENT]
        answers.add((answer.status, tuple(headers), body))
    connection.close()
    return took, answers


@contextmanager
def run_up(app: App) -> Iterator[str]:
    """The whole service in a process of its own; its URL."""
    port = find_port()
    settings = app.config.root / "kawaraban.toml"
    command = (sys.executable, "-m", "service", "--config", str(settings), "up")
    environment = {**os.environ, "PORT": str(port), "PYTHONPATH": str(ROOT)}
    with run_server(command, f"http://127.0.0.1:{port}", "/subscribe", environment) as url:
        yield url


def main() -> None:
    """Measure, and print a line for each kind."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with bench_folder(find_posts()[:5], copies=1) as app:
        settle(app)
        with run_up(app) as url:
            took, answers = ask(url)
    print(f"{describe_machine()}; different answers: {len(answers)}")
    rows = []
    for kind, all_of_it in took.items():
        tenths = quantiles(all_of_it, n=10)
        rows.append((kind, *(f"{one:.1f} ms" for one in (tenths[0], tenths[4], tenths[8]))))
    print_table((f"{OF_EACH} addresses each", "a tenth within", "half", "nine tenths"), rows)


if __name__ == "__main__":
    main()
