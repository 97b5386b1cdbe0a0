from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from service.errors import NotAllowedError, RefusedError, UnsupportedError, UnsureError
from service.model.delivery import Scope
from service.model.message import OutgoingBatch
from service.providers.outbox import OutboxProvider, list_messages, read_message

MakeBatch = Callable[..., OutgoingBatch]
MINUTE = timedelta(minutes=1)


def ready() -> None:
    return


def send(folder: Path, batch: OutgoingBatch) -> None:
    provider = OutboxProvider(folder)
    provider.send(provider.prepare(batch), total_for=MINUTE, ready=ready)


def find_files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_each_row_of_a_batch_becomes_one_file(tmp_path: Path, make_batch: MakeBatch) -> None:
    provider = OutboxProvider(tmp_path)
    prepared = provider.prepare(make_batch())

    outcome = provider.send(prepared, total_for=MINUTE, ready=ready)

    assert outcome.message_ids == {
        1: "edition-7.variant-1.batch-3/1.eml",
        2: "edition-7.variant-1.batch-3/2.eml",
    }
    assert find_files(tmp_path) == dict(
        zip(outcome.message_ids.values(), prepared.bodies, strict=True)
    )


def test_a_replay_leaves_the_same_files(tmp_path: Path, make_batch: MakeBatch) -> None:
    send(tmp_path, make_batch())
    before = find_files(tmp_path)

    send(tmp_path, make_batch())

    assert find_files(tmp_path) == before


def test_a_key_cannot_lead_out_of_the_folder(tmp_path: Path, make_batch: MakeBatch) -> None:
    send(tmp_path / "outbox", make_batch(key="a/../../b"))

    assert sorted(find_files(tmp_path)) == [
        "outbox/a%2F..%2F..%2Fb/1.eml",
        "outbox/a%2F..%2F..%2Fb/2.eml",
    ]
    for key in ("", ".", "..", ".hidden"):
        with pytest.raises(UnsupportedError):
            OutboxProvider(tmp_path).prepare(make_batch(key=key))


def test_a_ready_that_raises_leaves_no_file(tmp_path: Path, make_batch: MakeBatch) -> None:
    provider = OutboxProvider(tmp_path)

    def refuse() -> None:
        raise NotAllowedError("another attempt took over")

    with pytest.raises(NotAllowedError):
        provider.send(provider.prepare(make_batch()), total_for=MINUTE, ready=refuse)

    assert find_files(tmp_path) == {}


def test_a_folder_that_cannot_be_made_refuses_for_now(
    tmp_path: Path, make_batch: MakeBatch
) -> None:
    (tmp_path / "outbox").write_text("a file is in the way")

    with pytest.raises(RefusedError) as caught:
        send(tmp_path / "outbox", make_batch())

    assert caught.value.refusal.scope is Scope.ACCOUNT
    assert caught.value.refusal.retry_after == MINUTE


def test_a_failure_half_way_is_unsure_and_a_replay_mends_it(
    tmp_path: Path, make_batch: MakeBatch
) -> None:
    obstacle = tmp_path / make_batch().key / "2.eml"
    (obstacle / "in the way").mkdir(parents=True)

    with pytest.raises(UnsureError):
        send(tmp_path, make_batch())
    (obstacle / "in the way").rmdir()
    obstacle.rmdir()
    send(tmp_path, make_batch())

    assert [mail.to for mail in list_messages(tmp_path)] == [
        "reader1@example.com",
        "reader2@example.com",
    ]


def test_no_time_left_is_unsure(tmp_path: Path, make_batch: MakeBatch) -> None:
    provider = OutboxProvider(tmp_path)

    with pytest.raises(UnsureError):
        provider.send(provider.prepare(make_batch()), total_for=timedelta(0), ready=ready)


def test_mails_are_listed_newest_batch_first_and_no_more_than_asked(
    tmp_path: Path, make_batch: MakeBatch
) -> None:
    for number, key in enumerate(("older", "newer")):
        send(tmp_path, make_batch(key=key, subject=f"{key}の号"))
        os.utime(tmp_path / key, (number, number))
    (tmp_path / "newer" / "3.part").write_bytes(b"unfinished")

    mails = list_messages(tmp_path, limit=3)

    assert [mail.name for mail in mails] == ["newer/1.eml", "newer/2.eml", "older/1.eml"]
    assert mails[0].subject == "newerの号"
    assert mails[0].to == "reader1@example.com"
    assert mails[0].sent_at == datetime(2025, 10, 19, 23, 0, tzinfo=UTC)
    assert mails[0].size == len((tmp_path / "newer" / "1.eml").read_bytes())


def test_an_outbox_that_was_never_used_is_empty(tmp_path: Path) -> None:
    assert list_messages(tmp_path / "nowhere") == ()


def test_a_listed_mail_can_be_read(tmp_path: Path, make_batch: MakeBatch) -> None:
    send(tmp_path, make_batch())

    [first, _] = list_messages(tmp_path)

    assert read_message(tmp_path, first.name) == (tmp_path / first.name).read_bytes()


@pytest.mark.parametrize(
    "name", ["", "1.eml", "../secret/1.eml", "a/../1.eml", "a/2.eml", "/etc/passwd", "a/1.eml\n"]
)
def test_no_other_name_reads_anything(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "outbox"
    for path in (folder / "a" / "1.eml", folder / "1.eml", tmp_path / "secret" / "1.eml"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"mail")

    assert read_message(folder, name) is None
