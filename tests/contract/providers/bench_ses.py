from __future__ import annotations

from typing import Any, ClassVar

from service.providers.ses import SesProvider
from tests.contract.providers.bench import HttpBench


class SesBench(HttpBench):
    kind: ClassVar[str] = "ses"

    def make_provider(self, *, api_key: str = "test-key", **options: Any) -> SesProvider:  # noqa: ANN401
        usual = {"region": "ap-northeast-1", "base_url": self.url}
        return SesProvider.build(usual | options, f"AKIAEXAMPLE:{api_key}", self.client)
