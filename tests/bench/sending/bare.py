"""A bare loop over the pieces that no sender can do without, for everything else to stand beside.

Claim and record in SQLite on disk, a signed link for each reader, Mailgun's form with its shared
parts encoded beforehand, one connection that is kept: nothing is checked and nothing can fail.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import sqlite3
import time
from pathlib import Path

import httpx

SIZE = 1000
_KEY = hmac.new(b"bench" * 8, digestmod=hashlib.sha256)
_BOUNDARY = "b" * 40


def send_bare(folder: Path, port: int, readers: int) -> dict[str, float]:
    """Send to so many readers; how many seconds it took."""
    folder.mkdir(parents=True, exist_ok=True)
    connection = _fill(folder / "bare.db", readers)
    head, tail = _encode_shared_parts()
    headers = {"Content-Type": f"multipart/form-data; boundary={_BOUNDARY}"}
    with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
        started = time.perf_counter()
        for batch in range(-(-readers // SIZE)):
            rows = _claim(connection, batch)
            body = b"".join((head, _encode_recipients(rows), tail))
            answer = client.post("/v3/bench.example/messages", content=body, headers=headers)
            _record(connection, batch, answer.json()["id"])
        seconds = time.perf_counter() - started
    connection.close()
    return {"seconds": seconds}


def _fill(path: Path, readers: int) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE batch (id INTEGER PRIMARY KEY, state TEXT)")
    connection.execute(
        "CREATE TABLE delivery"
        " (id INTEGER PRIMARY KEY, batch INTEGER, address TEXT, state TEXT, message TEXT)"
    )
    connection.execute("CREATE INDEX by_batch ON delivery (batch)")
    rows = ((n, n // SIZE, f"reader{n}@bench.example", "planned", "") for n in range(readers))
    connection.execute("BEGIN")
    connection.executemany("INSERT INTO delivery VALUES (?, ?, ?, ?, ?)", rows)
    connection.execute("INSERT INTO batch SELECT DISTINCT batch, 'planned' FROM delivery")
    connection.execute("COMMIT")
    return connection


def _claim(connection: sqlite3.Connection, batch: int) -> list[tuple[int, str]]:
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("UPDATE batch SET state = 'claimed' WHERE id = ?", (batch,))
    rows = connection.execute("SELECT id, address FROM delivery WHERE batch = ?", (batch,))
    found = rows.fetchall()
    connection.execute("COMMIT")
    return found


def _record(connection: sqlite3.Connection, batch: int, message: str) -> None:
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("UPDATE batch SET state = 'settled' WHERE id = ?", (batch,))
    connection.execute(
        "UPDATE delivery SET state = 'accepted', message = ? WHERE batch = ?", (message, batch)
    )
    connection.execute("COMMIT")


def _encode_shared_parts() -> tuple[bytes, bytes]:
    shared = {"subject": "週のまとめ", "text": "本文" * 1500, "html": "<p>本文</p>" * 800}
    return "".join(_part(name, value) for name, value in shared.items()).encode(), (
        f"--{_BOUNDARY}--\r\n".encode()
    )


def _encode_recipients(rows: list[tuple[int, str]]) -> bytes:
    variables = {
        address: {
            "r": str(id_),
            "u": f"https://news.bench.example/unsubscribe/{_sign(id_)}",
            "m": f"e1.s{id_}.bench@bench.example",
        }
        for id_, address in rows
    }
    return (
        _part("to", ",".join(variables)) + _part("recipient-variables", json.dumps(variables))
    ).encode()


def _part(name: str, value: str) -> str:
    return f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'


def _sign(id_: int) -> str:
    mac = _KEY.copy()
    mac.update(b"%d" % id_)
    return base64.urlsafe_b64encode(mac.digest()[:16]).decode()
