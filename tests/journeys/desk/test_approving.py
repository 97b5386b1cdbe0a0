"""A draft mailed to editors, each with a link of their own that answers once."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from service.model.edition import Edition, EditionState
from service.model.editor import COMMAND, Role
from service.staff import add_editor, change_account, remove_editor
from service.store.audit import list_actions
from tests.fakes.desk import ADDRESSES, OpenDesk, open_desk
from tests.fakes.house import MONDAY, WEEKLY, House

NEXT = MONDAY + timedelta(days=7)


@pytest.fixture(params=["notice"])
def desk(request: pytest.FixtureRequest, migrated_file: Path, tmp_path: Path) -> Iterator[OpenDesk]:
    """A newsletter that asks; an editor is named in the configuration as well."""
    folder = tmp_path / "site"
    (folder / "var").mkdir(parents=True)
    shutil.copyfile(migrated_file, folder / "var" / "kawaraban.db")
    house = House(folder, f'approval = "{request.param}"\n{WEEKLY}')
    settings = folder / "kawaraban.toml"
    named = f'[publication]\neditors = ["{ADDRESSES[Role.EDITOR]}", "chief@example.jp"]'
    written = settings.read_text(encoding="utf-8").replace("[publication]", named, 1)
    settings.write_text(written, encoding="utf-8")
    house.restart()
    house.write("old", MONDAY - timedelta(days=3))
    house.tick(MONDAY - timedelta(hours=1))
    house.add_readers("a@example.com", "b@example.com")
    works = house.app.works
    for number, role in enumerate((Role.EDITOR, Role.VIEWER), start=1):
        add_editor(works.database, ADDRESSES[role], str(role), role, works.clock(), by=COMMAND)
        change_account(works.database, number, str(role), "en", works.clock(), by=COMMAND)
    house.write("n1", MONDAY + timedelta(days=1), title="港の灯台")
    house.tick(NEXT - timedelta(hours=1))
    with open_desk(house) as opened:
        yield opened
    house.app.close()


def read_mail(desk: OpenDesk) -> dict[str, list[EmailMessage]]:
    """Every mail laid down that is no edition, by its address."""
    found: dict[str, list[EmailMessage]] = {}
    for path in sorted((desk.house.site / "var" / "outbox").glob("*/*.eml")):
        mail = message_from_bytes(path.read_bytes(), policy=policy.default)
        assert isinstance(mail, EmailMessage)
        if not mail["List-Id"]:
            found.setdefault(str(mail["To"]).strip("<>"), []).append(mail)
    return found


def read_link(desk: OpenDesk) -> str:
    body = read_mail(desk)[ADDRESSES[Role.EDITOR]][0].get_body(("plain",))
    assert body is not None
    link = re.search(r"http://localhost:8000(/desk/approve/\S+)", body.get_content())
    assert link is not None
    return link[1]


def find_draft(desk: OpenDesk) -> Edition:
    return desk.house.list_editions()[-1]


def test_editors_are_asked_once_each_and_nobody_is_told_twice(desk: OpenDesk) -> None:
    desk.house.tick(NEXT - timedelta(minutes=50))
    mails = read_mail(desk)
    assert {to: len(sent) for to, sent in mails.items()} == {
        ADDRESSES[Role.EDITOR]: 1,
        "chief@example.jp": 1,
    }
    asked = mails[ADDRESSES[Role.EDITOR]][0]
    assert str(asked["Subject"]).startswith("[leaves by itself] 港の灯台")
    body = asked.get_body(("plain",))
    assert body is not None
    assert "2 readers" in body.get_content()


def test_looking_at_the_link_answers_nothing_and_pressing_answers_once(desk: OpenDesk) -> None:
    stranger, link = desk.meet(None), read_link(desk)
    for _ in range(2):
        assert "Approve it" in stranger.get(link).text
    held = stranger.post(link, data={"answer": "hold"})
    assert held.status_code == 200
    assert find_draft(desk).state is EditionState.HELD
    again = stranger.post(link, data={"answer": "approve"})
    assert again.status_code == 409
    assert "used already" in again.text
    assert "editor held it by mail" in desk.meet(Role.VIEWER).get("/desk/editions/2").text
    assert find_draft(desk).state is EditionState.HELD
    with desk.house.app.works.database.reading() as connection:
        (entry,) = list_actions(connection, subject="edition:2")
    assert (entry.action, entry.actor.name, entry.detail) == (
        "edition.hold",
        "editor",
        {"by": "mail"},
    )


def test_a_yes_by_mail_is_in_the_log_also_where_silence_would_have_done(desk: OpenDesk) -> None:
    assert desk.meet(None).post(read_link(desk), data={"answer": "approve"}).status_code == 200
    with desk.house.app.works.database.reading() as connection:
        (entry,) = list_actions(connection, subject="edition:2")
    assert (entry.action, entry.detail) == ("edition.approve", {"by": "mail"})


def test_without_an_answer_it_leaves_by_itself(desk: OpenDesk) -> None:
    link = read_link(desk)
    desk.house.tick(NEXT + timedelta(minutes=1))
    assert desk.house.count_mail().total() == 2
    late = desk.meet(None).post(link, data={"answer": "hold"})
    assert late.status_code == 409
    assert "It left already" in late.text


@pytest.mark.parametrize("desk", ["required"], indirect=True)
def test_where_an_approval_is_required_it_waits_for_the_press(desk: OpenDesk) -> None:
    link = read_link(desk)
    desk.house.tick(NEXT + timedelta(minutes=1))
    assert not desk.house.list_mail()
    assert desk.meet(None).post(link, data={"answer": "approve"}).status_code == 200
    desk.house.tick(NEXT + timedelta(minutes=2))
    assert desk.house.count_mail().total() == 2


def test_a_draft_that_was_changed_since_is_answered_at_the_desk(desk: OpenDesk) -> None:
    link, anna = read_link(desk), desk.meet(Role.EDITOR)
    number = find_draft(desk).edition_id
    anna.press(f"/desk/editions/{number}/words", revision=0, subject="別の件名")
    stranger = desk.meet(None)
    assert "Somebody changed it" in stranger.get(link).text
    assert stranger.post(link, data={"answer": "hold"}).status_code == 409
    assert find_draft(desk).state is EditionState.WAITING


def test_a_link_counts_for_nobody_else_and_no_more_when_its_editor_is_gone(desk: OpenDesk) -> None:
    stranger, link = desk.meet(None), read_link(desk)
    foreign = {"sec-fetch-site": "cross-site"}
    assert stranger.post(link, data={"answer": "hold"}, headers=foreign).status_code == 403
    assert stranger.get(link[:-3] + "abc").status_code == 410
    assert stranger.post(link, data={"answer": "send"}).status_code == 409
    remove_editor(desk.house.app.works.database, 1, desk.house.clock(), by=COMMAND)
    assert stranger.post(link, data={"answer": "hold"}).status_code == 410
    assert find_draft(desk).state is EditionState.WAITING
