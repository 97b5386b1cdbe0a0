"""A server that has a provider's list in pages: what was put there, by path and query."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Pages(ThreadingHTTPServer):
    """Answers each path and query with what was put there; remembers what was asked with what."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.answers: dict[str, Any] = {}
        self.ends: tuple[int, bytes, Mapping[str, str]] | None = None
        self.asked: list[tuple[str, dict[str, str]]] = []

    def forget(self) -> None:
        self.answers, self.ends, self.asked = {}, None, []


class _Handler(BaseHTTPRequestHandler):
    server: Pages

    def do_GET(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.asked.append((self.path, headers))
        found = self.server.answers.get(self.path)
        usual = (404 if found is None else 200, json.dumps(found).encode(), dict[str, str]())
        status, body, more = self.server.ends or usual
        self.send_response_only(status)
        for name, value in {"Content-Length": str(len(body)), **more}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


@contextmanager
def serve_pages() -> Iterator[Pages]:
    """Answer until the block ends."""
    with Pages() as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.shutdown()
