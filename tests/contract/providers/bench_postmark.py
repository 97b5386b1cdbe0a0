from __future__ import annotations

from typing import Any, ClassVar

from service.providers.postmark import PostmarkProvider
from tests.contract.providers.bench import HttpBench


class PostmarkBench(HttpBench):
    kind: ClassVar[str] = "postmark"

    def make_provider(self, *, api_key: str = "test-key", **options: Any) -> PostmarkProvider:  # noqa: ANN401
        return PostmarkProvider.build({"base_url": self.url} | options, api_key, self.client)
