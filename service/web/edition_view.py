"""What the pages of the archive show: lists of what was sent, and the frame around one edition."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from service.editions.permalink import list_path, write_path
from service.feeds.paths import page_path
from service.model.feed import FeedKey, FeedKind, FeedSettings
from service.model.languages import name_language, primary_subtag
from service.model.newsletter import Cadence, Newsletter
from service.model.publication import Publication
from service.store.sent_editions import Face, SentEdition
from service.web.edition_feeds import name_feed
from service.web.page_content import Address, list_addresses
from service.web.past_editions import Shown, list_kinds, name_edition
from service.web.rhythm import say_rhythm
from service.words.catalogues import find_voice, list_languages
from service.words.voice import Voice


@dataclass(frozen=True, slots=True)
class IssueLine:
    """A sent edition as a list shows it; `language` is empty where it is the page's."""

    title: str
    page: str
    summary: str
    language: str
    date: str
    sent_at: datetime
    rhythm: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A link to the same in another way; `is_shown` is this one."""

    label: str
    page: str
    is_shown: bool
    language: str = ""


@dataclass(frozen=True, slots=True)
class Past:
    """A newsletter with some of its editions, newest first; `language` as in IssueLine."""

    newsletter_id: str
    title: str
    language: str
    rhythm: str
    page: str
    issues: tuple[IssueLine, ...]


@dataclass(frozen=True, slots=True)
class EditionView:
    """Composes what pages of the archive show; `base` is the path that they all live below."""

    publication: Publication
    settings: FeedSettings
    base: str

    def choose_language(self, language: str) -> str:
        """The language of a page about something in this one: its own where we speak it."""
        is_spoken = primary_subtag(language) in list_languages()
        return language if is_spoken else self.publication.language

    def compose_all(self, past: Sequence[tuple[Newsletter, Sequence[Shown]]]) -> dict[str, object]:
        """What the page of all newsletters shows, in the publication's language."""
        voice = find_voice(self.publication.language)
        return {"past": [self._compose_past(voice, one, shown) for one, shown in past]}

    def compose_list(
        self,
        newsletter: Newsletter,
        cadence: Cadence | None,
        shown: Sequence[Shown],
        *,
        page: int,
        has_more: bool,
    ) -> dict[str, object]:
        """What one page of a newsletter's list shows, in the language of `choose_language`."""
        voice = find_voice(self.choose_language(newsletter.language))

        def turn(number: int) -> str:
            return self.write_list_page(newsletter, cadence, number)

        return {
            "past": self._compose_past(voice, newsletter, shown),
            "canonical": self.publication.service_url + turn(page)[len(self.base) :],
            "newer": turn(page - 1) if page > 1 else "",
            "older": turn(page + 1) if has_more else "",
            "page_number": page,
            "choices": self._list_choices(voice, newsletter, cadence),
            "addresses": self.list_addresses(newsletter),
            "feed_title": name_feed(newsletter, self.publication),
            "subscribe": self._find_form(newsletter, voice),
        }

    def compose_frame(
        self,
        newsletter: Newsletter,
        shown: Shown,
        face: Face,
        beside: tuple[SentEdition | None, SentEdition | None],
    ) -> dict[str, object]:
        """What is put around an edition, in the language of `choose_language` for its own."""
        edition, faces = shown
        voice = find_voice(self.choose_language(face.language))
        sent_at = self.publication.localise(edition.sent_at)
        before, after = (
            self._write_face(self._find_page(newsletter, one), faces, face) if one else ""
            for one in beside
        )
        url = self.find_url(newsletter, edition)
        return {
            "newsletter": newsletter.title,
            "newsletter_language": newsletter.language,
            "list_page": self.base + list_path(newsletter),
            "mail_language": face.language,
            "title": face.subject,
            "description": face.preheader,
            "date": voice.write_date(sent_at),
            "sent_at": sent_at,
            "before": before,
            "after": after,
            "subscribe": self._find_form(newsletter, voice),
            "canonical": self._write_face(url, faces, face),
            "default": url,
            "languages": self._list_languages(newsletter, shown, face),
            "languages_at": [(one.language, self._write_face(url, faces, one)) for one in faces],
            "addresses": self.list_addresses(newsletter),
            "feed_title": name_feed(newsletter, self.publication),
        }

    def find_url(self, newsletter: Newsletter, edition: SentEdition) -> str:
        """The address of an edition's page, as its mail says it."""
        return self.publication.service_url + self._find_path(newsletter, edition)

    def list_addresses(self, newsletter: Newsletter) -> tuple[Address, ...]:
        """Where the feed of a newsletter's editions is."""
        key = FeedKey(FeedKind.EDITIONS, newsletter.newsletter_id)
        return list_addresses(key, self.publication, self.settings)

    def write_list_page(
        self, newsletter: Newsletter, cadence: Cadence | None, page: int = 1
    ) -> str:
        """The address of one page of a list, without its host."""
        asked = {"cadence": cadence or "", "page": str(page) if page > 1 else ""}
        query = urlencode({name: value for name, value in asked.items() if value})
        path = page_path(FeedKey(FeedKind.EDITIONS, newsletter.newsletter_id))
        return f"{self.base}{path}{'?' if query else ''}{query}"

    def _list_languages(self, newsletter: Newsletter, shown: Shown, face: Face) -> list[Choice]:
        edition, faces = shown
        page = self._find_page(newsletter, edition)
        return [
            Choice(
                name_language(one.language),
                self._write_face(page, faces, one),
                one is face,
                one.language,
            )
            for one in faces
        ]

    def _compose_past(self, voice: Voice, newsletter: Newsletter, shown: Sequence[Shown]) -> Past:
        spoken = newsletter.language if newsletter.language != voice.language else ""
        return Past(
            newsletter.newsletter_id,
            newsletter.title,
            spoken,
            say_rhythm(voice, newsletter),
            self.base + list_path(newsletter),
            tuple(self._compose_line(voice, newsletter, *one) for one in shown),
        )

    def _compose_line(
        self, voice: Voice, newsletter: Newsletter, edition: SentEdition, faces: Sequence[Face]
    ) -> IssueLine:
        face = faces[0]
        sent_at = self.publication.localise(edition.sent_at)
        return IssueLine(
            title=face.subject,
            page=self._find_page(newsletter, edition),
            summary=face.preheader,
            language=face.language if face.language != voice.language else "",
            date=voice.write_date(sent_at),
            sent_at=sent_at,
            rhythm=_name_cadence(voice, edition.cadence)
            if edition.cadence and len(_list_digests(newsletter)) > 1
            else "",
        )

    def _list_choices(
        self, voice: Voice, newsletter: Newsletter, cadence: Cadence | None
    ) -> list[Choice]:
        """The ways to look at a list that mixes several cadences, or leaves one out."""
        digests = _list_digests(newsletter)
        usual = list_kinds(newsletter)
        others = [one for one in newsletter.cadences if one not in usual]
        offered = [*(digests if len(digests) > 1 else []), *others]
        return [
            Choice(
                _name_cadence(voice, one) if one else voice.say("All issues"),
                self.write_list_page(newsletter, one),
                one is cadence,
            )
            for one in (None, *offered)
            if offered
        ]

    def _write_face(self, address: str, faces: Sequence[Face], face: Face) -> str:
        if face is faces[0]:
            return address
        return f"{address}?{urlencode({'language': face.language})}"

    def _find_page(self, newsletter: Newsletter, edition: SentEdition) -> str:
        return self.base + self._find_path(newsletter, edition)

    def _find_path(self, newsletter: Newsletter, edition: SentEdition) -> str:
        return write_path(newsletter, name_edition(edition), self.publication.zone)

    def _find_form(self, newsletter: Newsletter, voice: Voice) -> str:
        """The sign-up page for a newsletter, in a language."""
        asked = {"newsletter": newsletter.newsletter_id, "language": voice.language}
        return f"{self.base}/subscribe?{urlencode(asked)}"


def _list_digests(newsletter: Newsletter) -> list[Cadence]:
    return [one for one in newsletter.cadences if one is not Cadence.EACH]


def _name_cadence(voice: Voice, cadence: Cadence) -> str:
    match cadence:
        case Cadence.EACH:
            return voice.say("Single stories")
        case Cadence.DAILY:
            return voice.say_of("an issue", "Daily")
        case Cadence.WEEKLY:
            return voice.say_of("an issue", "Weekly")
        case Cadence.MONTHLY:
            return voice.say_of("an issue", "Monthly")
