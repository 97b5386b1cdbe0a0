"""The press: candidates in, one variant's mail out, cut for the provider."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from service.delivery.limits import find_batch_size
from service.delivery.plan import Drafted, Freezing
from service.editions.compose import compose_digest
from service.editions.fit import fit_edition
from service.editions.render import MailRenderer
from service.editions.slots import find_leaving_time
from service.model.edition import Candidate, Edition, Rendered, Selection
from service.model.newsletter import Newsletter, find_newsletter
from service.model.publication import Publication, Sender
from service.providers.base import Capabilities
from service.store.wake import Wake


def find_no_page(edition: Edition) -> str:  # noqa: ARG001
    """Where an edition is on the web, when editions are not shown there: nowhere."""
    return ""


@dataclass(frozen=True, slots=True)
class Press:
    """Everything that mail is made with.

    `category_url` leads to a category's page, `edition_url` to the edition on the web: "" for one
    that has no public page.
    """

    publication: Publication
    sender: Sender
    newsletters: Mapping[str, Newsletter]
    renderer: MailRenderer
    capabilities: Capabilities
    account: str
    installation: str
    category_url: Callable[[str], str]
    wake: Wake
    edition_url: Callable[[Edition], str] = find_no_page

    def find_newsletter(self, newsletter_id: str) -> Newsletter:
        """The configured newsletter; raises UsageError naming those there are."""
        return find_newsletter(self.newsletters, newsletter_id)

    def draft(
        self, edition: Edition, candidates: Sequence[Candidate], language: str
    ) -> Drafted | None:
        """Make the mail that readers of these candidates get; None when it would be empty."""
        if not candidates and not edition.intro:
            return None
        newsletter = self.find_newsletter(edition.newsletter_id)
        names_posts = edition.audience.names_posts
        selection, rendered = fit_edition(
            candidates,
            lambda selection: self._render(edition, newsletter, selection, language),
            max_posts=len(candidates) if names_posts else newsletter.max_posts,
            group_by=newsletter.group_by,
            fold=not names_posts,
        )
        return Drafted(rendered, language, tuple(post.post_id for post in selection.posts))

    def prepare_freezing(self) -> Freezing:
        """What a freeze needs of the press."""
        return Freezing(
            draft=self.draft,
            leaves_at=self._find_leaving_time,
            batch_size=self._find_batch_size,
            account=self.account,
            key_prefix=f"kb-{self.installation}",
            wake=self.wake,
        )

    def _render(
        self, edition: Edition, newsletter: Newsletter, selection: Selection, language: str
    ) -> Rendered:
        digest = compose_digest(
            edition,
            newsletter,
            self.publication,
            self.sender,
            selection,
            category_url=self.category_url,
            language=language,
            view_url=self.edition_url(edition),
        )
        return self.renderer.render_edition(digest, newsletter.templates)

    def _find_leaving_time(
        self, edition: Edition, send_hour: int | None, timezone: str | None
    ) -> datetime | None:
        if send_hour is None:
            return None
        zone = ZoneInfo(timezone) if timezone else self.publication.zone
        return find_leaving_time(edition.freeze_at, send_hour, zone)

    def _find_batch_size(self, rendered: Rendered) -> int:
        return find_batch_size(self.capabilities, rendered)
