"""Services elsewhere told what happens here, signed as the Standard Webhooks specification says."""

from service.webhooks.endpoints import (
    ShownWebhook,
    add_webhook,
    check_events,
    check_url,
    find_secret,
    list_webhooks,
    redeliver,
    remove_webhook,
    rotate_secret,
    send_test,
    show_secret,
    show_webhook,
    start_again,
)
from service.webhooks.telling import Messenger, list_to_tell, tell_webhook

__all__ = [
    "Messenger",
    "ShownWebhook",
    "add_webhook",
    "check_events",
    "check_url",
    "find_secret",
    "list_to_tell",
    "list_webhooks",
    "redeliver",
    "remove_webhook",
    "rotate_secret",
    "send_test",
    "show_secret",
    "show_webhook",
    "start_again",
    "tell_webhook",
]
