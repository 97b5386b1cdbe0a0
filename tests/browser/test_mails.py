"""The mails we ship, in a browser: as narrow as a phone, and in the dark."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route

pytestmark = pytest.mark.browser

GOLDEN = Path(__file__).parents[1] / "golden" / "editions"
MAILS = sorted(path.stem for path in GOLDEN.glob("*.html"))
WIDTHS = (320, 600)

# The contrast of every text that is seen with what lies behind it (WCAG 2, relative luminance).
CONTRASTS = """() => {
  const light = (colour) => {
    const parts = colour.match(/[\\d.]+/g).slice(0, 3).map((part) => part / 255);
    const [r, g, b] = parts.map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    const colour = getComputedStyle(element).backgroundColor;
    return colour !== "rgba(0, 0, 0, 0)" ? colour : behind(element.parentElement);
  };
  const found = [];
  for (const element of document.querySelectorAll("h1,h2,h3,p,a,li,span,td,code")) {
    const words = [...element.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE);
    if (!words.some((node) => node.data.trim()) || !element.offsetParent) continue;
    const [a, b] = [light(getComputedStyle(element).color), light(behind(element))];
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (contrast < 4.5) found.push(`${contrast.toFixed(2)} ${element.textContent.slice(0, 30)}`);
  }
  return found;
}"""


def refuse(route: Route) -> None:
    route.abort()


@pytest.fixture(scope="module", params=["light", "dark"])
def page(request: pytest.FixtureRequest, chromium: Browser) -> Iterator[Page]:
    """A window in which no picture arrives."""
    context = chromium.new_context(color_scheme=request.param)
    page = context.new_page()
    page.route(re.compile("^http"), refuse)
    yield page
    context.close()


@pytest.mark.parametrize("name", MAILS)
def test_a_mail_is_readable_at_every_width_in_light_and_dark(page: Page, name: str) -> None:
    page.set_content((GOLDEN / f"{name}.html").read_text(encoding="utf-8"))
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate(CONTRASTS) == []


@pytest.mark.parametrize("name", MAILS)
def test_headings_of_a_mail_are_in_order(page: Page, name: str) -> None:
    page.set_content((GOLDEN / f"{name}.html").read_text(encoding="utf-8"))
    levels = [
        int(heading.evaluate("e => e.tagName")[1])
        for heading in page.query_selector_all("h1,h2,h3,h4")
    ]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
