from __future__ import annotations

from typing import Any, ClassVar

from service.providers.mailgun import MailgunProvider
from tests.contract.providers.bench import HttpBench


class MailgunBench(HttpBench):
    kind: ClassVar[str] = "mailgun"

    def make_provider(self, *, api_key: str = "test-key", **options: Any) -> MailgunProvider:  # noqa: ANN401
        usual = {"domain": "news.example.com", "base_url": self.url}
        return MailgunProvider.build(usual | options, api_key, self.client)
