from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from service.config import Config

Load = Callable[..., Config]
Blame = Callable[..., tuple[str, ...]]

LONG = "0123456789abcdef" * 4


def test_secrets_come_from_the_environment(load: Load) -> None:
    config = load("", {"KAWARABAN_PROVIDER_API_KEY": "hunter2", "KAWARABAN_SECRET_KEY": LONG})
    assert config.provider.api_key == "hunter2"
    assert config.service.secret_key == LONG


def test_or_from_a_file_that_it_names(load: Load, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("hunter2\n", encoding="utf-8")
    config = load("", {"KAWARABAN_PROVIDER_API_KEY_FILE": str(secret)})
    assert config.provider.api_key == "hunter2"


def test_a_configuration_can_be_printed_without_its_secrets(load: Load) -> None:
    environment = {
        "KAWARABAN_PROVIDER_API_KEY": "hunter2",
        "KAWARABAN_SECRET_KEY": LONG,
        "DATABASE_URL": "postgres://me:sesame@db/kawaraban",
    }
    printed = repr(load("", environment))
    assert not any(secret in printed for secret in ("hunter2", LONG, "sesame"))


def test_the_environment_names_the_port_and_the_database(load: Load) -> None:
    environment = {"PORT": "9000", "DATABASE_URL": "postgres://me:sesame@db/kawaraban"}
    config = load('[service]\ndatabase = "sqlite:///other.db"\n', environment)
    assert config.service.port == 9000
    assert config.service.url == "http://localhost:9000"
    assert config.service.database_url == "postgresql+psycopg://me:sesame@db/kawaraban"


def test_an_empty_variable_is_as_if_it_were_not_there(load: Load) -> None:
    names = ("PORT", "DATABASE_URL", "KAWARABAN_SECRET_KEY", "KAWARABAN_PROVIDER_API_KEY_FILE")
    assert load("", dict.fromkeys(names, "")) == load()


@pytest.mark.parametrize("port", ["0", "65536", "-1", "80a", "８０００", "0000801234", "9" * 5000])
def test_what_is_no_port_is_named(blame: Blame, port: str) -> None:
    (mistake,) = blame("", {"PORT": port})
    assert mistake.startswith("PORT: ")
    assert len(mistake) < 200


def test_a_database_of_another_kind_is_named_but_not_shown(blame: Blame) -> None:
    (mistake,) = blame("", {"DATABASE_URL": "mysql://me:sesame@db/kawaraban"})
    assert mistake.startswith("DATABASE_URL: is not a database known here")
    assert "sesame" not in mistake


def test_a_secret_file_that_cannot_be_used_is_named(blame: Blame, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.touch()
    mistakes = blame(
        "",
        {
            "KAWARABAN_PROVIDER_API_KEY_FILE": str(tmp_path / "none"),
            "KAWARABAN_SECRET_KEY_FILE": str(empty),
        },
    )
    assert mistakes[0].startswith("KAWARABAN_PROVIDER_API_KEY_FILE: ")
    assert mistakes[0].endswith("cannot be read: No such file or directory")
    assert mistakes[1].startswith("KAWARABAN_SECRET_KEY_FILE: ")
    assert mistakes[1].endswith("is empty")


def test_a_secret_and_a_file_for_it_contradict_each_other(blame: Blame) -> None:
    environment = {"KAWARABAN_SECRET_KEY": LONG, "KAWARABAN_SECRET_KEY_FILE": "/run/secret"}
    assert blame("", environment) == (
        "KAWARABAN_SECRET_KEY: KAWARABAN_SECRET_KEY_FILE is set as well; keep one of them",
    )


def test_a_secret_key_that_can_be_guessed_is_refused(blame: Blame) -> None:
    (mistake,) = blame("", {"KAWARABAN_SECRET_KEY": "changeme"})
    assert mistake == "KAWARABAN_SECRET_KEY: is shorter than 32 characters; make a longer one"


def test_callbacks_have_secrets_for_the_configured_provider_and_for_others(
    load: Load, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("of-mailgun-in-a-file\n", encoding="utf-8")
    config = load(
        '[provider]\nkind = "resend"\n',
        {
            "KAWARABAN_WEBHOOK_SECRET": "whsec_the-next-one  whsec_the-last-one",
            "KAWARABAN_WEBHOOK_SECRET_RESEND": "whsec_the-other-one",
            "KAWARABAN_WEBHOOK_SECRET_MAILGUN_FILE": str(secret),
        },
    )
    assert config.provider.webhook_secrets == {
        "resend": ("whsec_the-next-one", "whsec_the-last-one", "whsec_the-other-one"),
        "mailgun": ("of-mailgun-in-a-file",),
    }
    assert "whsec" not in repr(config)


def test_a_webhook_secret_that_can_be_guessed_is_refused(blame: Blame) -> None:
    (mistake,) = blame("", {"KAWARABAN_WEBHOOK_SECRET_BREVO": "long-enough-is-this changeme"})
    assert mistake.startswith("KAWARABAN_WEBHOOK_SECRET_BREVO: one in it is shorter than 16")
