"""`doctor`: what keeps mail back, and whether anybody was lost or counted twice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import click

from service.app import App
from service.cli.printing import (
    count_of,
    json_option,
    make_table,
    need_attention,
    show,
    write_moment,
)
from service.cli.pulled import write_source
from service.cli.session import Session, pass_session
from service.config.environment import CALLERS, WEBHOOK_SECRET
from service.delivery.conditions import find_conditions
from service.delivery.facts import read_facts
from service.delivery.inspecting import list_faults
from service.editions.alert import write_condition
from service.errors import SchemaError, UsageError
from service.model.condition import Condition
from service.model.edition import EditionState
from service.model.editor import COMMAND
from service.outbound.repository import Repository
from service.sending import resume_account
from service.store.accounting import count_all_deliveries
from service.store.accounts import list_accounts
from service.store.editions import list_editions
from service.store.history import list_unvouched
from service.store.installation import (
    find_installation,
    hold_by_hand,
    release_send_hold,
)
from service.store.migrate import check_schema
from service.store.pings import HubHealth, count_pings, find_hubs
from service.store.pulls import find_pull
from service.store.switching import has_unsettled_batches, list_untouched_batches

_MOST_COUNTED = 100_000

_IS_WELL = {
    Condition.FOLDER: False,
    Condition.FILTER: False,
    Condition.APPROVAL: True,
    Condition.QUARANTINED: True,
    Condition.HELD: True,
    Condition.WEBHOOK: False,
}
"""Conditions that are told here as editors are told them, and whether mail is well with them."""


@click.command("doctor")
@click.option("--hold", is_flag=True, help="Let nothing leave: before a server is set back.")
@click.option("--release-hold", is_flag=True, help="Let mail leave from a restored database.")
@click.option(
    "--resume-account",
    "resume_account_name",
    metavar="NAME",
    help="Let a paused provider account send again.",
)
@json_option
@pass_session
def doctor(
    session: Session,
    *,
    hold: bool,
    release_hold: bool,
    resume_account_name: str | None,
    as_json: bool,
) -> None:
    """Find what keeps mail back; see that the count adds up.

    A restored or copied database sends nothing until --release-hold: look first whether the
    original has sent since. Exit status 1: something was found.
    """
    database = session.open_database()
    try:
        check_schema(database)
    except SchemaError as error:
        finding = Diagnosis("schema", is_well=False, says=str(error))
        _show_diagnoses([finding], as_json=as_json)
        return
    finally:
        database.close()
    app = session.open_app()
    if hold and release_hold:
        raise UsageError("--hold and --release-hold say the opposite of each other")
    works, now = app.works, app.works.clock()
    if hold:
        hold_by_hand(works.database, now, by=COMMAND)
    if release_hold:
        release_send_hold(works.database, now, by=COMMAND)
    if resume_account_name is not None:
        resume_account(works.database, works.press.wake, resume_account_name, now, by=COMMAND)
    _show_diagnoses(list(diagnose(session, app)), as_json=as_json)


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One thing looked at, and what is to be said of it."""

    about: str
    is_well: bool
    says: str


def diagnose(session: Session, app: App) -> Iterable[Diagnosis]:
    """Look at everything that can keep mail back or lose count of it."""
    yield Diagnosis("schema", is_well=True, says="the newest")
    yield Diagnosis(
        "settings",
        is_well=not app.works.obstacles,
        says="; ".join(app.works.obstacles) or "nothing is missing for sending",
    )
    yield _diagnose_hold(session, app)
    if app.works.repository is not None:
        yield _diagnose_source(session, app, app.works.repository)
    yield from _diagnose_hubs(session, app)
    yield from _diagnose_editions(app)
    yield from _diagnose_ledger(app)
    yield from _diagnose_accounts(session, app)
    yield _diagnose_unknown(app)
    yield from _diagnose_switch(app)
    yield from _diagnose_conditions(app)
    yield from _diagnose_hooks(app)
    yield _diagnose_editors(app)


def _diagnose_hold(session: Session, app: App) -> Diagnosis:
    with app.works.database.reading() as connection:
        installation = find_installation(connection)
    if installation.is_send_held:
        says = (
            "this database was restored or copied, or is held by hand; nothing leaves until: "
            "kawaraban doctor --release-hold"
        )
        return Diagnosis("send-hold", is_well=False, says=says)
    scanned = write_moment(installation.last_scan_at, session.zone) or "never"
    return Diagnosis("send-hold", is_well=True, says=f"none; last scan: {scanned}")


def _diagnose_source(session: Session, app: App, repository: Repository) -> Diagnosis:
    with app.works.database.reading() as connection:
        pull = find_pull(connection, repository.source.name)
    at = write_source(repository.source)
    pulled = write_moment(pull.pulled_at, session.zone) or "never"
    if pull.failing_since_at is None:
        return Diagnosis("source", is_well=True, says=f"{at}; last pull: {pulled}")
    since = write_moment(pull.failing_since_at, session.zone)
    says = f"{at}; last good pull: {pulled}; failing since {since}: {pull.failure}"
    return Diagnosis("source", is_well=False, says=says)


def _diagnose_hubs(session: Session, app: App) -> Iterable[Diagnosis]:
    with app.works.database.reading() as connection:
        hubs = find_hubs(connection, app.works.feeds.settings.hubs)
        waiting = count_pings(connection)
    for one in hubs:
        says = _describe_hub(session, one, waiting.get(one.hub, 0))
        yield Diagnosis(f"hub {one.hub}", is_well=one.failing_since_at is None, says=says)


def _describe_hub(session: Session, hub: HubHealth, waiting: int) -> str:
    taken = write_moment(hub.taken_at, session.zone) or "never"
    says = f"told of a feed last: {taken}; {waiting:,} wait"
    if hub.failing_since_at is None:
        return says
    since = write_moment(hub.failing_since_at, session.zone)
    return f"{says}; takes none since {since}: {hub.failure}"


def _diagnose_editions(app: App) -> Iterable[Diagnosis]:
    with app.works.database.reading() as connection:
        editions = list_editions(connection)
        counts = count_all_deliveries(connection)
    lost = 0
    for edition in editions:
        count = counts[edition.edition_id]
        is_done = edition.state is EditionState.FINISHED
        if not count.adds_up or (is_done and not count.is_settled):
            lost += 1
            says = f"{edition.state}, but: {count}; please report it"
            yield Diagnosis(f"edition {edition.edition_id}", is_well=False, says=says)
        elif edition.state in {EditionState.HELD, EditionState.PAUSED}:
            says = f"{edition.state}: {edition.reason or 'an editor said so'}"
            yield Diagnosis(f"edition {edition.edition_id}", is_well=False, says=says)
    rows = sum(counts[one.edition_id].frozen for one in editions)
    looked = f"{count_of(len(editions), 'edition')}, {rows:,} deliveries"
    says = f"{looked}, {f'{lost:,} do not add up' if lost else 'every one counted once'}"
    yield Diagnosis("accounting", is_well=not lost, says=says)


def _diagnose_ledger(app: App) -> Iterable[Diagnosis]:
    with app.works.database.reading() as connection:
        faults = list_faults(connection, app.works.clock())
    for says in faults:
        yield Diagnosis("ledger", is_well=False, says=says)
    if not faults:
        yield Diagnosis("ledger", is_well=True, says="everything in it agrees")


def _diagnose_accounts(session: Session, app: App) -> Iterable[Diagnosis]:
    with app.works.database.reading() as connection:
        accounts = list_accounts(connection)
    for one in accounts:
        if one.paused_at is not None:
            since = write_moment(one.paused_at, session.zone)
            says = (
                f"paused since {since}: {one.paused_reason}; when that is mended: "
                f"kawaraban doctor --resume-account {one.account}"
            )
            yield Diagnosis(f"account {one.account}", is_well=False, says=says)
        elif one.not_before is not None and one.not_before > app.works.clock():
            until = write_moment(one.not_before, session.zone)
            yield Diagnosis(f"account {one.account}", is_well=True, says=f"waits until {until}")


def _diagnose_unknown(app: App) -> Diagnosis:
    with app.works.database.reading() as connection:
        unvouched = list_unvouched(connection)
    if not unvouched:
        return Diagnosis("unknown", is_well=True, says="none")
    rows = sum(one.rows for one in unvouched)
    says = f"{rows:,} in {len(unvouched):,} batches; see: kawaraban unknown list"
    return Diagnosis("unknown", is_well=False, says=says)


def _diagnose_switch(app: App) -> Iterable[Diagnosis]:
    account = app.works.mailbag.provider.account
    with app.works.database.reading() as connection:
        planned = len(list_untouched_batches(connection, account, _MOST_COUNTED))
        waits = has_unsettled_batches(connection, account)
    if planned and waits:
        says = (
            f"{planned:,} batches planned for the provider before wait until nothing of it is "
            "unknown or under way; see: kawaraban unknown list"
        )
        yield Diagnosis("provider", is_well=False, says=says)


def _diagnose_conditions(app: App) -> Iterable[Diagnosis]:
    """What editors are told of posts and filters; the rest has lines of its own here."""
    with app.works.database.reading() as connection:
        facts = read_facts(connection, app.works.press, app.works.clock())
    for condition, items in find_conditions(facts).items():
        if condition in _IS_WELL:
            says = write_condition(condition, items)
            yield Diagnosis(condition.value, is_well=_IS_WELL[condition], says=says)


def _diagnose_hooks(app: App) -> Iterable[Diagnosis]:
    """A provider that calls back needs our door open: else nobody hears of a bounce."""
    provider = app.config.provider
    if provider.kind in CALLERS and not provider.webhook_secrets.get(provider.kind):
        says = (
            f"closed: {WEBHOOK_SECRET} is not set, so bounces and complaints stay unseen, and "
            f"what is unknown is not settled by events; see docs/feedback.md for {provider.kind}"
        )
        yield Diagnosis("hooks", is_well=True, says=says)


def _diagnose_editors(app: App) -> Diagnosis:
    count = len(app.works.press.publication.editors)
    says = (
        f"what needs a person is mailed to {count_of(count, 'editor')}"
        if count
        else "nobody is mailed what needs a person; name somebody: publication.editors"
    )
    return Diagnosis("editors", is_well=True, says=says)


def _show_diagnoses(found: Sequence[Diagnosis], *, as_json: bool) -> None:
    is_well = all(one.is_well for one in found)
    document = {
        "is_well": is_well,
        "found": [{"about": d.about, "is_well": d.is_well, "says": d.says} for d in found],
    }
    rows = [("ok" if one.is_well else "!!", one.about, one.says) for one in found]
    show(document, make_table(("", "about", "says"), rows), as_json=as_json)
    need_attention(not is_well)
