"""Editions as the desk lists them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from service.model.edition import EditionState
from service.model.newsletter import Newsletter
from service.model.publication import Publication
from service.store.edition_list import ListedEdition
from service.web.desk.edition_words import name_kind, say_reason, show_state
from service.web.desk.moments import Moment, write_when
from service.web.desk.post_lines import Badge
from service.web.desk.state_words import name_edition_state
from service.words.voice import Voice


@dataclass(frozen=True, slots=True)
class EditionLine:
    """An edition in a list. `readers` is None before its audience was fixed."""

    edition_id: int
    subject: str
    newsletter: str
    kind: str
    leaves: Moment
    state: Badge
    reason: str
    readers: int | None


@dataclass(frozen=True, slots=True)
class EditionFilter:
    """The fields above the list as they were sent; strange values ask for nothing."""

    newsletter: str = ""
    state: str = ""

    @property
    def states(self) -> tuple[EditionState, ...]:
        """The states that are asked for."""
        return tuple(one for one in EditionState if one == self.state)

    def make_path(self, **more: str) -> str:
        """The address of the list with these fields, and others."""
        asked = {"newsletter": self.newsletter, "state": self.state} | more
        query = urlencode({name: value for name, value in asked.items() if value})
        return f"/desk/editions?{query}" if query else "/desk/editions"


def show_editions(
    voice: Voice,
    publication: Publication,
    newsletters: Mapping[str, Newsletter],
    found: list[ListedEdition],
    now: datetime,
) -> list[EditionLine]:
    """The editions of a page as lines."""
    return [
        EditionLine(
            edition_id=one.edition.edition_id,
            subject=one.subject,
            newsletter=name_newsletter(newsletters, one.edition.newsletter_id),
            kind=name_kind(voice, one.edition),
            leaves=write_when(voice, publication, one.edition.freeze_at, now),
            state=show_state(voice, one.edition),
            reason=say_reason(voice, one.edition.reason),
            readers=one.readers,
        )
        for one in found
    ]


def name_newsletter(newsletters: Mapping[str, Newsletter], newsletter_id: str) -> str:
    """A newsletter's title; one that is configured no more keeps its id."""
    known = newsletters.get(newsletter_id)
    return known.title if known else newsletter_id


def list_states(voice: Voice) -> list[tuple[str, str]]:
    """What the select of states offers."""
    return [(one.value, name_edition_state(voice, one)) for one in EditionState]
