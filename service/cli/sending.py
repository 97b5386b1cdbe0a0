"""`send`: an edition by hand, with a preview before and the accounting after."""

from __future__ import annotations

import secrets
import sys
from datetime import datetime
from pathlib import Path

import click
from rich.console import RenderableType

from service.app import App
from service.cli.edition_lines import describe_accounting, describe_edition, list_accounting
from service.cli.following import count_edition, count_settled, deliver_or_follow
from service.cli.printing import (
    count_of,
    describe_post,
    json_option,
    make_facts,
    make_table,
    need_attention,
    open_error_console,
    print_lines,
    progress,
    say,
    show,
    write_moment,
)
from service.cli.session import Session, pass_session, read_address
from service.delivery.by_hand import ByHand
from service.delivery.forecast import HandOutlook, forecast_by_hand
from service.delivery.rehearsal import plan_rehearsal
from service.errors import NotAllowedError, UsageError
from service.model.delivery import Accounting
from service.model.edition import Audience, Edition, EditionState
from service.model.editor import COMMAND
from service.model.newsletter import Cadence
from service.sending import send_by_hand
from service.store.claims import find_next_batch_at
from service.store.editions import find_edition
from service.store.installation import require_no_send_hold

_SETTLED_WELL = (EditionState.FINISHED, EditionState.EMPTY)


@click.command("send")
@click.argument("newsletter")
@click.option(
    "--post", "posts", metavar="PATH", multiple=True, help="A post, by its file; repeatable."
)
@click.option(
    "--cadence",
    "cadences",
    type=click.Choice([one.value for one in Cadence]),
    multiple=True,
    help="Only readers of this cadence; repeatable.",
)
@click.option("--topic", "topics", multiple=True, help="Only posts of this topic; repeatable.")
@click.option("--subject", default="", help="Your own subject.")
@click.option(
    "--intro",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A Markdown file that stands first; without any post it is an announcement.",
)
@click.option(
    "--test",
    "tests",
    metavar="ADDRESS",
    multiple=True,
    help="Only a test mail to this address, marked as one; repeatable.",
)
@click.option("--at", metavar="ISO", help="Leave at this instant instead of now.")
@click.option("--key", metavar="K", help="Sending again under the same key sends nothing again.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@pass_session
def send(
    session: Session,
    *,
    newsletter: str,
    posts: tuple[str, ...],
    cadences: tuple[str, ...],
    topics: tuple[str, ...],
    subject: str,
    intro: Path | None,
    tests: tuple[str, ...],
    at: str | None,
    key: str | None,
    yes: bool,
    as_json: bool,
) -> None:
    """Send an edition of NEWSLETTER by hand.

    With --post these posts go to everybody who does not have all of them already. Without, and
    without an introduction, everybody gets what is news to them. A preview is shown and
    confirmed first. Exit status 1: not everything went well; the accounting says what.
    """
    app = session.open_app()
    _refuse_obstacles(app)
    with app.works.database.reading() as connection:
        # Planned now, the edition would leave by itself with the release of the hold.
        require_no_send_hold(connection)
    now = app.works.clock()
    moment = session.read_moment(at) or now
    asked = ByHand(
        newsletter_id=app.works.press.find_newsletter(newsletter).newsletter_id,
        key=key or secrets.token_hex(8),
        posts=tuple(session.name_post(post) for post in posts),
        audience=Audience(tuple(Cadence(one) for one in cadences), topics),
        subject=subject,
        intro=_read_intro(intro),
        freeze_at=moment if moment > now else None,
    )
    as_of = min(moment, now)
    if tests:
        _send_tests(app, asked, tests, as_of, as_json=as_json)
        return
    outlook = forecast_by_hand(app.works.database, app.works.press, asked, as_of)
    if outlook.known is None:
        _confirm(session, app, asked, outlook, yes=yes)
    edition = send_by_hand(app.works.database, app.works.press, asked, as_of, by=COMMAND)
    _deliver(session, app, edition, outlook, as_json=as_json)


def _refuse_obstacles(app: App) -> None:
    if app.works.obstacles:
        raise NotAllowedError(
            "\n".join(["no mail leaves until this is settled:", *app.works.obstacles])
        )


def _read_intro(path: Path | None) -> str:
    if path is None:
        return ""
    try:
        text = path.read_text(encoding="utf-8-sig").strip()
    except UnicodeDecodeError:
        raise UsageError(f"--intro {path} is not UTF-8; save it as UTF-8") from None
    if not text:
        raise UsageError(f"--intro {path} is empty")
    return text


def _send_tests(
    app: App, asked: ByHand, tests: tuple[str, ...], now: datetime, *, as_json: bool
) -> None:
    addresses = [read_address(one) for one in tests]
    works = app.works
    batch_ids = plan_rehearsal(works.database, works.press, asked, addresses, now, by=COMMAND)
    with progress() as tell:
        deliver_or_follow(app, lambda: count_settled(app, batch_ids), tell)
    done, planned = count_settled(app, batch_ids)
    again = len(addresses) - planned
    line = f"{done} of {count_of(planned, 'test mail')} handed over; no edition was made"
    said = f"{line}; {again} went today already under this key" if again else line
    show({"planned": planned, "handed_over": done, "already": again}, said, as_json=as_json)
    need_attention(done < planned)


def _confirm(session: Session, app: App, asked: ByHand, outlook: HandOutlook, *, yes: bool) -> None:
    """Show what would go to whom; raises UsageError where nobody can say yes."""
    print_lines(open_error_console(), _list_preview(session, app, asked, outlook))
    if yes:
        return
    if not sys.stdin.isatty():
        raise UsageError("nobody is there to ask; --yes sends without asking")
    click.confirm("Send it?", abort=True, err=True)


def _list_preview(
    session: Session, app: App, asked: ByHand, outlook: HandOutlook
) -> list[RenderableType]:
    newsletter = app.works.press.find_newsletter(asked.newsletter_id)
    facts = {
        "newsletter": f"{newsletter.title} ({newsletter.newsletter_id})",
        "subject": outlook.subject,
        "leaves": write_moment(asked.freeze_at, session.zone) or "now",
        "introduction": f"{len(asked.intro):,} characters" if asked.intro else "",
        "topics": asked.audience.topics,
    }
    posts = [(post.title, post.path) for post in outlook.posts]
    lines: list[RenderableType] = [make_facts(facts), ""]
    lines += [make_table(("post", "file"), posts), ""] if posts else []
    readers = [
        (cadence, "left out: " + share.skipped if share.skipped else "get it", share.readers)
        for cadence, shares in outlook.shares.items()
        for share in shares
    ]
    lines += [make_table(("cadence", "", "#readers"), _sum_rows(readers)), ""] if readers else []
    total = sum(count for _, what, count in readers if what == "get it")
    return [*lines, f"{count_of(total, 'reader')} in all", ""]


def _sum_rows(rows: list[tuple[Cadence, str, int]]) -> list[tuple[object, ...]]:
    """One row for a cadence and an outcome; variants of one edition do not matter here."""
    sums: dict[tuple[Cadence, str], int] = {}
    for cadence, what, count in rows:
        sums[cadence, what] = sums.get((cadence, what), 0) + count
    return [(*key, count) for key, count in sums.items()]


def _deliver(
    session: Session, app: App, edition: Edition, outlook: HandOutlook, *, as_json: bool
) -> None:
    number = edition.edition_id
    if outlook.known is not None:
        say(f"This key was used already: edition {number}, {edition.state}.")
    elif not edition.may_still_change:
        with progress() as tell:
            is_seen_through = deliver_or_follow(app, lambda: _count(app, number), tell)
        if not is_seen_through:
            say("The process that runs here goes on with the rest.")
    with app.works.database.reading() as connection:
        edition = find_edition(connection, number)
        next_at = find_next_batch_at(connection, app.works.clock())
    count = count_edition(app, number)
    document = {
        **describe_edition(edition),
        "posts": [describe_post(post) for post in outlook.posts],
        "accounting": describe_accounting(count),
    }
    lines = [*_list_end(session, edition), *list_accounting(count)]
    if count.waiting and next_at is not None:
        # By now only readers' own hours are left to wait for.
        until = write_moment(next_at, session.zone)
        lines.append(
            f"Waiting for their own hour: {count_of(count.waiting, 'reader')}; next {until}."
        )
    show(document, *lines, as_json=as_json)
    need_attention(_needs_somebody(edition, count, is_timed=next_at is not None))


def _needs_somebody(edition: Edition, count: Accounting, *, is_timed: bool) -> bool:
    """Whether an edition came to anything but a good end, or to a wait for its time."""
    if edition.may_still_change and edition.state is not EditionState.HELD:
        return False
    is_well = edition.state in _SETTLED_WELL or (count.waiting > 0 and is_timed)
    is_stopped = edition.state in {EditionState.PAUSED, EditionState.CANCELLED}
    return not is_well or is_stopped or bool(count.refused or count.unknown)


def _count(app: App, edition_id: int) -> tuple[int, int]:
    count = count_edition(app, edition_id)
    return count.frozen - count.waiting, count.frozen


def _list_end(session: Session, edition: Edition) -> list[RenderableType]:
    line = f"Edition {edition.edition_id} is {edition.state}"
    if edition.may_still_change:
        until = write_moment(edition.freeze_at, session.zone)
        return [f"{line}: it leaves {until}, by a running `up` or a `tick`.", ""]
    return [f"{line}{': ' + edition.reason if edition.reason else ''}.", ""]
