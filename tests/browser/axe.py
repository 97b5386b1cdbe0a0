"""axe-core over a page: what it finds against people who see, hear or press otherwise."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page

AXE = Path(__file__).parents[1] / "peers" / "node_modules" / "axe-core" / "axe.min.js"

STANDARDS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")

WINDOWS = ((390, "light"), (1280, "dark"))
"""As wide as a phone, and as a desk; what axe finds by width does not depend on the colours."""

_RUN = """async ([standards, without]) => {
  const found = await axe.run(document, {
    runOnly: standards,
    rules: Object.fromEntries(without.map((rule) => [rule, { enabled: false }])),
    resultTypes: ["violations"],
    iframes: false,
  });
  return found.violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.html} ${node.failureSummary}`));
}"""


def require_axe() -> None:
    """Skip the test where axe-core is absent."""
    if not AXE.is_file():
        pytest.skip("axe-core is absent: npm install --ignore-scripts in tests/peers")


def list_violations(page: Page, *, without: tuple[str, ...] = ()) -> list[str]:
    """What is wrong with the page as it is shown now, by rule; `without` leaves out rules.

    The page's own policy may forbid scripts; its context must not. Frames are pages of their own.
    """
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[str] = page.evaluate(_RUN, [list(STANDARDS), list(without)])
    return found


def list_violations_in_all_windows(page: Page, *, without: tuple[str, ...] = ()) -> list[str]:
    """The same on a phone in the light, and on a desk in the dark."""
    found: list[str] = []
    for width, scheme in WINDOWS:
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        found += [f"{width} px, {scheme}: {one}" for one in list_violations(page, without=without)]
    return found
