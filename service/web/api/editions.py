"""Editions: what was opened, what each would be or became, and how far it is."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import Query

from service.delivery.arranging import Explained
from service.delivery.preview import preview_edition
from service.delivery.previewed import VariantPreview
from service.delivery.sampling import compose_sample
from service.errors import NotAllowedError
from service.model.edition import Edition, EditionState
from service.store.accounting import tally_deliveries
from service.store.corrections import list_corrections
from service.store.edition_list import find_begun_at, list_edition_page
from service.store.editions import find_edition
from service.store.event_counts import list_event_counts
from service.store.refusals import count_refusals
from service.web.api.api import Api
from service.web.api.edition_shapes import (
    EditionDetail,
    EditionSummary,
    ExplainedPost,
    ListedEdition,
    Progress,
    ShownAccounting,
    ShownCorrection,
    ShownEventCount,
    VariantMail,
)
from service.web.api.fields import Filter, Limit, Number, NumberCursor, Page
from service.web.api.problems import NotFoundError


class Editions:
    """The addresses under /editions that change nothing."""

    def __init__(self, api: Api) -> None:
        self._api = api
        one = "/editions/{edition}"
        api.show("/editions", self.list_editions)
        api.show(one, self.show_edition, fails=(404, 409))
        api.show(f"{one}/variants/{{variant}}", self.show_variant, fails=(404, 409))
        api.show(f"{one}/progress", self.show_progress)
        api.show(f"{one}/events", self.list_events)
        api.show(f"{one}/corrections", self.list_corrections)

    def list_editions(
        self,
        newsletter: Annotated[Filter, Query(description="Only this one's.")] = "",
        state: Annotated[
            list[EditionState] | None,
            Query(max_length=len(EditionState), description="Only those; several may be named."),
        ] = None,
        cursor: NumberCursor = None,
        limit: Limit = 50,
    ) -> Page[ListedEdition]:
        """Editions, the newest first; slots that were merged only when that state is named."""
        with self._api.database.reading() as connection:
            found = list_edition_page(
                connection,
                newsletter_id=newsletter,
                states=state or (),
                language=self._api.works.register.publication.language,
                before=cursor,
                limit=limit + 1,
            )
        items = [ListedEdition.model_validate(one) for one in found[:limit]]
        has_more = len(found) > limit
        return Page(items=items, next=str(items[-1].edition.edition) if has_more else None)

    def show_edition(self, edition: Number) -> EditionDetail:
        """One edition: posts with reasons, every mail of it with its readers, the accounting."""
        return show_whole(self._api, edition)

    def show_variant(self, edition: Number, variant: Number) -> VariantMail:
        """One mail of an edition as it would arrive: its headers, its HTML and its text."""
        find_or_miss(self._api, edition)
        works = self._api.works
        found = preview_edition(works.database, works.press, edition, works.clock())
        for one in found.variants:
            if one.number == variant:
                sample = compose_sample(
                    found.edition, one.rendered, works.mailbag.head, works.clock()
                )
                return VariantMail.model_validate({**_describe_variant(one), **asdict(sample)})
        raise NotFoundError(f"edition {edition} has no variant {variant}")

    def show_progress(self, edition: Number) -> Progress:
        """How far an edition is; ask as often as once a second."""
        found, now = find_or_miss(self._api, edition), self._api.clock()
        with self._api.database.reading() as connection:
            begun_at = find_begun_at(connection, edition)
            tally = tally_deliveries(connection, edition)
        until = found.finished_at or now
        minutes = (until - begun_at).total_seconds() / 60 if begun_at else 0
        return Progress(
            edition=edition,
            state=found.state,
            reason=found.reason,
            begun_at=begun_at,
            accounting=ShownAccounting.model_validate(tally.accounting),
            told=tally.told,
            per_minute=round(tally.accounting.accepted / minutes) if minutes > 0 else None,
        )

    def list_events(self, edition: Number) -> list[ShownEventCount]:
        """What the provider told of an edition's mails, hour by hour."""
        find_or_miss(self._api, edition)
        with self._api.database.reading() as connection:
            found = list_event_counts(connection, edition)
        return [ShownEventCount.model_validate(one) for one in found]

    def list_corrections(self, edition: Number) -> list[ShownCorrection]:
        """What was said to be wrong in an edition, the newest first, also what was withdrawn."""
        found = find_or_miss(self._api, edition)
        with self._api.database.reading() as connection:
            known = list_corrections(connection, found.newsletter_id)
        return [
            ShownCorrection.model_validate(one) for one in known if one.about_edition_id == edition
        ]


def find_or_miss(api: Api, edition_id: int) -> Edition:
    """One edition; raises NotFoundError when there is none."""
    with api.database.reading() as connection:
        try:
            return find_edition(connection, edition_id)
        except NotAllowedError as error:
            raise NotFoundError(str(error)) from error


def show_summary(edition: Edition) -> EditionSummary:
    """An edition as lists show it."""
    return EditionSummary.model_validate(edition)


def show_whole(api: Api, edition_id: int) -> EditionDetail:
    """An edition with everything; raises NotFoundError, or TemplateError where it has no mail."""
    find_or_miss(api, edition_id)
    works = api.works
    found = preview_edition(
        works.database, works.press, edition_id, works.clock(), obstacles=works.obstacles
    )
    with works.database.reading() as connection:
        # What was imagined for the freeze is not what is written of it.
        edition = find_edition(connection, edition_id)
        tally = tally_deliveries(connection, edition_id)
        refusals = count_refusals(connection, edition_id, tally.accounting)
    return EditionDetail.model_validate(
        {
            "edition": edition,
            "readers": found.readers,
            "cadences": found.cadences,
            "skipped": found.skipped,
            "posts": [_explain(one) for one in found.posts],
            "variants": [_describe_variant(one) for one in found.variants],
            "flaws": list(found.flaws),
            "accounting": ShownAccounting.model_validate(tally.accounting),
            "told": tally.told,
            "refused_for": refusals.ended,
        }
    )


def _explain(one: Explained) -> ExplainedPost:
    return ExplainedPost(
        post=one.post.post_id,
        path=one.post.path,
        title=one.post.title,
        reason=one.reason,
        number=one.number,
        is_placed=one.is_placed,
        into=one.into.post_id if one.into else None,
    )


def _describe_variant(one: VariantPreview) -> dict[str, object]:
    return {
        "number": one.number,
        "key": one.key,
        "language": one.language,
        "readers": one.readers,
        "cadences": one.cadences,
        "topics": one.topics,
        "subject": one.rendered.subject,
        "preheader": one.rendered.preheader,
        "posts": one.post_ids,
        "not_shown": one.not_shown,
        "html_bytes": one.html_bytes,
    }
