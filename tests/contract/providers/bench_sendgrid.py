from __future__ import annotations

from typing import Any, ClassVar

from service.providers.sendgrid import SendGridProvider
from tests.contract.providers.bench import HttpBench


class SendGridBench(HttpBench):
    kind: ClassVar[str] = "sendgrid"

    def make_provider(self, *, api_key: str = "test-key", **options: Any) -> SendGridProvider:  # noqa: ANN401
        return SendGridProvider.build({"base_url": self.url} | options, api_key, self.client)
