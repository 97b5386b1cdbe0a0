"""Sign-ups: what a stranger asked for in a form, before anything is known of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import IPv4Network, IPv6Network
from types import MappingProxyType

from service.model.newsletter import Cadence
from service.model.subscriber import Consent


@dataclass(frozen=True, slots=True)
class SignupSettings:
    """How forms are taken.

    `proxies` are whose word counts for where a request came from; `per_hour` is how many
    confirmations leave in an hour at the most; `forms` are the texts of consent that stand beside
    forms on other pages, by the id each of these sends.
    """

    proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    per_hour: int = 200
    forms: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Signup:
    """One newsletter asked for by one address.

    `network` is a keyed hash of where the form came from, "" when nobody can say.
    """

    address: str
    newsletter_id: str
    cadence: Cadence
    topics: tuple[str, ...]
    language: str
    send_hour: int | None
    consent: Consent
    network: str

    @property
    def domain(self) -> str:
        """Where the address is."""
        return self.address.rpartition("@")[2]


@dataclass(frozen=True, slots=True)
class WaitingSignup:
    """A sign-up as it waits to be answered by mail; `is_held` when a cap made it wait."""

    signup_id: int
    signup: Signup
    is_held: bool


@dataclass(frozen=True, slots=True)
class Held:
    """Sign-ups that the cap of the hour keeps waiting: how many, and since when."""

    count: int
    since_at: datetime
