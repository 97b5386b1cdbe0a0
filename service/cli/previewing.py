"""`editions preview`: every mail that an edition would be, and what is odd about it."""

from __future__ import annotations

import click
from rich.console import RenderableType

from service.cli.edition_lines import describe_edition
from service.cli.editions import number_argument
from service.cli.printing import (
    count_of,
    describe_post,
    json_option,
    make_facts,
    make_table,
    need_attention,
    show,
    write_moment,
)
from service.cli.session import Session, pass_session
from service.delivery.arranging import Explained
from service.delivery.preflight import Flaw, Weight
from service.delivery.preview import preview_edition
from service.delivery.previewed import Preview, VariantPreview
from service.delivery.sampling import compose_sample
from service.editions.preflight_words import say_flaw
from service.words.catalogues import SOURCE, find_voice


@click.command("preview")
@number_argument
@click.option("--variant", type=click.IntRange(min=1), default=1, show_default=True)
@click.option("--html", "part", flag_value="html", help="Print the variant's HTML, nothing else.")
@click.option("--text", "part", flag_value="text", help="Print its text part.")
@click.option("--headers", "part", flag_value="headers", help="Print its headers.")
@json_option
@pass_session
def preview(
    session: Session, *, edition: int, variant: int, part: str | None, as_json: bool
) -> None:
    """Show every mail of an edition before it is frozen, or as it was; writes and sends nothing.

    Exit status 1: something keeps it from leaving.
    """
    works = session.open_app().works
    now = works.clock()
    found = preview_edition(works.database, works.press, edition, now, obstacles=works.obstacles)
    if part is not None:
        shown = found.find_variant(variant)
        parts = {
            "html": lambda: shown.rendered.html,
            "text": lambda: shown.rendered.text,
            "headers": lambda: (
                compose_sample(found.edition, shown.rendered, works.mailbag.head, now).headers
            ),
        }
        click.echo(parts[part]())
        return
    show(_describe(found), *_list_lines(session, found), as_json=as_json)
    need_attention(any(flaw.weight is Weight.STOP for flaw in found.flaws))


def _describe(preview: Preview) -> dict[str, object]:
    return {
        **describe_edition(preview.edition),
        "revision": preview.edition.revision,
        "is_frozen": preview.is_frozen,
        "readers": preview.readers,
        "cadences": preview.cadences,
        "topics": preview.topics,
        "skipped": preview.skipped,
        "variants": [_describe_variant(one) for one in preview.variants],
        "posts": [_describe_post(one) for one in preview.posts],
        "flaws": [_describe_flaw(one) for one in preview.flaws],
    }


def _describe_variant(variant: VariantPreview) -> dict[str, object]:
    return {
        "variant": variant.number,
        "key": variant.key,
        "language": variant.language,
        "readers": variant.readers,
        "cadences": variant.cadences,
        "topics": variant.topics,
        "subject": variant.rendered.subject,
        "preheader": variant.rendered.preheader,
        "posts": len(variant.post_ids),
        "not_shown": variant.not_shown,
        "html_bytes": variant.html_bytes,
    }


def _describe_post(one: Explained) -> dict[str, object]:
    return {
        **describe_post(one.post),
        "reason": one.reason,
        "number": one.number,
        "is_placed": one.is_placed,
        "into": one.into.path if one.into else None,
    }


def _describe_flaw(flaw: Flaw) -> dict[str, object]:
    says, advice = say_flaw(find_voice(SOURCE), flaw.code, flaw.values)
    return {
        "code": flaw.code,
        "weight": flaw.weight,
        "variant": flaw.variant,
        "says": says,
        "advice": advice,
    }


def _list_lines(session: Session, preview: Preview) -> list[RenderableType]:
    edition = preview.edition
    facts = {
        "edition": edition.edition_id,
        "newsletter": edition.newsletter_id,
        "state": edition.state,
        "leaves": write_moment(edition.freeze_at, session.zone),
        "readers": preview.readers,
        "revision": edition.revision,
    }
    posts = [(one.number, one.post.title, one.reason, one.post.path) for one in preview.posts]
    rows = [
        (
            one.number,
            one.language,
            one.readers,
            len(one.post_ids),
            one.not_shown,
            one.html_bytes,
            one.rendered.subject,
        )
        for one in preview.variants
    ]
    columns = ("#variant", "language", "#readers", "#posts", "#not shown", "#bytes", "subject")
    lines: list[RenderableType] = [make_facts(facts), ""]
    if posts:
        lines += [make_table(("#no", "post", "why", "file"), posts), ""]
    if rows:
        lines += [make_table(columns, rows), ""]
    lines += [f"{count_of(count, 'reader')}: {why}" for why, count in preview.skipped.items()]
    return [*lines, *map(_write_flaw, preview.flaws)]


def _write_flaw(flaw: Flaw) -> str:
    says, advice = say_flaw(find_voice(SOURCE), flaw.code, flaw.values)
    where = f"variant {flaw.variant}: " if flaw.variant else ""
    return f"{flaw.weight}  {where}{says} {advice}"
