"""The press: candidates in, one variant's mail out, cut for the provider."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from service.delivery.drafted import Drafted, Freezing, ReadHtml
from service.delivery.limits import find_batch_size
from service.editions.compose import compose_digest
from service.editions.fit import fit_edition, fit_story
from service.editions.full_text import Story, read_story
from service.editions.full_view import compose_wording, tell_in_full
from service.editions.permalink import EditionName, write_path
from service.editions.render import MailRenderer
from service.editions.slots import find_leaving_time
from service.model.edition import Candidate, Edition, Rendered, Selection
from service.model.newsletter import Cadence, Newsletter, find_newsletter
from service.model.publication import Publication, Sender
from service.providers.base import Capabilities
from service.store.wake import Wake


@dataclass(frozen=True, slots=True)
class Press:
    """Everything that mail is made with; `category_url` leads to a category's page."""

    publication: Publication
    sender: Sender
    newsletters: Mapping[str, Newsletter]
    renderer: MailRenderer
    capabilities: Capabilities
    account: str
    installation: str
    category_url: Callable[[str], str]
    wake: Wake

    def find_newsletter(self, newsletter_id: str) -> Newsletter:
        """The configured newsletter; raises UsageError naming those there are."""
        return find_newsletter(self.newsletters, newsletter_id)

    def draft(
        self,
        edition: Edition,
        candidates: Sequence[Candidate],
        language: str,
        read_html: ReadHtml,
    ) -> Drafted | None:
        """Make the mail that readers of these candidates get; None when it would be empty."""
        if not candidates and not edition.intro:
            return None
        newsletter = self.find_newsletter(edition.newsletter_id)
        names_posts = edition.audience.names_posts
        story = _find_story(edition, newsletter, candidates, language, read_html)
        selection, rendered = fit_edition(
            candidates,
            lambda selection: self._render(edition, newsletter, selection, language, story),
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
        self,
        edition: Edition,
        newsletter: Newsletter,
        selection: Selection,
        language: str,
        story: Story | None,
    ) -> Rendered:
        digest = compose_digest(
            edition,
            newsletter,
            self.publication,
            self.sender,
            selection,
            category_url=self.category_url,
            language=language,
            view_url=self._find_page(edition, newsletter),
        )
        if story is None:
            return self.renderer.render_edition(digest, newsletter.templates)
        return fit_story(
            story,
            lambda full: self.renderer.render_edition(
                tell_in_full(digest, full), newsletter.templates
            ),
        )

    def _find_page(self, edition: Edition, newsletter: Newsletter) -> str:
        """Where the edition will be on the web once it leaves; "" for one that is not shown."""
        if not newsletter.archive:
            return ""
        name = EditionName(edition.cadence, edition.key, edition.slot_at)
        path = write_path(newsletter, name, self.publication.zone)
        return self.publication.service_url + path

    def _find_leaving_time(
        self, edition: Edition, send_hour: int | None, timezone: str | None
    ) -> datetime | None:
        if send_hour is None:
            return None
        zone = ZoneInfo(timezone) if timezone else self.publication.zone
        return find_leaving_time(edition.freeze_at, send_hour, zone)

    def _find_batch_size(self, rendered: Rendered) -> int:
        return find_batch_size(self.capabilities, rendered)


def _find_story(
    edition: Edition,
    newsletter: Newsletter,
    candidates: Sequence[Candidate],
    language: str,
    read_html: ReadHtml,
) -> Story | None:
    """The whole text of the only post, where the newsletter mails it; a digest tells of posts."""
    is_single = len(candidates) == 1 and edition.cadence in {None, Cadence.EACH}
    if not newsletter.mails_full_text or not is_single:
        return None
    post = candidates[0].post
    return read_story(read_html(post.post_id), compose_wording(post, language))
