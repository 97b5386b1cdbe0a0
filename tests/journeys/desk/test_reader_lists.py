"""Lists of readers at the desk: uploaded, looked through, brought in, and never kept for long."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from service.engine.lists import ListRunner
from service.membership import ListSweeper, erase_reader
from service.model.editor import COMMAND, Role
from service.model.subscriber import SubscriptionState
from service.store import imports
from service.store.audit import list_actions
from service.store.readership import count_readers
from tests.fakes.desk import OpenDesk, Person
from tests.fakes.waiting import wait_until

LISTS = "/desk/readers/lists"
SHEET = (
    "email,name,state\n"
    "one@example.org,<script>alert(1)</script>,active\n"
    "two@example.org,Two,\n"
    "a@example.com,A,active\n"
    '=HYPERLINK("x"),Evil,\n'
)


@pytest.fixture
def anna(desk: OpenDesk) -> Person:
    return desk.meet(Role.EDITOR)


def upload(
    person: Person, sheet: str | bytes = SHEET, name: str = "readers.csv", **fields: str
) -> str:
    """Upload a list as the page's form does; where it is looked at."""
    data = {"csrf": person.csrf, "newsletter": "weekly", "as": "pending", **fields}
    answer = person.post(LISTS, data=data, files={"file": (name, sheet)})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def run(desk: OpenDesk, folder: Path | None = None) -> None:
    """Run what waits, as the pages do beside themselves."""
    works = desk.house.app.works
    runner = ListRunner(works, folder or list_folder(desk))

    def is_done() -> bool:
        runner.look()
        with works.database.reading() as connection:
            return all(one.state != "waiting" for one in imports.list_open_lists(connection))

    wait_until(is_done, "every list was run")


def list_folder(desk: OpenDesk) -> Path:
    return desk.house.site / "var" / "uploads"


def list_files(desk: OpenDesk) -> list[Path]:
    return list(list_folder(desk).glob("*"))


def count(desk: OpenDesk, state: SubscriptionState) -> int:
    with desk.house.app.works.database.reading() as connection:
        return sum(one.count for one in count_readers(connection) if one.state is state)


def test_a_list_is_looked_through_before_anything_changes(desk: OpenDesk, anna: Person) -> None:
    page = upload(anna)
    run(desk)
    shown = anna.get(page).text
    assert "取り込んだ場合の見込み" in shown
    assert "1行は読み取れないため除きます。" in shown
    assert (count(desk, SubscriptionState.ACTIVE), len(list_files(desk))) == (2, 1)
    anna.press(f"{page}/import")
    run(desk)
    assert "取り込み済み" in anna.get(page).text
    assert (count(desk, SubscriptionState.PENDING), list_files(desk)) == (2, [])
    anna.press(f"{page}/import")
    run(desk)
    assert count(desk, SubscriptionState.PENDING) == 2


def test_bad_rows_are_a_sheet_that_shows_nothing_of_their_cells(
    desk: OpenDesk, anna: Person
) -> None:
    page = upload(anna, name="=cmd.csv")
    run(desk)
    sheet = anna.get(f"{page}/mistakes.csv")
    assert sheet.headers["content-disposition"].startswith("attachment")
    [header, row] = sheet.text.splitlines()
    assert (header, row.split(",")[1]) == ("sheet,line,reason", "5")
    assert "HYPERLINK" not in sheet.text
    assert "メールアドレス（email）：" in row, "in the editor's language, like the page"


def test_readers_are_vouched_for_only_with_a_word(desk: OpenDesk, anna: Person) -> None:
    data = {"csrf": anna.csrf, "newsletter": "weekly", "as": "active"}
    refused = anna.post(LISTS, data=data, files={"file": ("a.csv", SHEET)})
    assert (refused.status_code, list_files(desk)) == (422, [])
    page = upload(anna, **{"as": "active", "source": "朗読会の用紙"})
    run(desk)
    anna.press(f"{page}/import")
    run(desk)
    assert count(desk, SubscriptionState.ACTIVE) == 4


def test_an_upload_that_is_not_our_forms_leaves_nothing(desk: OpenDesk, anna: Person) -> None:
    viewer = desk.meet(Role.VIEWER)
    file = {"file": ("a.csv", SHEET)}
    for person, data, files, headers in (
        (anna, {"csrf": "0" * 64}, file, {}),
        (anna, {}, file, {}),
        (anna, {"csrf": anna.csrf}, file, {"sec-fetch-site": "cross-site"}),
        (viewer, {"csrf": viewer.csrf}, file, {}),
    ):
        assert person.post(LISTS, data=data, files=files, headers=headers).status_code == 403
    assert desk.meet(None).post(LISTS, files=file).status_code == 303
    broken = {"content-type": "multipart/form-data; boundary=x"}
    for body in (b"", b"--x\r\nContent-Disposition: form-data; name=csrf\r\n\r\n", b"nonsense"):
        assert anna.post(LISTS, content=body, headers=broken).status_code == 400
    assert list_files(desk) == []


def test_a_list_is_too_large_before_it_is_held(desk: OpenDesk, anna: Person) -> None:
    headers = {
        "content-type": "multipart/form-data; boundary=x",
        "content-length": "200200000",
    }
    assert anna.post(LISTS, content=b"", headers=headers).status_code == 413
    assert anna.post("/desk/readers/add", data={"name": "x" * 70_000}).status_code == 413


def test_a_sheet_without_addresses_or_newsletter_fails_with_the_reason(
    desk: OpenDesk, anna: Person
) -> None:
    page = upload(anna, "email\nx@example.org\n", newsletter="")
    run(desk)
    assert "2行目：どのニュースレターの読者か分かりません。" in anna.get(page).text
    assert list_files(desk) == []


def test_a_list_is_put_away_with_its_file(desk: OpenDesk, anna: Person) -> None:
    page = upload(anna)
    run(desk)
    anna.press(f"{page}/drop")
    assert list_files(desk) == []
    assert anna.press(f"{page}/import").status_code == 409
    assert count(desk, SubscriptionState.PENDING) == 0


def test_another_process_goes_on_where_one_died(desk: OpenDesk, anna: Person) -> None:
    works = desk.house.app.works
    page = upload(anna)
    run(desk)
    anna.press(f"{page}/import")
    now, number = works.clock(), int(page.rsplit("/", 1)[-1])
    with works.database.writing() as connection:
        taken = imports.claim_list(connection, number, now, now + timedelta(minutes=2))
    assert taken is not None
    desk.house.clock.advance(minutes=3)
    run(desk)
    assert "取り込み済み" in anna.get(page).text
    assert count(desk, SubscriptionState.PENDING) == 2


def test_a_list_that_never_comes_to_its_end_says_so(desk: OpenDesk, anna: Person) -> None:
    works = desk.house.app.works
    page = upload(anna)
    run(desk)
    anna.press(f"{page}/import")
    number = int(page.rsplit("/", 1)[-1])
    for _ in range(3):
        now = works.clock()
        with works.database.writing() as connection:
            assert imports.claim_list(connection, number, now, now + timedelta(minutes=2))
        desk.house.clock.advance(minutes=3)
    run(desk)
    assert "3回始めましたが、終わりまで進みませんでした" in anna.get(page).text
    assert list_files(desk) == []


def test_what_nobody_brings_in_is_gone_after_a_day(desk: OpenDesk, anna: Person) -> None:
    page = upload(anna)
    run(desk)
    (list_folder(desk) / "lost.list").write_text("b@example.com\n")
    works = desk.house.app.works
    sweeper = ListSweeper(works.database, works.register, list_folder(desk))
    sweeper.sweep(works.clock(), datetime.now(UTC))
    assert len(list_files(desk)) == 1
    desk.house.clock.advance(hours=25)
    sweeper.sweep(works.clock(), datetime.now(UTC))
    assert list_files(desk) == []
    anna = desk.meet(Role.EDITOR)
    assert "一日のうちに取り込まれなかったため" in anna.get(page).text


def test_a_list_with_somebody_who_is_erased_meanwhile_is_deleted(
    desk: OpenDesk, anna: Person
) -> None:
    works = desk.house.app.works
    theirs, others = upload(anna), upload(anna, "email\nx@example.org\n")
    run(desk)
    desk.house.clock.advance(minutes=1)
    erase_reader(works.database, works.register, "a@example.com", works.clock(), by=COMMAND)
    sweeper = ListSweeper(works.database, works.register, list_folder(desk))
    sweeper.sweep(works.clock(), datetime.now(UTC))
    assert "消去を求めました" in anna.get(theirs).text
    assert "取り込みを待っています" in anna.get(others).text
    assert "a@example.com" not in "".join(file.read_text() for file in list_files(desk))


def test_the_log_names_lists_and_no_address(desk: OpenDesk, anna: Person) -> None:
    page = upload(anna, name="from-a@example.com.csv")
    run(desk)
    anna.press(f"{page}/import")
    with desk.house.app.works.database.reading() as connection:
        log = repr(list_actions(connection, before=None, limit=50))
    assert ("list.upload" in log, "list.import" in log, "@example" in log) == (True, True, False)
