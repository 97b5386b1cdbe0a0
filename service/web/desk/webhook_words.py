"""What webhooks are told of, as people say it."""

from __future__ import annotations

from service.model.webhook import MessageState, WebhookEvent
from service.words.voice import Voice


def name_event(voice: Voice, event: WebhookEvent) -> str:
    """What happened."""
    match event:
        case WebhookEvent.POST_PUBLISHED:
            return voice.say("a post was published")
        case WebhookEvent.EDITION_DRAFTED:
            return voice.say("an edition was drafted")
        case WebhookEvent.EDITION_SENT:
            return voice.say("an edition was sent")
        case WebhookEvent.SUBSCRIBER_CONFIRMED:
            return voice.say("a reader confirmed")
        case WebhookEvent.SUBSCRIBER_LEFT:
            return voice.say("a reader left")
        case WebhookEvent.DELIVERY_UNKNOWN:
            return voice.say("nobody knows whether a batch went out")
        case WebhookEvent.TEST:
            return voice.say("a test")


def name_message_state(voice: Voice, state: MessageState) -> str:
    """What became of a message."""
    match state:
        case MessageState.WAITING:
            return voice.say_of("a message to a webhook", "waiting")
        case MessageState.TOLD:
            return voice.say_of("a message to a webhook", "told")
        case MessageState.GIVEN_UP:
            return voice.say_of("a message to a webhook", "given up")
