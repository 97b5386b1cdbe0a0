"""`plan`: who would get what, and why not."""

from __future__ import annotations

import click
from rich.console import RenderableType

from service.cli.printing import (
    count_of,
    describe_post,
    json_option,
    list_obstacles,
    make_facts,
    make_table,
    show,
    write_minute,
    write_moment,
)
from service.cli.session import Session, pass_session, read_address
from service.delivery.explaining import Standing, explain_reader
from service.delivery.forecast import Outlook, forecast
from service.delivery.shares import Share
from service.model.edition import Selection


@click.command("plan")
@click.option("--at", metavar="ISO", help="As seen from this instant; else from now.")
@click.option("--newsletter", metavar="ID", help="Only this newsletter.")
@click.option("--reader", metavar="ADDRESS", help="One reader: what they get, and why not more.")
@json_option
@pass_session
def plan(
    session: Session, *, at: str | None, newsletter: str | None, reader: str | None, as_json: bool
) -> None:
    """Show who would get what next, and why not.

    Sends nothing. It goes by what the last scan saw: `tick`, `build` or a running `up` read
    the folder.
    """
    app = session.open_app()
    press, database = app.works.press, app.works.database
    now = session.read_moment(at) or app.works.clock()
    if reader is not None:
        standings = explain_reader(database, press, read_address(reader), now)
        document = {"at": now, "subscriptions": [_describe_standing(one) for one in standings]}
        show(document, *_list_standings(session, standings), as_json=as_json)
        return
    chosen = [press.find_newsletter(newsletter)] if newsletter else press.newsletters.values()
    outlooks = forecast(database, press, now, chosen)
    document = {
        "at": now,
        "editions": [_describe_outlook(one) for one in outlooks],
        "obstacles": app.works.obstacles,
    }
    lines = _list_outlooks(session, outlooks)
    show(document, *lines, *list_obstacles(app.works.obstacles), as_json=as_json)


def describe_share(share: Share) -> dict[str, object]:
    """A share for scripts."""
    selection = share.selection
    return {
        "readers": share.readers,
        "language": share.language,
        "subject": share.subject,
        "skipped": share.skipped,
        "sections": [
            {"name": section.name, "posts": [describe_post(post) for post in section.posts]}
            for section in selection.sections
        ],
        "more": {more.name: more.count for more in selection.more},
        "folded": [
            {"post": describe_post(one.post), "into": one.into.path} for one in selection.folded
        ],
        "leaves": [{"at": moment, "readers": readers} for moment, readers in share.leaves],
    }


def list_selection(selection: Selection) -> list[RenderableType]:
    """The posts of a mail, for people, in reading order."""
    rows = [
        (section.name if at == 0 else "", post.title, post.path)
        for section in selection.sections
        for at, post in enumerate(section.posts)
    ]
    lines: list[RenderableType] = [make_table(("section", "title", "file"), rows)]
    if selection.more:
        names = ", ".join(f"{more.name or 'others'} {more.count}" for more in selection.more)
        lines.append(f"and {selection.more_count} more, counted with links: {names}")
    lines += [f"folded: {one.post.title} → {one.into.title}" for one in selection.folded]
    return lines


def _describe_outlook(outlook: Outlook) -> dict[str, object]:
    edition = outlook.prospect.edition
    return {
        "newsletter": edition.newsletter_id,
        "cadence": edition.cadence,
        "key": edition.key,
        "edition": edition.edition_id or None,
        "state": edition.state if edition.edition_id else None,
        "at": edition.freeze_at,
        "note": outlook.prospect.note,
        "news": [describe_post(one.post) for one in outlook.prospect.candidates],
        "shares": [describe_share(share) for share in outlook.shares],
    }


def _list_outlooks(session: Session, outlooks: list[Outlook]) -> list[RenderableType]:
    if not outlooks:
        return ["Nothing leaves next: no newsletter has a date, and no post is about to be news."]
    lines: list[RenderableType] = []
    for outlook in outlooks:
        lines += _list_outlook(session, outlook)
    return lines


def _list_outlook(session: Session, outlook: Outlook) -> list[RenderableType]:
    edition = outlook.prospect.edition
    number = f" (edition {edition.edition_id}, {edition.state})" if edition.edition_id else ""
    facts = {
        "when": write_moment(edition.freeze_at, session.zone),
        "news": count_of(len(outlook.prospect.candidates), "post"),
        "readers": f"{sum(share.readers for share in outlook.shares):,}",
        "note": outlook.prospect.note,
    }
    heading = f"{edition.newsletter_id}, {edition.cadence}: {edition.key}{number}"
    lines: list[RenderableType] = [heading, make_facts(facts), ""]
    for share in outlook.shares:
        lines += _list_share(session, share)
    return lines


def _list_share(session: Session, share: Share) -> list[RenderableType]:
    if share.skipped:
        return [f"For {count_of(share.readers, 'reader')} nothing: {share.skipped}", ""]
    leaves = "; ".join(
        f"{readers:,} at {write_moment(moment, session.zone)}" for moment, readers in share.leaves
    )
    posts = count_of(len(share.selection.posts), "post")
    heading = f"{posts} for {count_of(share.readers, 'reader')} ({share.language}): {leaves}"
    return [heading, f"Subject: {share.subject}", *list_selection(share.selection), ""]


def _describe_standing(standing: Standing) -> dict[str, object]:
    one = standing.subscription
    return {
        "newsletter": one.newsletter_id,
        "state": one.state,
        "cadence": one.cadence,
        "topics": one.topics,
        "at": standing.at,
        "subject": standing.subject,
        "note": standing.note,
        "posts": [
            {**describe_post(answer.post), "gets_it": answer.gets_it, "why": answer.why}
            for answer in standing.answers
        ],
    }


def _list_standings(session: Session, standings: list[Standing]) -> list[RenderableType]:
    lines: list[RenderableType] = []
    for standing in standings:
        one = standing.subscription
        facts = {
            "state": one.state,
            "topics": one.topics or "everything",
            "next mail": write_moment(standing.at, session.zone) or "none in sight",
            "subject": standing.subject,
            "note": standing.note,
        }
        rows = [
            (
                "yes" if answer.gets_it else "no",
                answer.why,
                write_minute(answer.post.published_at, session.zone),
                answer.post.title,
            )
            for answer in standing.answers
        ]
        lines += [f"{one.newsletter_id}, {one.cadence}", make_facts(facts), ""]
        lines += [make_table(("gets it", "why", "published", "title"), rows), ""]
    return lines
