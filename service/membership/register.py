"""What the reader's road stands on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from service.audience.tokens import KeyRing
from service.editions.render import MailRenderer
from service.model.newsletter import Newsletter, find_newsletter
from service.model.publication import Publication, Sender
from service.model.signup import SignupSettings
from service.store.wake import Wake


@dataclass(frozen=True, slots=True)
class Register:
    """What the reader's road needs: what there is to get, how links, notices and forms go."""

    publication: Publication
    sender: Sender
    newsletters: Mapping[str, Newsletter]
    key_ring: KeyRing
    renderer: MailRenderer
    account: str
    installation: str
    wake: Wake
    signup: SignupSettings = field(default_factory=SignupSettings)

    def find_newsletter(self, newsletter_id: str) -> Newsletter:
        """The configured newsletter; raises UsageError naming those there are."""
        return find_newsletter(self.newsletters, newsletter_id)
