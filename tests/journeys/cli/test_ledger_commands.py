"""An editor's tools for what did not go as planned: retry, unknown, doctor."""

from __future__ import annotations

import json
import sqlite3

from tests.fakes.small_site import MONDAY, Site


def change(site: Site, *statements: str, values: tuple[str, ...] = ()) -> None:
    """Damage the ledger; `values` are those of the first statement."""
    with sqlite3.connect(site.folder / "var" / "kawaraban.db") as connection:
        for statement in statements:
            connection.execute(statement, values if statement is statements[0] else ())


def refuse_one(site: Site) -> None:
    change(
        site,
        "UPDATE deliveries SET state = 'refused', reason = 'no_mailbox' WHERE delivery_id = 1",
        "UPDATE subscriptions SET served_through = (SELECT served_from FROM deliveries WHERE "
        "delivery_id = 1) WHERE subscription_id = (SELECT subscription_id FROM deliveries "
        "WHERE delivery_id = 1)",
    )


def count_mails(site: Site) -> int:
    return len(list((site.folder / "var" / "outbox").glob("*/*.eml")))


def test_retry_reaches_those_who_were_refused_and_only_them(sent: Site) -> None:
    refuse_one(sent)
    assert sent.ask("editions", "retry", "1") == {
        "edition": 1,
        "planned": 1,
        "hurried": 0,
        "left": 0,
    }
    sent.fine("tick", "--at", MONDAY)
    assert count_mails(sent) == 4
    shown = sent.ask("editions", "show", "1")
    assert (shown["state"], shown["accounting"]["accepted"]) == ("finished", 3)
    assert sent.ask("editions", "retry", "1")["planned"] == 0


def test_retry_says_who_stays_refused(sent: Site) -> None:
    refuse_one(sent)
    change(sent, "UPDATE subscriptions SET state = 'unsubscribed'")
    assert "1 stay refused: they left" in sent.fine("editions", "retry", "1")


def test_an_unknown_batch_shows_what_to_look_for(sent: Site) -> None:
    envelope = json.dumps({"key": "kb-x-e1-0-a1", "rows": [[1, 1, 1, "hana@example.jp"]]})
    change(
        sent,
        "UPDATE batches SET state = 'unknown', envelope = ? WHERE batch_id = "
        "(SELECT batch_id FROM deliveries WHERE delivery_id = 1)",
        "UPDATE deliveries SET state = 'unknown' WHERE delivery_id = 1",
        values=(envelope,),
    )
    (listed,) = sent.ask("unknown", "list")["unknown"]
    shown = sent.ask("unknown", "show", str(listed["batch"]))
    assert shown["key"] == "kb-x-e1-0-a1"
    assert shown["readers"] == ["hana@example.jp"]
    assert [one["attempt"] for one in shown["attempts"]] == [1]
    assert "hana@example.jp" in sent.fine("unknown", "show", str(listed["batch"]))
    assert sent.run("unknown", "show", "99").exit_code == 1


def test_doctor_finds_nothing_wrong_after_a_send(sent: Site) -> None:
    assert "everything in it agrees" in sent.fine("doctor")


def test_doctor_says_what_is_wrong_and_what_to_do(sent: Site) -> None:
    change(
        sent,
        "DELETE FROM deliveries WHERE delivery_id = 1",
        "UPDATE subscriptions SET served_through = 99",
    )
    result = sent.run("doctor", "--json")
    assert result.exit_code == 1
    says = {one["about"]: one["says"] for one in json.loads(result.stdout)["found"]}
    assert "frozen=3, accepted=2" in says["edition 1"]
    assert "please report it" in says["ledger"]


def test_doctor_says_what_a_change_of_provider_waits_for(sent: Site) -> None:
    sent.fine("tick", "--at", MONDAY)
    change(
        sent,
        "UPDATE batches SET account = 'former', state = 'planned', first_claimed_at = NULL",
        "INSERT INTO batches (kind, ordinal, key, account, state, attempt, created_at, "
        "first_claimed_at, body_digest, detail) VALUES ('notice', 1, 'k', 'former', 'unknown', 1, "
        "'2026-01-01 00:00:00.000000', '2026-01-01 00:00:00.000000', '', '')",
    )
    assert "nothing of it is unknown" in " ".join(sent.run("doctor").stdout.split())
