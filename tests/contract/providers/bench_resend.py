from __future__ import annotations

from typing import Any, ClassVar

from service.providers.resend import ResendProvider
from tests.contract.providers.bench import HttpBench


class ResendBench(HttpBench):
    kind: ClassVar[str] = "resend"

    def make_provider(self, *, api_key: str = "test-key", **options: Any) -> ResendProvider:  # noqa: ANN401
        return ResendProvider.build({"base_url": self.url} | options, api_key, self.client)
