"""What [provider] says reaches the adapter of its kind; a new one joins with a line in WRITTEN."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.app import _PROVIDERS
from service.config import load_config
from service.config.providers import PROVIDERS
from service.outbound.client import OutboundClient

WRITTEN = {
    "mailgun": 'domain = "mg.example.com"\nregion = "eu"\ntest_mode = true',
    "resend": 'account = "tokyo"',
    "postmark": 'account = "tokyo"\nstream = "weekly"',
    "sendgrid": 'account = "tokyo"\nregion = "eu"\ntest_mode = true',
    "brevo": 'account = "tokyo"\ntest_mode = true',
    "ses": 'region = "ap-northeast-1"\nconfiguration_set = "news"\naccount = "tokyo"',
    "smtp": 'host = "mail.example.com"\nport = 2525\nsecurity = "tls"\nusername = "kawaraban"',
}


def test_every_kind_has_a_table_and_an_adapter() -> None:
    assert set(WRITTEN) == set(_PROVIDERS) == set(PROVIDERS) - {"outbox"}


@pytest.mark.parametrize("kind", WRITTEN)
def test_what_is_written_makes_an_adapter_that_shows_no_key(tmp_path: Path, kind: str) -> None:
    (tmp_path / "content").mkdir()
    path = tmp_path / "kawaraban.toml"
    table = f'[publication]\ntitle = "T"\n[provider]\nkind = "{kind}"\n{WRITTEN[kind]}\n'
    path.write_text(table, encoding="utf-8")

    config = load_config(path, {"KAWARABAN_PROVIDER_API_KEY": "hunter2:hunter2"}).provider
    provider = _PROVIDERS[kind](config.options, config.api_key, OutboundClient())

    assert provider.account.startswith(kind)
    assert "hunter2" not in repr(config) + provider.account


def test_the_two_parts_of_a_key_of_aws_may_stand_apart(tmp_path: Path) -> None:
    (tmp_path / "content").mkdir()
    table = 'kind = "ses"\nregion = "eu-west-1"\naccess_key_id = "AKIA7"'
    path = tmp_path / "kawaraban.toml"
    path.write_text(f'[publication]\ntitle = "T"\n[provider]\n{table}\n', encoding="utf-8")

    apart = load_config(path, {"KAWARABAN_PROVIDER_API_KEY": "hunter2"}).provider

    assert apart.api_key == "AKIA7:hunter2"
    assert "access_key_id" not in apart.options
    assert load_config(path, {}).provider.api_key == ""
