"""Fake providers in a process of their own: python -m tests.fakes.serve mailgun resend.

Prints the port of each on 127.0.0.1 as one line of JSON once they listen, and serves until its
standard input ends. Without names: all of them. NAME=PORT asks for a port.
"""

from __future__ import annotations

import json
import sys
import threading

from tests.fakes.brevo import FakeBrevo
from tests.fakes.http_provider import FakeApi, open_server
from tests.fakes.mailgun import FakeMailgun
from tests.fakes.postmark import FakePostmark
from tests.fakes.resend import FakeResend
from tests.fakes.sendgrid import FakeSendGrid
from tests.fakes.ses import FakeSes

FAKES: dict[str, type[FakeApi]] = {
    "brevo": FakeBrevo,
    "mailgun": FakeMailgun,
    "postmark": FakePostmark,
    "resend": FakeResend,
    "ses": FakeSes,
    "sendgrid": FakeSendGrid,
}


def main(wanted: list[str]) -> None:
    """Serve until standard input ends."""
    ports = {}
    for name, _, port in (one.partition("=") for one in wanted or FAKES):
        server = open_server(FAKES[name](), int(port or 0))
        ports[name] = server.server_address[1]
        threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdout.write(json.dumps(ports) + "\n")
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    main(sys.argv[1:])
