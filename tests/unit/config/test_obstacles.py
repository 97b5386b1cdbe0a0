from __future__ import annotations

from collections.abc import Callable

from service.config import Config, list_send_obstacles, missing_sender_fields

Load = Callable[..., Config]

SENDER = """\
[sender]
name = "瓦版"
email = "news@example.com"
reply_to = "desk@example.com"
postal_address = "東京都千代田区1-1"
contact = "https://example.com/contact"
"""
MAILGUN = '[provider]\nkind = "mailgun"\ndomain = "mg.example.com"\n'
HTTPS = '[service]\nurl = "https://news.example.com"\n'
KEY = {"KAWARABAN_PROVIDER_API_KEY": "hunter2"}


def test_nothing_stands_in_the_way_of_the_outbox_but_the_sender(load: Load) -> None:
    assert list_send_obstacles(load(SENDER)) == ()


def test_every_empty_field_of_the_sender_stands_in_the_way(load: Load) -> None:
    config = load('[sender]\nname = "瓦版"\nreply_to = "desk@example.com"\n')
    assert missing_sender_fields(config.sender) == ("email", "postal_address", "contact")
    assert list_send_obstacles(config) == (
        "sender.email: is empty; every mail needs it",
        "sender.postal_address: is empty; every mail needs it",
        "sender.contact: is empty; every mail needs it",
    )


def test_a_real_provider_needs_https_and_a_key(load: Load) -> None:
    assert list_send_obstacles(load(SENDER + MAILGUN)) == (
        "service.url: begins with http:; unsubscribing by one press needs https",
        "KAWARABAN_PROVIDER_API_KEY: is not set; the provider asks for it",
    )


def test_with_all_of_it_mail_may_leave(load: Load) -> None:
    assert list_send_obstacles(load(SENDER + MAILGUN + HTTPS, KEY)) == ()
