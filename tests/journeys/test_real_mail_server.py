"""Mail through a real mail server (OpenSMTPD) into readers' mailboxes."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from service.model.delivery import Scope
from service.model.message import MESSAGE_ID_MARK, UNSUBSCRIBE_MARK, OutgoingBatch, Recipient
from service.model.publication import Sender
from service.providers.base import Outcome
from service.providers.smtp import SmtpProvider, SmtpSettings
from tests.contract.providers.bench_outbox import read_message

NOBODY = "nobody"
CONFIG = """
table readers {{ "reader1@example.com" = "{user}", "reader2@example.com" = "{user}" }}
listen on 127.0.0.1 port {port}
action "keep" maildir "{mail}/%{{rcpt.user}}" virtual <readers>
match from any for domain "example.com" action "keep"
"""
BATCH = OutgoingBatch(
    key="edition-7.batch-3",
    sender=Sender("瓦版編集部", "news@example.net", "desk@example.net", "東京都", "電話"),
    subject="今週の瓦版：" + "号外・" * 30,
    html=f'<p>やあ</p><a href="{UNSUBSCRIBE_MARK}">配信停止</a>' + "瓦版、" * 9_000,
    text=f"やあ\n.\n..配信停止: {UNSUBSCRIBE_MARK}\n",
    headers=(
        ("Message-ID", f"<{MESSAGE_ID_MARK}>"),
        ("List-Unsubscribe", f"<{UNSUBSCRIBE_MARK}>"),
    ),
    recipients=tuple(
        Recipient(
            number,
            f"reader{number}@example.com",
            {
                UNSUBSCRIBE_MARK: f"https://news.example.net/unsubscribe/{number}",
                MESSAGE_ID_MARK: f"edition-7.{number}@example.net",
            },
        )
        for number in (1, 2, 3)
    ),
    dated_at=datetime(2026, 1, 12, 8, tzinfo=UTC),
)


@dataclass(frozen=True)
class MailServer:
    """OpenSMTPD on a port of this machine; `mail` holds a Maildir for each reader."""

    port: int
    mail: Path
    process: subprocess.Popen[str]

    def wait_for(self, word: str) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            if word in line:
                return
        pytest.fail(f"the mail server never said {word!r}")

    def read_mailbox(self, reader: str) -> bytes:
        [mail] = (self.mail / reader / "new").iterdir()
        return mail.read_bytes()


@pytest.fixture
def server() -> Iterator[MailServer]:
    program = shutil.which("smtpd", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")
    if program is None:
        pytest.skip("OpenSMTPD is not installed: apt-get install opensmtpd")
    if os.geteuid() != 0:
        pytest.skip("OpenSMTPD delivers mail as its readers, so only root can start it")
    with tempfile.TemporaryDirectory(prefix="kawaraban-mail-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        mail = folder / "mail"
        mail.mkdir()
        os.chown(mail, pwd.getpwnam(NOBODY).pw_uid, -1)
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
        config = folder / "smtpd.conf"
        config.write_text(CONFIG.format(user=NOBODY, port=port, mail=mail), encoding="utf-8")
        with subprocess.Popen(
            [program, "-d", "-v", "-f", str(config)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            server = MailServer(port, mail, process)
            try:
                server.wait_for("offline scanning done")
                yield server
            finally:
                process.terminate()


def send(server: MailServer, batch: OutgoingBatch) -> Outcome:
    provider = SmtpProvider(SmtpSettings("127.0.0.1", server.port, "none"))
    return provider.send(
        provider.prepare(batch), total_for=timedelta(seconds=20), ready=lambda: None
    )


def test_mail_reaches_the_mailboxes_there_are_and_the_others_are_refused(
    server: MailServer,
) -> None:
    outcome = send(server, BATCH)

    assert set(outcome.message_ids) == {1, 2}
    assert all("accepted" in said for said in outcome.message_ids.values())
    assert {row: one.scope for row, one in outcome.refusals.items()} == {3: Scope.RECIPIENT}
    for _ in outcome.message_ids:
        server.wait_for("stat=Delivered")
    for number in (1, 2):
        arrived = read_message(server.read_mailbox(f"reader{number}"))
        link = f"https://news.example.net/unsubscribe/{number}"
        assert arrived.subject == BATCH.subject
        assert arrived.sender_name == "瓦版編集部"
        assert arrived.text == BATCH.text.replace(UNSUBSCRIBE_MARK, link)
        assert arrived.html == BATCH.html.replace(UNSUBSCRIBE_MARK, link)
        assert arrived.headers["List-Unsubscribe"] == f"<{link}>"
        assert arrived.headers["Message-ID"] == f"<edition-7.{number}@example.net>"
