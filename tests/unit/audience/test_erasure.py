from __future__ import annotations

from service.audience.erasure import hash_address, list_hashes
from service.audience.tokens import KeyRing, SigningKey

OLD = SigningKey("old", b"o" * 32)
NEW = SigningKey("new", b"n" * 32)


def test_an_erased_address_is_recognised_also_after_the_key_was_changed() -> None:
    kept = hash_address(OLD, "hanako@example.jp")
    assert kept in list_hashes(KeyRing(NEW, (OLD,)), "hanako@example.jp")


def test_what_is_kept_of_an_address_does_not_show_it() -> None:
    kept = hash_address(NEW, "hanako@example.jp")
    assert "hanako" not in kept
    assert kept != hash_address(NEW, "taro@example.jp")
    assert kept != hash_address(OLD, "hanako@example.jp")
