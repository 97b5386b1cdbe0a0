"""A newsletter that mails full texts, from the file to the mail."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from service.delivery.by_hand import ByHand
from service.delivery.forecast import forecast
from service.delivery.rehearsal import plan_rehearsal
from service.engine.works import deliver_due
from service.model.edition import Audience
from service.model.editor import COMMAND
from service.model.newsletter import Cadence
from service.model.post import Hold
from service.sending import send_by_hand
from service.store.posts import find_post
from tests.fakes.house import MONDAY, House

FULL = 'cadences = ["each", "weekly"]\ncontent = "full"\nsettle = "0s"\n'
LATER = MONDAY + timedelta(days=1)
BODY = """はじめの段落です。

<ruby>瓦版<rt>かわらばん</rt></ruby>の段落です。

- %recipient.u% の項目
- @@kawaraban:unsubscribe@@ の項目

おわりの段落です。"""


@pytest.fixture
def house(migrated_file: Path, tmp_path: Path) -> Iterator[House]:
    (tmp_path / "var").mkdir()
    shutil.copyfile(migrated_file, tmp_path / "var" / "kawaraban.db")
    built = House(tmp_path, FULL)
    built.tick(MONDAY)
    built.add_readers("each@example.jp", cadence=Cadence.EACH)
    built.add_readers("weekly@example.jp", cadence=Cadence.WEEKLY)
    yield built
    built.app.close()


def _read_mails(house: House) -> dict[str, tuple[str, str]]:
    """Both parts of everybody's latest mail, test mails too."""
    found = {}
    for path in sorted((house.site / "var" / "outbox").glob("*/*.eml")):
        mail = message_from_bytes(path.read_bytes(), policy=policy.default)
        parts = [mail.get_body((kind,)) for kind in ("html", "plain")]
        html, text = (part.get_content() for part in parts if part is not None)
        found[str(mail["To"]).strip("<>")] = (html, text)
    return found


def test_a_mail_of_one_post_carries_all_of_it_and_a_digest_its_summary(house: House) -> None:
    house.clock.now = LATER
    house.write("ichi", LATER, body=BODY)
    house.tick(LATER + timedelta(minutes=1))
    house.tick(MONDAY + timedelta(days=7))
    mails = _read_mails(house)
    for part in mails["each@example.jp"]:
        assert "おわりの段落です。" in part
        assert "瓦版" in part
        assert "%recipient.u% の項目" in part
        assert "@@kawaraban:" not in part
        assert "@ @kawaraban:unsubscribe@@ の項目" in part
    for part in mails["weekly@example.jp"]:
        assert "はじめの段落です。" in part
        assert "おわりの段落です。" not in part


def test_what_is_foretold_tried_and_sent_by_hand_is_the_same_mail(house: House) -> None:
    house.clock.now = LATER
    house.write("ichi", LATER, body=BODY)
    works = house.app.works
    asked = ByHand("weekly", "key", ("ichi.md",), Audience((Cadence.WEEKLY,)))
    house.tick(LATER + timedelta(minutes=1))
    outlooks = forecast(works.database, works.press, LATER, works.press.newsletters.values())
    assert outlooks
    plan_rehearsal(works.database, works.press, asked, ["desk@example.jp"], LATER, by=COMMAND)
    send_by_hand(works.database, works.press, asked, LATER, by=COMMAND)
    deliver_due(works)
    mails = _read_mails(house)
    for address in ("desk@example.jp", "weekly@example.jp"):
        assert all("おわりの段落です。" in part for part in mails[address])


def test_a_fault_in_the_text_waits_for_an_editor_where_the_text_is_mailed(house: House) -> None:
    house.clock.now = LATER
    house.write("ichi", LATER, body="はじめの段落です。\n\n町では**火事が\n\n続いた。")
    house.tick(LATER + timedelta(minutes=1))
    with house.app.works.database.reading() as connection:
        post = find_post(connection, "ichi.md")
    assert post is not None
    assert post.hold is Hold.GATE
    assert house.list_mail() == []
