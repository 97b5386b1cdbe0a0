"""The log as its page shows it: who did what to which thing, in the visitor's language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from service.model.editor import ActorKind, AuditEntry
from service.model.publication import Publication
from service.web.desk.work_words import name_action
from service.words.voice import Voice

_UNTOLD = frozenset({"revision", "seen"})
"""What is kept to prove what somebody saw, and tells nobody anything."""

_UNWRITTEN = (
    *("held by an editor", "released by an editor"),
    *("paused by an editor", "cancelled by an editor"),
)
"""What stands in the place of words that nobody wrote."""

_PAGES: Mapping[str, str] = {
    "edition": "/desk/editions/",
    "post": "/desk/posts/",
    "reader": "/desk/readers/",
    "list": "/desk/readers/lists/",
    "webhook": "/desk/settings/webhooks/",
}


@dataclass(frozen=True, slots=True)
class LogLine:
    """One thing that was done. `door` says how, where it was not the desk; `path` leads to it."""

    when: str
    who: str
    door: str
    what: str
    details: tuple[str, ...]
    subject: str
    path: str


def show_log(
    voice: Voice, publication: Publication, titles: Mapping[str, str], entries: list[AuditEntry]
) -> list[LogLine]:
    """Entries of the log; `titles` are what newsletters are called, by their ids."""
    return [
        LogLine(
            when=voice.write_moment(publication.localise(one.done_at)),
            who=one.actor.name,
            door=_name_door(voice, one.actor.kind),
            what=name_action(voice, one.action),
            details=tuple(
                _say_detail(voice, publication, titles, name, value)
                for name, value in one.detail.items()
                if _is_told(name, value)
            ),
            subject=_name_subject(voice, one.subject),
            path=_find_path(one.subject),
        )
        for one in entries
    ]


def _name_door(voice: Voice, kind: ActorKind) -> str:
    match kind:
        case ActorKind.EDITOR:
            return ""
        case ActorKind.TOKEN:
            return voice.say_of("who did something", "token")
        case ActorKind.COMMAND:
            return voice.say_of("who did something", "command")


def _is_told(name: str, value: object) -> bool:
    return name not in _UNTOLD and value not in ("", [], None, *_UNWRITTEN)


def _say_detail(
    voice: Voice, publication: Publication, titles: Mapping[str, str], name: str, value: object
) -> str:
    text = ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    if name == "newsletter":
        return titles.get(text, text)
    if name == "leaves_at":
        return voice.write_moment(publication.localise(datetime.fromisoformat(text)))
    if name in ("role", "manner", "made", "by", "outcome", "is_paused"):
        return _name_value(voice, name, text)
    sentence = _list_sentences(voice).get(name)
    return sentence(text) if sentence else f"{name}: {text}"


def _name_value(voice: Voice, name: str, text: str) -> str:
    known = {
        "role owner": voice.say_of("a role", "owner"),
        "role editor": voice.say_of("a role", "editor"),
        "role viewer": voice.say_of("a role", "viewer"),
        "manner ask": voice.say("asked by mail to confirm"),
        "manner vouched": voice.say("vouched for"),
        "made by hand": voice.say("by hand"),
        "by mail": voice.say("answered by mail"),
        "outcome accepted": voice.say("taken by the provider"),
        "outcome not-sent": voice.say("never taken"),
        "is_paused True": voice.say("paused"),
        "is_paused False": voice.say("not paused any more"),
    }
    return known.get(f"{name} {text}", text)


def _list_sentences(voice: Voice) -> Mapping[str, Callable[[str], str]]:
    say = voice.say
    return {
        "note": lambda text: say("Note: {note}", note=text),
        "reason": lambda text: say("Reason: {reason}", reason=text),
        "path": lambda text: text,
        "domain": lambda text: text,
        "host": lambda text: text,
        "from": lambda text: say("From {source}", source=text),
        "scopes": lambda text: say("Scopes: {scopes}", scopes=text),
        "post": lambda text: say("Post {number}", number=text),
        "batch": lambda text: say("Batch {number}", number=text),
        "message": lambda text: say("Message {number}", number=text),
        "correction": lambda text: say("Correction {number}", number=text),
        "readers": lambda text: voice.say_count("{count} reader", "{count} readers", int(text)),
        "count": lambda text: say("{count} in all", count=f"{int(text):,}"),
        "mails": lambda text: say("Mails: {count}", count=f"{int(text):,}"),
        "ended": lambda text: say("Subscriptions ended: {count}", count=f"{int(text):,}"),
        "planned": lambda text: say("Readers tried again: {count}", count=f"{int(text):,}"),
        "hurried": lambda text: say("Waited, and go at once: {count}", count=f"{int(text):,}"),
        "bytes": lambda text: say("{count} bytes", count=f"{int(text):,}"),
    }


def _name_subject(voice: Voice, subject: str) -> str:
    kind, _, number = subject.partition(":")
    names = {
        "edition": lambda: voice.say("Edition no. {number}", number=number),
        "post": lambda: voice.say("Post {number}", number=number),
        "reader": lambda: voice.say("Reader {number}", number=number),
        "list": lambda: voice.say("List {number}", number=number),
        "editor": lambda: voice.say("Editor {number}", number=number),
        "token": lambda: voice.say("Token {number}", number=number),
        "session": lambda: voice.say("Browser {number}", number=number),
        "webhook": lambda: voice.say("Webhook {number}", number=number),
        "account": lambda: number,
        "batch": lambda: voice.say("Batch {number}", number=number),
        "posts": lambda: voice.say("Posts"),
        "readers": lambda: voice.say("Readers"),
        "signups": lambda: voice.say("Sign-ups"),
        "suppressions": lambda: voice.say("Suppressed addresses"),
        "installation": lambda: voice.say("All mail"),
    }
    return names[kind]() if kind in names else subject


def _find_path(subject: str) -> str:
    kind, _, number = subject.partition(":")
    return f"{_PAGES[kind]}{number}" if kind in _PAGES and number.isdecimal() else ""
