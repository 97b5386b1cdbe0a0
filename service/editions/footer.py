"""The end of every mail: who sends it, why, and how to leave."""

from __future__ import annotations

from service.editions.plain import clean_line, clean_url
from service.editions.view import FooterView
from service.model.languages import find_direction
from service.words.voice import Voice


def compose_footer(
    voice: Voice,
    *,
    why: str,
    unsubscribe_url: str,
    preferences_url: str = "",
    sender: str,
    postal_address: str,
    contact: str,
) -> FooterView:
    """Say who sends the mail and where to reach them, as the law asks, in its language.

    The addresses to choose and to leave at are empty for a notice, which nobody subscribed to.
    """
    reach = clean_line(contact)
    return FooterView(
        language=voice.language,
        direction=find_direction(voice.language),
        why=why,
        choices=voice.say("You can change what you get, or leave, at any time:"),
        preferences=voice.say("Change what you get"),
        preferences_url=preferences_url,
        unsubscribe=voice.say("Unsubscribe"),
        unsubscribe_url=unsubscribe_url,
        sender_label=voice.say("Sent by"),
        sender=clean_line(sender),
        address_label=voice.say_of("of the sender, by post", "Address"),
        address=clean_line(postal_address),
        contact_label=voice.say("Contact"),
        contact=reach,
        contact_url=_find_contact_url(reach),
    )


def _find_contact_url(contact: str) -> str:
    if contact.startswith(("https://", "http://")):
        return clean_url(contact)
    is_address = "@" in contact and " " not in contact
    return f"mailto:{contact}" if is_address else ""
