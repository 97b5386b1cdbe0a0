"""Who gets in at the desk, and who may do what."""

from __future__ import annotations

from datetime import timedelta
from email import message_from_bytes, policy

import httpx
from fastapi.routing import APIRoute
from starlette.types import ASGIApp

from service.engine.works import deliver_due
from service.model.editor import Role
from service.store.audit import list_actions
from service.web.desk.desk import NEEDS
from tests.fakes.desk import ADDRESSES, OpenDesk, Person, make_link
from tests.fakes.routes import list_routes


def ask_for_link(desk: OpenDesk, person: Person, address: str) -> str | None:
    """Ask on the sign-in page, have mail delivered, and look into the outbox."""
    answer = person.post("/desk/sign-in", data={"address": address})
    assert answer.status_code == 200
    deliver_due(desk.house.app.works)
    outbox = desk.house.site / "var" / "outbox"
    mails = sorted(outbox.glob("*/*.eml"), key=lambda file: file.stat().st_mtime_ns)
    if not mails:
        return None
    mail = message_from_bytes(mails[-1].read_bytes(), policy=policy.default)
    body = mail.get_body(("plain",))
    assert body is not None
    return next(one for one in str(body.get_content()).split() if "/desk/sign-in/" in one)


def test_a_mailed_link_signs_in_the_browser_that_asked(desk: OpenDesk) -> None:
    make_link(desk.house, Role.EDITOR)
    anna = desk.meet(None)
    link = ask_for_link(desk, anna, ADDRESSES[Role.EDITOR])
    assert link is not None
    path = link.removeprefix("http://localhost:8000")
    assert anna.get(path).status_code == 200
    anna.sign_in(link)
    assert "編集者：" in anna.get("/desk/settings").text


def test_a_mailed_link_is_worthless_in_another_browser(desk: OpenDesk) -> None:
    make_link(desk.house, Role.EDITOR)
    link = ask_for_link(desk, desk.meet(None), ADDRESSES[Role.EDITOR])
    assert link is not None
    path = link.removeprefix("http://localhost:8000")
    thief = desk.meet(None)
    assert thief.get(path).status_code == 410
    assert thief.post(path).status_code == 410
    assert thief.get("/desk/settings").status_code == 303


def test_a_link_works_once_and_for_a_quarter_of_an_hour(desk: OpenDesk) -> None:
    used, late = make_link(desk.house, Role.OWNER), make_link(desk.house, Role.OWNER)
    desk.meet(None).sign_in(used)
    assert desk.meet(None).post(used.removeprefix("http://localhost:8000")).status_code == 410
    desk.house.clock.advance(minutes=15)
    assert desk.meet(None).post(late.removeprefix("http://localhost:8000")).status_code == 410


def test_looking_at_a_link_uses_nothing_up(desk: OpenDesk) -> None:
    link = make_link(desk.house, Role.OWNER)
    path = link.removeprefix("http://localhost:8000")
    for _ in range(3):
        scanner = desk.meet(None)
        assert scanner.get(path).status_code == 200
        assert desk.runner.run(scanner.client.head(path)).status_code == 200
    desk.meet(None).sign_in(link)


def test_strangers_get_the_same_answer_and_no_mail(desk: OpenDesk) -> None:
    make_link(desk.house, Role.EDITOR)
    known, stranger = desk.meet(None), desk.meet(None)
    assert ask_for_link(desk, stranger, "nobody@desk.example") is None
    answers = [
        known.post("/desk/sign-in", data={"address": ADDRESSES[Role.EDITOR]}),
        stranger.post("/desk/sign-in", data={"address": "nobody@desk.example"}),
    ]
    assert answers[0].text == answers[1].text
    # What is done afterwards keeps no next answer waiting that could be timed.
    assert [one.headers["connection"] for one in answers] == ["close", "close"]


def test_an_editor_is_mailed_five_links_an_hour_at_most(desk: OpenDesk) -> None:
    make_link(desk.house, Role.EDITOR)
    anna = desk.meet(None)
    for _ in range(8):
        ask_for_link(desk, anna, ADDRESSES[Role.EDITOR])
    assert len(list((desk.house.site / "var" / "outbox").glob("*/*.eml"))) == 5


def test_signing_out_ends_the_session_on_the_server(desk: OpenDesk) -> None:
    anna = desk.meet(Role.EDITOR)
    cookie = anna.client.cookies["kawaraban-desk"]
    assert anna.press("/desk/sign-out").status_code == 303
    anna.client.cookies.set("kawaraban-desk", cookie)
    assert anna.get("/desk/settings").status_code == 303


def test_signing_in_and_out_and_changing_ones_account_are_in_the_log(desk: OpenDesk) -> None:
    anna = desk.meet(Role.EDITOR)
    # No database keeps a NUL.
    anna.press("/desk/settings", name="An\x00na", language="ja")
    assert 'value="Anna"' in anna.get("/desk/settings").text
    anna.press("/desk/sign-out")
    with desk.house.app.works.database.reading() as connection:
        actions = [one.action for one in list_actions(connection)]
    assert actions == [
        "session.end",
        "account.change",
        "session.begin",
        "editor.link",
        "editor.add",
    ]


def test_a_session_that_somebody_else_chose_is_none(desk: OpenDesk) -> None:
    anna = desk.meet(None)
    anna.client.cookies.set("kawaraban-desk", "chosen", domain="localhost.local", path="/")
    anna.post(make_link(desk.house, Role.EDITOR).removeprefix("http://localhost:8000"))
    given = [one.value for one in anna.client.cookies.jar if one.name == "kawaraban-desk"]
    assert len(set(given) - {"chosen"}) == 1
    thief = desk.meet(None)
    thief.client.cookies.set("kawaraban-desk", "chosen")
    assert thief.get("/desk").status_code == 303


def test_a_role_that_is_lowered_permits_less_at_once(desk: OpenDesk) -> None:
    olga, anna = desk.meet(Role.OWNER), desk.meet(Role.EDITOR)
    assert anna.get("/desk/readers/add").status_code == 200
    olga.press("/desk/settings/editors/2/role", role="viewer")
    assert anna.get("/desk/readers/add").status_code == 403


def test_a_session_ends_after_a_fortnight_without_use(desk: OpenDesk) -> None:
    anna = desk.meet(Role.EDITOR)
    for _ in range(3):
        desk.house.clock.advance(days=13)
        assert anna.get("/desk/settings").status_code == 200
    desk.house.clock.advance(days=15)
    assert anna.get("/desk/settings").status_code == 303


def test_removing_an_editor_ends_their_sessions_and_links(desk: OpenDesk) -> None:
    olga, anna = desk.meet(Role.OWNER), desk.meet(Role.EDITOR)
    waiting = make_link(desk.house, Role.EDITOR)
    assert olga.press("/desk/settings/editors/2/remove").status_code == 303
    assert anna.get("/desk/settings").status_code == 303
    assert desk.meet(None).post(waiting.removeprefix("http://localhost:8000")).status_code == 410


def test_the_only_owner_can_neither_go_nor_step_down(desk: OpenDesk) -> None:
    olga = desk.meet(Role.OWNER)
    assert olga.press("/desk/settings/editors/1/remove").status_code == 409
    assert olga.press("/desk/settings/editors/1/role", role="viewer").status_code == 409
    assert olga.get("/desk/settings/editors").status_code == 200


def test_a_form_of_another_site_or_session_does_nothing(desk: OpenDesk) -> None:
    anna, bert = desk.meet(Role.OWNER), desk.meet(Role.EDITOR)
    add = {"address": "evil@desk.example", "role": "owner"}
    path = "/desk/settings/editors"
    foreign = {"sec-fetch-site": "cross-site"}
    for answer in (
        anna.post(path, data={**add, "csrf": bert.csrf}),
        anna.post(path, data=add),
        anna.post(path, data={**add, "csrf": anna.csrf}, headers=foreign),
    ):
        assert answer.status_code == 403
    assert "evil@desk.example" not in anna.get(path).text


def test_every_action_refuses_a_form_that_is_not_ours(desk: OpenDesk) -> None:
    anna, bert = desk.meet(Role.OWNER), desk.meet(Role.OWNER)
    ours, here = {"csrf": anna.csrf}, {"sec-fetch-site": "same-origin"}
    for route in list_desk_routes(desk.app):
        if "POST" not in (route.methods or ()) or NEEDS not in (route.openapi_extra or {}):
            continue
        for fields, headers in (
            ({"csrf": ""}, here),
            ({"csrf": "\u30ed"}, here),
            ({"csrf": bert.csrf}, here),
            (ours, {"sec-fetch-site": "cross-site"}),
            (ours, {"sec-fetch-site": "same-site"}),
            (ours, {"origin": "https://evil.example"}),
            (ours, {"origin": "http://localhost:8001"}),
        ):
            sent = anna.client.post(
                fill(route), data=fields, files={"file": ("a.csv", b"email\n")}, headers=headers
            )
            answer = desk.runner.run(sent)
            assert answer.status_code == 403, (route.path, fields, headers)
            check_walls(answer)
    assert anna.get("/desk").status_code == 200


def test_a_token_is_shown_once_and_kept_as_a_digest(desk: OpenDesk) -> None:
    olga = desk.meet(Role.OWNER)
    made = olga.press("/desk/settings/tokens", name="site", scopes=["read", "send"], days="90")
    token = made.text.split("<code>kawaraban_")[1].split("</code>")[0]
    assert token not in olga.get("/desk/settings/tokens").text
    assert token.encode() not in (desk.house.site / "var" / "kawaraban.db").read_bytes()


def test_what_is_done_is_in_the_log(desk: OpenDesk) -> None:
    olga = desk.meet(Role.OWNER)
    olga.press("/desk/settings/editors", address="bert@desk.example", role="viewer", name="Bert")
    assert "編集者 2" in olga.get("/desk/settings/log").text


def list_desk_routes(app: ASGIApp) -> list[APIRoute]:
    """Every route of the desk, however many wrappers are around the app."""
    found = [one for one in list_routes(app) if one.path.startswith("/desk")]
    assert len(found) > 10
    return found


def test_every_route_says_who_may_use_it(desk: OpenDesk) -> None:
    undeclared = {
        route.path
        for route in list_desk_routes(desk.app)
        if NEEDS not in (route.openapi_extra or {})
    }
    assert undeclared == {
        "/desk/sign-in",
        "/desk/sign-in/{token}",
        "/desk/approve/{token}",
        "/desk/outbox",
        "/desk/outbox/{folder}/{file}",
        "/desk/outbox/{folder}/{file}/html",
    }


def test_no_route_lets_in_whoever_may_not(desk: OpenDesk) -> None:
    people = {role: desk.meet(role) for role in (None, *Role)}
    for route in list_desk_routes(desk.app):
        needs = (route.openapi_extra or {}).get(NEEDS)
        if needs is None or route.path == "/desk/sign-out":
            continue
        path = fill(route)
        for role, person in people.items():
            may = role is not None and role.allows(Role(needs))
            expected = {303} if role is None else {200, 404, 409} if may else {403}
            for method in route.methods or ():
                if method == "POST" and may:
                    continue
                answer = person.press(path) if method == "POST" else person.get(path)
                assert answer.status_code in expected, (route.path, method, role)
                check_walls(answer)


def fill(route: APIRoute) -> str:
    """An address of a route."""
    path = route.path
    for part in route.param_convertors:
        path = path.replace("{" + part + "}", "1")
    return path


def check_walls(answer: httpx.Response) -> None:
    """Nobody keeps an answer of the desk, frames it, or takes it for something else."""
    assert answer.headers["cache-control"] == "private, no-store"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "frame-ancestors '" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] in {"no-referrer", "same-origin"}


def test_links_are_forgotten_by_time(desk: OpenDesk) -> None:
    link = make_link(desk.house, Role.VIEWER)
    desk.house.clock.now += timedelta(days=1)
    assert desk.meet(None).get(link.removeprefix("http://localhost:8000")).status_code == 410


def test_a_form_that_cannot_be_read_gets_a_page(desk: OpenDesk) -> None:
    olga = desk.meet(Role.OWNER)
    misread = olga.press("/desk/settings/editors", address="x@desk.example", role="emperor")
    assert misread.status_code == 422
    assert misread.headers["content-type"].startswith("text/html")
    assert olga.get("/desk/editions/abc").status_code == 404
    too_long = olga.post("/desk/settings/editors", content=b"x" * 65_537)
    assert too_long.status_code == 413
    for answer in (misread, too_long, olga.get("/desk/nothing"), olga.post("/desk/posts")):
        check_walls(answer)


def test_a_viewer_is_told_that_their_role_does_not_permit_it(desk: OpenDesk) -> None:
    answer = desk.meet(Role.VIEWER).get("/desk/settings/editors")
    assert answer.status_code == 403
    assert "役割では行えません" in answer.text
