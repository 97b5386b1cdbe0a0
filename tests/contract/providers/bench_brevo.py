from __future__ import annotations

from typing import Any, ClassVar

from service.providers.brevo import BrevoProvider
from tests.contract.providers.bench import HttpBench


class BrevoBench(HttpBench):
    kind: ClassVar[str] = "brevo"

    def make_provider(self, *, api_key: str = "test-key", **options: Any) -> BrevoProvider:  # noqa: ANN401
        return BrevoProvider.build({"base_url": self.url} | options, api_key, self.client)
