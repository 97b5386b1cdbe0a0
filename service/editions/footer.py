"""The end of every mail: who sends it, why, and how to leave."""

from __future__ import annotations

from service.editions.plain import clean_line, clean_url
from service.editions.view import FooterView
from service.editions.word_forms import Words
from service.model.languages import find_direction


def compose_footer(
    words: Words,
    *,
    why: str,
    unsubscribe_url: str,
    preferences_url: str = "",
    sender: str,
    postal_address: str,
    contact: str,
) -> FooterView:
    """Say who sends the mail and where to reach them, as the law asks, in our own words.

    The addresses to choose and to leave at are empty for a notice, which nobody subscribed to.
    """
    reach = clean_line(contact)
    return FooterView(
        language=words.language,
        direction=find_direction(words.language),
        why=why,
        choices=words.choices,
        preferences=words.preferences,
        preferences_url=preferences_url,
        unsubscribe=words.unsubscribe,
        unsubscribe_url=unsubscribe_url,
        sender_label=words.sender,
        sender=clean_line(sender),
        address_label=words.postal_address,
        address=clean_line(postal_address),
        contact_label=words.contact,
        contact=reach,
        contact_url=_find_contact_url(reach),
    )


def _find_contact_url(contact: str) -> str:
    if contact.startswith(("https://", "http://")):
        return clean_url(contact)
    is_address = "@" in contact and " " not in contact
    return f"mailto:{contact}" if is_address else ""
