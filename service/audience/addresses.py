"""Addresses: one spelling for each mailbox, and a way to name one without showing it."""

from __future__ import annotations

import re

import idna

from service.errors import AddressError

MAX_LOCAL_LENGTH = 64
MAX_ADDRESS_LENGTH = 254

# What a copied cell or a Japanese keyboard leaves around an address.
_PASTED_AROUND = " \t\r\n\u00a0\u3000\u200b\u2060\ufeff"
_ATOM = r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"(?:{_LABEL}\.)+(?=[a-z]){_LABEL}")
# Labels that IDNA leaves as they are; those with a prefix such as xn-- it has to look into.
_PLAIN_DOMAIN = re.compile(rf"(?:(?!..--){_LABEL}\.)+(?=[a-z])(?!..--){_LABEL}")
_ANY_ADDRESS = re.compile(r"[^\s@]+@[^\s@]+")


def normalise_address(text: str) -> str:
    """Return the one ASCII spelling under which a mailbox is known; raises AddressError.

    Lower case throughout, the domain in its IDNA 2008 form. The error says what is wrong
    and never shows the address. Limits: RFC 5321, section 4.5.3.1, and its erratum 1690.
    """
    bare = text.strip(_PASTED_AROUND)
    if not bare.isprintable():
        raise AddressError("it contains a control or invisible character")
    local, at, domain = bare.rpartition("@")
    if not at:
        raise AddressError("there is no @ in it")
    address = f"{_normalise_local(local)}@{_normalise_domain(domain)}"
    if len(address) > MAX_ADDRESS_LENGTH:
        raise AddressError(
            "it is longer than {most} characters",
            most=MAX_ADDRESS_LENGTH,
        )
    return address


def hide_addresses(text: str) -> str:
    """A text in one line for the log of what was done, in which no address may stand."""
    return _ANY_ADDRESS.sub("…@…", " ".join(text.split()))


def _normalise_local(local: str) -> str:
    if not local:
        raise AddressError("nothing stands before the @")
    if local.startswith('"'):
        raise AddressError("the part before the @ is in quotes")
    # Before lower-casing, which would turn the Kelvin sign into a plain k.
    if not local.isascii():
        raise AddressError("the part before the @ has characters other than ASCII")
    if len(local) > MAX_LOCAL_LENGTH:
        raise AddressError(
            "the part before the @ is longer than {most} characters",
            most=MAX_LOCAL_LENGTH,
        )
    lowered = local.lower()
    if not _LOCAL.fullmatch(lowered):
        raise AddressError("the part before the @ has a character or dot where none may stand")
    return lowered


def _normalise_domain(domain: str) -> str:
    # idna is slow on long input, and its messages quote the domain: neither may get out.
    if len(domain) > MAX_ADDRESS_LENGTH:
        raise AddressError(
            "it is longer than {most} characters",
            most=MAX_ADDRESS_LENGTH,
        )
    # Nearly every domain, and twenty times as quick: a list has a million of them.
    if domain.isascii() and _PLAIN_DOMAIN.fullmatch(lowered := domain.lower()):
        return lowered
    try:
        ascii_domain = idna.encode(domain, uts46=True, std3_rules=True).decode("ascii")
    except UnicodeError:
        ascii_domain = ""
    if not _DOMAIN.fullmatch(ascii_domain):
        raise AddressError("the part after the @ is no domain that mail can reach")
    return ascii_domain
