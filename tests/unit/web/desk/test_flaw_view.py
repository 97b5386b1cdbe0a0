from __future__ import annotations

from service.delivery.preflight import Flaw, Weight
from service.web.desk.flaw_view import FlawThing, show_flaws
from service.web.desk.refusal_words import say_refusal
from service.words.catalogues import find_voice

JAPANESE, ENGLISH = find_voice("ja"), find_voice("en")


def gate(post: int, message: str = "2 links lead nowhere") -> Flaw:
    values: dict[str, str | int] = {
        "title": f"記事{post}",
        "path": f"n{post}.md",
        "post": post,
        "rule": "dead_link",
        "message": message,
    }
    return Flaw("gate", Weight.WARN, values)


def test_a_finding_is_said_once_with_every_post_that_has_it() -> None:
    (shown,) = show_flaws(ENGLISH, [gate(1), gate(2), gate(3)])
    assert shown.says == "A link leads to a story that is not on the site"
    assert [(one.what, one.path) for one in shown.things] == [
        (f"記事{number}", f"/desk/posts/{number}") for number in (1, 2, 3)
    ]
    assert {one.detail for one in shown.things} == {"2 links lead nowhere"}


def test_what_several_mails_share_is_listed_once_and_names_no_mail() -> None:
    flaws = [
        Flaw("private_link", Weight.WARN, {"url": url}, mail)
        for mail, url in ((1, "http://a.local/"), (2, "http://a.local/"), (2, "http://b.local/"))
    ]
    (shown,) = show_flaws(JAPANESE, flaws)
    assert shown.things == (
        FlawThing("http://a.local/"),
        FlawThing("http://b.local/", mail=2),
    )


def test_what_stops_an_edition_comes_first_and_what_is_of_one_mail_names_it() -> None:
    small = Flaw("short_subject", Weight.WARN, {"columns": 4}, 3)
    shown = show_flaws(ENGLISH, [small, Flaw("no_readers", Weight.STOP), gate(1)])
    assert [(one.is_stop, one.mail, len(one.things)) for one in shown] == [
        (True, None, 0),
        (False, 3, 0),
        (False, None, 1),
    ]


def test_a_refusal_is_explained_and_keeps_its_word() -> None:
    assert say_refusal(JAPANESE, "no_mailbox") == "この受信箱は存在しません。 (no_mailbox)"
    assert say_refusal(ENGLISH, "552 odd") == "552 odd"
    assert say_refusal(ENGLISH, "") == "no reason given"
