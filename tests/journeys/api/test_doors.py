"""Which program may do what: every route, scope and method."""

from __future__ import annotations

from datetime import timedelta

import pytest

from service.model.editor import COMMAND, Scope
from service.staff import issue_token, revoke_token
from service.web.api.gate import NEEDS
from tests.fakes.house import House
from tests.fakes.programs import OpenApi, Program, list_operations, make_token
from tests.proof import api_paths

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")


def test_each_route_lets_in_who_has_its_scope_and_nobody_else(shared_api: OpenApi) -> None:
    programs = {scope: shared_api.meet([scope]) for scope in Scope}
    stranger = shared_api.meet(())
    for method, path, operation in list_operations(shared_api):
        needs = operation[NEEDS]
        assert operation["security"] == [{"token": [needs]}], path
        assert stranger.ask(method, path).status_code == 401, path
        for scope, program in programs.items():
            answer = program.ask(method, path)
            if scope == needs:
                assert answer.status_code not in {401, 403, 405, 500}, (method, path, answer.text)
                continue
            assert answer.status_code == 403, (method, path, scope)
            assert answer.json()["needs"] == needs
            assert f'scope="{needs}"' in answer.headers["www-authenticate"]


def test_each_address_names_the_methods_it_takes(shared_api: OpenApi) -> None:
    program = shared_api.meet()
    known: dict[str, set[str]] = {}
    for method, path, _ in list_operations(shared_api):
        known.setdefault(path, set()).add(method)
    for path, methods in known.items():
        for method in set(METHODS) - methods:
            answer = program.ask(method, path)
            assert answer.status_code == 405, (method, path)
            assert answer.headers["allow"] == ", ".join(sorted(methods))


def test_a_read_token_changes_nothing(shared_api: OpenApi) -> None:
    operations = list(list_operations(shared_api))
    assert {m for m, path, one in operations if one[NEEDS] == "read"} == {"GET", "POST"}
    posts = {path for m, path, one in operations if one[NEEDS] == "read" and m == "POST"}
    assert posts == {"/editions/foresee"}


@pytest.mark.parametrize("shown", ["", "Bearer", "Bearer x", "Basic x", "Bearer kawaraban_é"])
def test_what_is_no_token_gets_the_same_answer(shared_api: OpenApi, shown: str) -> None:
    headers = {"authorization": shown.encode("latin-1")} if shown else {}
    answer = shared_api.meet(()).ask("GET", "/posts", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith('Bearer realm="kawaraban"')
    assert answer.json()["status"] == 401


def test_a_token_counts_until_it_is_revoked_or_its_time_is_over(
    shared_api: OpenApi, shared_house: House
) -> None:
    works = shared_house.app.works
    number, token = issue_token(
        works.database,
        "night",
        [Scope.READ],
        by=COMMAND,
        now=works.clock(),
        expires_at=works.clock() + timedelta(days=1),
    )
    night = Program(shared_api.runner, shared_api.meet(()).client, token)
    day = Program(shared_api.runner, night.client, make_token(shared_house, [Scope.READ]))
    night.get("/posts")
    shared_house.clock.advance(hours=25)
    assert night.ask("GET", "/posts").status_code == 401
    day.get("/posts")
    revoke_token(works.database, number + 1, works.clock(), by=COMMAND)
    assert day.ask("GET", "/posts").status_code == 401


def test_a_cookie_opens_nothing(shared_api: OpenApi) -> None:
    headers = {"cookie": "kawaraban-desk=x; token=x"}
    assert shared_api.meet(()).ask("GET", "/posts", headers=headers).status_code == 401


def test_an_answer_is_kept_by_nobody_on_the_way(shared_api: OpenApi) -> None:
    program = shared_api.meet()
    for path in ("/posts", "/posts/4711", "/nothing"):
        assert program.ask("GET", path).headers["cache-control"] == "private, no-store"


def test_the_documentation_names_every_address_with_its_scope(shared_api: OpenApi) -> None:
    page = api_paths.PAGE.read_text(encoding="utf-8")
    assert page.endswith(f"\n{api_paths.write_table(shared_api)}"), (
        "python -m tests.proof.api_paths"
    )
