"""The mails we ship, as the golden files have them, before programs and filters that get mail."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from service.audience.tokens import KeyRing, SigningKey
from service.delivery.envelope import Letterhead, compose_envelope, open_envelope
from service.model.delivery import BatchKind
from service.model.edition import Rendered
from service.model.publication import Sender
from service.providers.mime import MessageMold
from service.store.rows import Row

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "golden" / "editions"
PEERS = ROOT / "tests" / "peers"
NAMES = [
    f"{kind}-{language}"
    for kind in ("digest", "single", "full", "confirm", "welcome", "alert")
    for language in ("ja", "en")
]
MOST_BYTES = 12_000
HEAD = Letterhead(
    Sender(
        name="川べり新聞編集部",
        email="tayori@mail.kawaberi.example",
        reply_to="henshu@kawaberi.example",
        postal_address="東京都墨田区水神1丁目2番3号",
        contact="henshu@kawaberi.example",
    ),
    "https://mail.kawaberi.example",
    KeyRing(SigningKey("k1", b"a secret of thirty-two characters")),
    "inst",
)

# Every one of these makes a mail plainer somewhere, and none of them makes it unreadable: without
# media queries it is light and as wide as the screen, long words are cut by another property,
# corners are square, a screen reader gets the headings all the same. Where the first line is not
# hidden it is one line more; in the colour of the page it would be junk to filters. Readings that
# do not stand above their letters stand behind them, in brackets.
DISPENSABLE = {
    *("@media", "<style> element", "<body> element", "<wbr> element", "display:none"),
    *("aria-label attribute", "role attribute", "border-radius", "height property"),
    *("overflow", "overflow-wrap", "white-space", "word-break"),
    *("<ruby> element", "<rt> element", "<rp> element"),
}


def read_golden(name: str) -> Rendered:
    html = (GOLDEN / f"{name}.html").read_text(encoding="utf-8")
    head, text = (GOLDEN / f"{name}.txt").read_text(encoding="utf-8").split("\n\n", 1)
    subject, preheader = (line.partition(": ")[2] for line in head.split("\n"))
    return Rendered(subject, preheader, html, text)


def compose_mail(name: str) -> bytes:
    kind = BatchKind.EDITION if name.startswith(("digest", "single", "full")) else BatchKind.NOTICE
    envelope = compose_envelope(
        [Row(1, 2, 3, "reader@example.jp")],
        kind=kind,
        key="kb-inst-1",
        name="weekly",
        head=HEAD,
        now=datetime(2025, 10, 20, 8, tzinfo=UTC),
    )
    edition_id = 7 if kind is BatchKind.EDITION else None
    batch = open_envelope(envelope, edition_id, read_golden(name), HEAD.key_ring)
    return MessageMold.of(batch).cast(batch.recipients[0])


def test_no_mail_program_lacks_what_a_mail_cannot_do_without() -> None:
    node = shutil.which("node")
    if node is None or not (PEERS / "node_modules" / "caniemail").is_dir():
        pytest.skip("caniemail is absent: npm install --ignore-scripts in tests/peers")
    files = [str(GOLDEN / f"{name}.html") for name in NAMES]
    done = subprocess.run(
        [node, "caniemail.mjs", *files], cwd=PEERS, capture_output=True, check=True, timeout=60
    )
    found = json.loads(done.stdout)
    assert len(found) == len(NAMES)
    lacking = {what for programs in found.values() for all_ in programs.values() for what in all_}
    assert lacking
    assert lacking <= DISPENSABLE


def test_no_filter_takes_a_mail_for_junk(tmp_path: Path) -> None:
    program = shutil.which("spamassassin")
    if program is None:
        pytest.skip("SpamAssassin is absent: apt-get install spamassassin")
    box = b"".join(b"From x Mon Oct 20 08:00:00 2025\n" + compose_mail(n) + b"\n" for n in NAMES)
    done = subprocess.run(
        [program, "--local", "--mbox", "--nocreate-prefs"],
        input=box.replace(b"\r\n", b"\n"),
        env={**os.environ, "HOME": str(tmp_path)},
        capture_output=True,
        check=True,
        timeout=120,
    )
    judged = re.findall(rb"^X-Spam-Status: \w+, score=(-?[\d.]+)", done.stdout, re.MULTILINE)
    scores = dict(zip(NAMES, map(float, judged), strict=True))
    assert {name: score for name, score in scores.items() if score > 1} == {}


@pytest.mark.parametrize("name", NAMES)
def test_a_mail_is_light_and_complete_in_both_parts(name: str) -> None:
    mail = read_golden(name)
    assert len(mail.html.encode()) < MOST_BYTES
    seen = re.sub(r"<style>.*?</style>|<!--.*?-->|<[^>]+>|\s", "", mail.html, flags=re.DOTALL)
    for part in (seen, "".join(mail.text.split())):
        assert HEAD.sender.name in part
        assert HEAD.sender.postal_address in part
        assert HEAD.sender.contact in part
    links = set(re.findall(r'<a [^>]*href="([^"]+)"', mail.html))
    told = mail.text.replace("&", "&amp;")
    home = "https://kawaberi.example"
    assert {link for link in links if link.removeprefix("mailto:") not in told} <= {home}
