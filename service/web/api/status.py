"""How things stand: what needs a person, and newsletters with what is due next."""

from __future__ import annotations

from datetime import datetime

from service.delivery.agenda import Due, list_due
from service.delivery.conditions import find_conditions
from service.delivery.facts import read_facts
from service.model.condition import Condition, Item
from service.model.edition import EditionState
from service.model.newsletter import Approval, Cadence, Newsletter
from service.store.counts import count_active
from service.store.installation import find_installation
from service.web.api.api import Api
from service.web.api.fields import Moment, Shown
from service.web.api.problems import NotFoundError


class Need(Shown):
    """One thing that a condition is true of; `values` say which, and since when."""

    key: str
    form: str
    values: dict[str, str | int]
    blocks: bool


class ConditionHeld(Shown):
    """Something that needs a person, the things it is true of, and how many these are."""

    condition: Condition
    count: int
    things: list[Need]


class Status(Shown):
    """How things stand. `obstacles` keep any edition from leaving."""

    now: Moment
    first_scan_at: Moment | None
    last_scan_at: Moment | None
    is_send_held: bool
    obstacles: list[str]
    conditions: list[ConditionHeld]


class ShownDue(Shown):
    """What leaves next at a cadence: an edition, or null for one that is not opened yet.

    Unless `is_exact`, `readers` are all who take this cadence. `others` more are due with it.
    """

    newsletter: str
    cadence: Cadence
    edition: int | None
    state: EditionState
    leaves_at: Moment
    note: str
    posts: int
    readers: int
    is_exact: bool
    others: int


class ShownNewsletter(Shown):
    """A newsletter as it is configured, with its readers by cadence and what is due next."""

    newsletter: str
    title: str
    language: str
    cadences: list[Cadence]
    default_cadence: Cadence
    topics: list[str]
    approval: Approval
    max_posts: int
    readers: dict[str, int]
    due: list[ShownDue]


class Standing:
    """The addresses /status and /newsletters."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._press = api.works.press
        api.show("/status", self.show_status)
        api.show("/newsletters", self.list_newsletters)
        api.show("/newsletters/{newsletter}", self.show_newsletter)

    def show_status(self) -> Status:
        """What needs a person, the gravest first; nothing listed: all goes by itself."""
        works, now = self._api.works, self._api.clock()
        source = works.repository.source.name if works.repository else ""
        with self._api.database.reading() as connection:
            known = find_installation(connection)
            facts = read_facts(connection, self._press, now, source)
        return Status(
            now=now,
            first_scan_at=known.first_scan_at,
            last_scan_at=known.last_scan_at,
            is_send_held=known.is_send_held,
            obstacles=list(works.obstacles),
            conditions=[_show_condition(*one) for one in find_conditions(facts).items()],
        )

    def list_newsletters(self) -> list[ShownNewsletter]:
        """Every newsletter, in the order of the configuration."""
        return self._show_all(list(self._press.newsletters.values()))

    def show_newsletter(self, newsletter: str) -> ShownNewsletter:
        """One newsletter."""
        found = self._press.newsletters.get(newsletter)
        if found is None:
            raise NotFoundError("there is no newsletter of this name; see /newsletters")
        return self._show_all([found])[0]

    def _show_all(self, newsletters: list[Newsletter]) -> list[ShownNewsletter]:
        with self._api.database.reading() as connection:
            due = list_due(connection, self._press, newsletters, self._api.clock())
            readers = {
                (one.newsletter_id, cadence): count_active(connection, one.newsletter_id, cadence)
                for one in newsletters
                for cadence in one.cadences
            }
        return [_show_newsletter(one, readers, due) for one in newsletters]


_MOST_THINGS = 100


def _show_condition(condition: Condition, items: tuple[Item, ...]) -> ConditionHeld:
    things = [_show_need(one) for one in items[:_MOST_THINGS]]
    return ConditionHeld(condition=condition, count=len(items), things=things)


def _show_need(one: Item) -> Need:
    values = {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in one.values.items()
    }
    return Need(key=one.key, form=one.form, values=values, blocks=one.blocks)


def _show_newsletter(
    one: Newsletter, readers: dict[tuple[str, Cadence], int], due: list[Due]
) -> ShownNewsletter:
    return ShownNewsletter(
        newsletter=one.newsletter_id,
        title=one.title,
        language=one.language,
        cadences=list(one.cadences),
        default_cadence=one.default_cadence,
        topics=list(one.topics),
        approval=one.approval,
        max_posts=one.max_posts,
        readers={cadence: readers[one.newsletter_id, cadence] for cadence in one.cadences},
        due=[_show_due(each) for each in due if each.newsletter is one],
    )


def _show_due(one: Due) -> ShownDue:
    edition = one.prospect.edition
    return ShownDue(
        newsletter=one.newsletter.newsletter_id,
        cadence=one.cadence,
        edition=edition.edition_id or None,
        state=edition.state,
        leaves_at=edition.freeze_at,
        note=one.prospect.note,
        posts=len(one.prospect.candidates),
        readers=one.readers,
        is_exact=one.is_exact,
        others=one.others,
    )
