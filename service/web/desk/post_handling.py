"""Several posts held or released at once, and what became of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Form
from starlette.requests import Request
from starlette.responses import Response

from service.errors import UsageError
from service.model.post import Post
from service.scanning import Handled, Word, handle_posts
from service.web.desk.desk import Desk
from service.web.desk.post_lines import LIST_ROOT
from service.web.desk.visits import visit_of
from service.words.voice import Voice

LONGEST_NOTE = 500


@dataclass(frozen=True, slots=True)
class HandledView:
    """What to say of each lot: `lots` are those that were left as they are, and why."""

    title: str
    done: tuple[Post, ...]
    lots: tuple[tuple[str, tuple[Post, ...]], ...]
    missing: str


class PostHandling:
    """The action at /desk/posts/chosen."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        desk.action(f"{LIST_ROOT}/chosen", self.handle)

    def handle(
        self,
        request: Request,
        word: Annotated[str, Form()],
        post: Annotated[list[str] | None, Form()] = None,
        note: Annotated[str, Form(max_length=LONGEST_NOTE)] = "",
        back: Annotated[str, Form()] = LIST_ROOT,
    ) -> Response:
        """Hold or release the posts that are ticked, as they were seen, with one note for all."""
        works, actor = self._desk.works, visit_of(request).actor
        said, seen = _read_word(word), dict(map(_read_choice, post or ()))
        handled = handle_posts(works.database, said, seen, works.clock(), note.strip(), by=actor)
        return self._desk.render(
            request,
            "desk/posts_handled.html",
            {
                "handled": show_handled(visit_of(request).voice, said, handled),
                "back": back if back.startswith(f"{LIST_ROOT}?") else LIST_ROOT,
            },
        )


def show_handled(voice: Voice, word: Word, handled: Handled) -> HandledView:
    """What was done and what was not, in the visitor's language."""
    done = len(handled.done)
    if word is Word.HOLD:
        title = voice.say_count("{count} post is held", "{count} posts are held", done)
        idle = voice.say("An editor held these already")
    else:
        title = voice.say_count("{count} post is released", "{count} posts are released", done)
        idle = voice.say("Nothing held these")
    if not done:
        title = voice.say("Nothing was changed")
    changed = voice.say("These had changed meanwhile; nothing was done to them")
    lots = ((changed, handled.changed), (idle, handled.idle))
    return HandledView(
        title=title,
        done=handled.done,
        lots=tuple((heading, posts) for heading, posts in lots if posts),
        missing=voice.say_count(
            "{count} post is not there any more.",
            "{count} posts are not there any more.",
            len(handled.missing),
        )
        if handled.missing
        else "",
    )


def _read_word(text: str) -> Word:
    try:
        return Word(text)
    except ValueError:
        raise UsageError("posts can be held or released, and nothing else") from None


def _read_choice(text: str) -> tuple[int, str]:
    """A post and how it stood, as the box before it says."""
    number, _, stand = text.partition(".")
    if not number.isdecimal() or not number.isascii() or int(number) >= 2**63 or not stand:
        raise UsageError("a choice of posts cannot be read; open the list anew")
    return int(number), stand
