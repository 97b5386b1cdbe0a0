"""Where a sheet of readers comes from: one file a service, told by the columns it writes."""

from __future__ import annotations

from collections.abc import Sequence

from service.audience.origins.base import Origin, fold_header
from service.audience.origins.buttondown import BUTTONDOWN
from service.audience.origins.formspree import FORMSPREE
from service.audience.origins.ghost import GHOST
from service.audience.origins.kit import KIT
from service.audience.origins.listmonk import LISTMONK
from service.audience.origins.mailchimp import MAILCHIMP
from service.audience.origins.plain import OWN, PLAIN
from service.audience.origins.substack import SUBSTACK

__all__ = ["ORIGINS", "PLAIN", "Origin", "choose_origin"]

ORIGINS: dict[str, Origin] = {
    origin.name: origin
    for origin in (
        OWN,
        MAILCHIMP,
        SUBSTACK,
        GHOST,
        LISTMONK,
        BUTTONDOWN,
        FORMSPREE,
        KIT,
        PLAIN,
    )
}
"""By name, in the order in which a sheet is asked whether it is theirs."""


def choose_origin(header: Sequence[str]) -> Origin:
    """The service that writes such headers; a plain sheet where none does."""
    spelled = {fold_header(cell) for cell in header} | {cell.strip().lower() for cell in header}
    theirs = (origin for origin in ORIGINS.values() if any(m <= spelled for m in origin.marks))
    return next(theirs, PLAIN)
