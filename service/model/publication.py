"""A publication, and who sends its mail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Publication:
    """The site whose posts we read.

    `url` is the site's own address without a trailing slash (posts live there);
    `service_url` is ours (feeds, confirm and unsubscribe links live there).
    `editors` are the addresses told what needs a person.
    """

    title: str
    url: str
    service_url: str
    description: str
    language: str
    timezone: str
    author: str
    editors: tuple[str, ...] = ()

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which its days begin and its mails leave."""
        return ZoneInfo(self.timezone)

    def localise(self, moment: datetime) -> datetime:
        """A moment by its clock; as it was where the calendar ends before that."""
        try:
            return moment.astimezone(self.zone)
        except OverflowError:
            return moment


@dataclass(frozen=True, slots=True)
class Sender:
    """Who the mail is from; the law asks for the last two in every mail."""

    name: str
    email: str
    reply_to: str
    postal_address: str
    contact: str

    @property
    def is_complete(self) -> bool:
        """Whether nothing is missing that a mail has to say."""
        return all((self.name, self.email, self.reply_to, self.postal_address, self.contact))

    @property
    def domain(self) -> str:
        """The part after the @, used in Message-ID and List-Id."""
        return self.email.rpartition("@")[2]
