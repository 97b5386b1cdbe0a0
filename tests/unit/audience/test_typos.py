from __future__ import annotations

import pytest

from service.audience.typos import suggest_address


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("gmial.com", "gmail.com"),
        ("gmail.con", "gmail.com"),
        ("gnail.com", "gmail.com"),
        ("gmail.co.jp", "gmail.com"),
        ("docmo.ne.jp", "docomo.ne.jp"),
        ("docomo.co.jp", "docomo.ne.jp"),
        ("ezweb.jp", "ezweb.ne.jp"),
        ("softbnak.ne.jp", "softbank.ne.jp"),
        ("i.softbank.ne.jp", "i.softbank.jp"),
        ("yahoo.co.jo", "yahoo.co.jp"),
        ("yahoo.jp", "yahoo.co.jp"),
        ("hotmial.com", "hotmail.com"),
    ],
)
def test_a_slip_in_a_well_known_domain_is_pointed_at(typed: str, meant: str) -> None:
    assert suggest_address(f"taro@{typed}") == f"taro@{meant}"


@pytest.mark.parametrize(
    "domain",
    ["gmail.com", "ymail.com", "mail.com", "yahoo.co.jp", "au.com", "me.com", "kawara.example"],
)
def test_a_domain_that_exists_or_resembles_none_is_left_alone(domain: str) -> None:
    assert suggest_address(f"taro@{domain}") == ""
