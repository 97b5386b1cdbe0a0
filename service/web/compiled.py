"""Templates are read once in a process, by however many renderers."""

from __future__ import annotations

from functools import cache

from jinja2 import BytecodeCache
from jinja2.bccache import Bucket


class CompiledTemplates(BytecodeCache):
    """What templates were compiled to, by their files; a changed one is compiled again.

    Only for environments of the same settings: they shape what comes out.
    """

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fill the bucket, unless its template is a new one."""
        # With the code goes the digest of its source, which the bucket compares.
        bucket.bytecode_from_string(self._kept.get(bucket.key, b""))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what the bucket holds."""
        self._kept[bucket.key] = bucket.bytecode_to_string()


@cache
def keep_compiled() -> CompiledTemplates:
    """The one of this process."""
    return CompiledTemplates()
