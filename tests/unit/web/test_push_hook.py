from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.datastructures import Headers

from service.model.source import GitSource
from service.store.pulls import Pull, find_pull
from service.web.push_hook import Knock, find_why_not, is_signed
from tests.unit.web.conftest import NOW, Furnish, House

SECRET = "sixteen letters and more"
SOURCE = GitSource(
    "https://example.com/site.git", "main", "", Path("/none"), timedelta(minutes=5), "", SECRET
)
PUSH = json.dumps({"ref": "refs/heads/main", "commits": [{"added": ["あ.md"]}]}).encode()


def sign(body: bytes, secret: str = SECRET) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def look(house: House) -> Pull:
    with house.parts.database.reading() as connection:
        return find_pull(connection, SOURCE.name)


def github(body: bytes, event: str = "push") -> dict[str, str]:
    return {"X-Hub-Signature-256": f"sha256={sign(body)}", "X-GitHub-Event": event}


def test_a_signed_push_is_noted_and_the_clock_here_is_told_once_for_each(furnish: Furnish) -> None:
    rung: list[bool] = []

    def ring() -> None:
        rung.append(look(house).asked_at is not None)

    house: House = furnish(source=SOURCE, on_push=ring)
    with house.open() as client:
        for headers in (
            github(PUSH),
            {"X-Gitea-Signature": sign(PUSH), "X-Gitea-Event": "push"},
            {"X-Gitlab-Token": SECRET, "X-Gitlab-Event": "Push Hook"},
            github(PUSH),
        ):
            answer = client.post("/hooks/push", content=PUSH, headers=headers)
            assert (answer.status_code, answer.text) == (202, "will be pulled\n")
    assert look(house).asked_at == NOW
    assert rung == [True] * 4


def test_nothing_is_noted_for_a_stranger_nor_for_whoever_only_looks(furnish: Furnish) -> None:
    house = furnish(source=SOURCE)
    with house.open() as client:
        assert client.get("/hooks/push").status_code == 405
        for headers in ({}, {"X-Hub-Signature-256": f"sha256={sign(PUSH, 'another secret')}"}):
            answer = client.post("/hooks/push", content=PUSH, headers=headers)
            assert answer.status_code == 403
            assert "KAWARABAN_PUSH_SECRET" in answer.text
        ping = client.post("/hooks/push", content=b"{}", headers=github(b"{}", "ping"))
        assert (ping.status_code, ping.text) == (200, "heard you\n")
        tag = json.dumps({"ref": "refs/tags/main"}).encode()
        assert client.post("/hooks/push", content=tag, headers=github(tag)).status_code == 200
    assert look(house).asked_at is None


def test_a_push_of_thousands_of_files_is_taken_and_one_beyond_all_measure_is_not(
    furnish: Furnish,
) -> None:
    house = furnish(source=SOURCE)
    long = b" " * 2_500_000 + PUSH
    with house.open() as client:
        assert client.post("/hooks/push", content=long, headers=github(long)).status_code == 202
        endless = {**github(b""), "Content-Length": "26000001"}
        assert client.post("/hooks/push", content=b"", headers=endless).status_code == 413


@pytest.mark.parametrize("source", [None, replace(SOURCE, push_secret="")])
def test_the_door_is_closed_where_nothing_is_configured(
    furnish: Furnish, source: GitSource | None
) -> None:
    with furnish(source=source).open() as client:
        answer = client.post("/hooks/push", content=PUSH, headers=github(PUSH))
        assert answer.status_code == 404


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Hub-Signature-256": sign(PUSH)},
        {"X-Hub-Signature-256": f"sha1={sign(PUSH)}"},
        {"X-Hub-Signature-256": "sha256="},
        {"X-Hub-Signature-256": f"sha256={sign(PUSH)}ü"},
        {"X-Hub-Signature": f"sha256={sign(PUSH)}"},
        {"X-Gitea-Signature": sign(PUSH + b" ")},
        {"X-Gitlab-Token": ""},
        {"X-Gitlab-Token": sign(PUSH)},
    ],
)
def test_what_is_not_signed_as_it_should_be_is_not_signed(headers: Mapping[str, str]) -> None:
    assert not is_signed(Knock(Headers(headers), sign(PUSH), PUSH), SECRET)


@pytest.mark.parametrize(
    ("branch", "document", "event", "why_not"),
    [
        ("main", {"ref": "refs/heads/main"}, "push", ""),
        ("main", {"ref": "refs/heads/draft"}, "push", "only the branch main is pulled"),
        ("main", {"ref": "refs/heads/main"}, "issues", "only pushes are of interest"),
        ("", {"ref": "refs/heads/x", "repository": {"default_branch": "x"}}, "push", ""),
        ("", {"ref": "refs/heads/y", "project": {"default_branch": "x"}}, "push", "only the"),
        ("", {"ref": "refs/heads/y"}, "push", ""),
        ("main", {"ref": 7}, "push", ""),
        ("main", [], "push", ""),
        ("main", "not JSON", "push", ""),
    ],
)
def test_only_pushes_to_the_branch_that_is_pulled_count(
    branch: str, document: object, event: str, why_not: str
) -> None:
    knock = Knock(Headers({"X-GitHub-Event": event}), "", json.dumps(document).encode())
    assert find_why_not(knock, replace(SOURCE, branch=branch)).startswith(why_not)
    assert bool(find_why_not(knock, replace(SOURCE, branch=branch))) == bool(why_not)


def test_githubs_form_is_read_like_its_json() -> None:
    headers = Headers({"Content-Type": "application/x-www-form-urlencoded"})
    body = b"payload=%7B%22ref%22%3A%22refs%2Fheads%2Fdraft%22%7D"
    assert find_why_not(Knock(headers, "", body), SOURCE) == "only the branch main is pulled"
