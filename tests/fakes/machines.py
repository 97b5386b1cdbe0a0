"""Machines of one installation: folders with processes in them, over one PostgreSQL."""

from __future__ import annotations

import json
import os
import signal
import socket
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from sqlalchemy import text

from service.store.database import Database
from tests.fakes.forks import run_program, start_program
from tests.fakes.waiting import wait_until

SECRET = "machines" * 8

CONFIG = """
[publication]
title = "港の新聞"
url = "https://minato.example"
language = "ja"
timezone = "Asia/Tokyo"
[content]
path = "{posts}"
generator = "generic"
[service]
url = "https://news.minato.example"
[[newsletters]]
id = "weekly"
title = "週のまとめ"
[sender]
name = "編集部"
email = "news@minato.example"
reply_to = "news@minato.example"
postal_address = "東京都"
contact = "https://minato.example/contact"
[provider]
kind = "{kind}"
base_url = "{base_url}"
{more}
"""


class Process:
    """One kawaraban that runs; its log is in a file."""

    def __init__(self, folder: Path, words: Sequence[str], environment: dict[str, str]) -> None:
        self._log = folder / f"{words[0]}.log"
        with self._log.open("ab") as log:
            self._popen = start_program(
                *words, cwd=folder, env={**os.environ, **environment}, stderr=log
            )

    @property
    def log(self) -> str:
        return self._log.read_text(encoding="utf-8")

    def wait_for(self, words: str) -> None:
        wait_until(lambda: words in self.log or not self.is_alive, f"the log says {words!r}")
        assert words in self.log, self.log

    @property
    def pid(self) -> int:
        return self._popen.pid

    @property
    def is_alive(self) -> bool:
        return self._popen.poll() is None

    def kill(self) -> None:
        """As by power loss: no word of farewell."""
        self._popen.kill()
        self._popen.wait()

    def end(self) -> None:
        """As a host ends it; it must end well."""
        self._popen.send_signal(signal.SIGTERM)
        assert self._popen.wait(60) == 0, self.log


class Machines:
    """The installation: its database, its provider, and every process that was started."""

    def __init__(self, folder: Path, database: Database, kind: str, provider_url: str) -> None:
        self._folder = folder
        self._database = database
        self._kind = kind
        self._provider_url = provider_url
        self._running: list[Process] = []
        self._count = 0
        self.posts = folder / "posts"
        self.posts.mkdir()

    def start(self, *words: str, port: int = 0) -> Process:
        """Start a process on a machine that has nothing but its configuration."""
        process = Process(self._open_machine(), words, self._compose_environment(port))
        self._running.append(process)
        return process

    def run(self, *words: str) -> Any:  # noqa: ANN401
        """Run a command to its end on one more machine; the document it reports."""
        environment = {**os.environ, **self._compose_environment(0)}
        done = run_program(*words, "--json", cwd=self._open_machine(), env=environment)
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout)

    def stop(self) -> None:
        for process in self._running:
            if process.is_alive:
                process.kill()

    def write_post(self, name: str) -> None:
        text_ = f"---\ntitle: {name}の話\ndate: 2026-01-05 09:00:00 +0900\n---\n本文です。\n"
        (self.posts / f"{name}.md").write_text(text_, encoding="utf-8")

    def add_readers(self, count: int) -> None:
        sheet = self._folder / "readers.csv"
        rows = "".join(f"reader{number}@example.jp\n" for number in range(count))
        sheet.write_text("email\n" + rows, encoding="utf-8")
        self.run("subscribers", "import", str(sheet), "--newsletter", "weekly", "--as", "confirmed")

    def ask(self, statement: str) -> Any:  # noqa: ANN401
        """The one value that a query gives."""
        with self._database.reading() as connection:
            return connection.execute(text(statement)).scalar()

    def tell(self, statement: str) -> None:
        with self._database.writing() as connection:
            connection.execute(text(statement))

    def wait_for(self, statement: str) -> None:
        """Return once a query gives true."""
        wait_until(lambda: bool(self.ask(statement)), statement)

    def wait_until_finished(self) -> None:
        self.wait_for("SELECT count(*) > 0 AND every(state = 'finished') FROM editions")

    def script(self, *behaviours: str) -> None:
        """How the provider ends its next calls."""
        body = json.dumps(behaviours).encode()
        urlopen(Request(f"{self._provider_url}/script", body, method="POST")).close()  # noqa: S310

    def read_ledger(self) -> Any:  # noqa: ANN401
        """What the provider saw, and the mails that became of it."""
        with urlopen(f"{self._provider_url}/ledger") as answer:  # noqa: S310
            return json.loads(answer.read())

    def count_mail(self) -> Counter[str]:
        """How many mails went to each address."""
        return Counter(mail["to"] for mail in self.read_ledger()["mails"])

    def _open_machine(self) -> Path:
        self._count += 1
        machine = self._folder / f"machine{self._count}"
        machine.mkdir()
        more = 'domain = "minato.example"' if self._kind == "mailgun" else ""
        config = CONFIG.format(
            posts=self.posts, kind=self._kind, base_url=self._provider_url, more=more
        )
        (machine / "kawaraban.toml").write_text(config, encoding="utf-8")
        return machine

    def _compose_environment(self, port: int) -> dict[str, str]:
        return {
            "DATABASE_URL": self._database.url.render_as_string(hide_password=False),
            "KAWARABAN_SECRET_KEY": SECRET,
            "KAWARABAN_PROVIDER_API_KEY": "test-key",
            "PORT": str(port or 8000),
        }


def find_port() -> int:
    """A port that nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
