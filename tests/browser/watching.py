"""A browser that is watched: what ran in it, what it asked for, and what its pages are made of."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from fastapi.routing import APIRoute
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, Response, Route
from starlette.routing import BaseRoute, Match

_CANARIES = "window.canary = number => console.error(`canary ${number} ran`);"

_LOOK = r"""({ html, address, isMail }) => {
  const page = new DOMParser().parseFromString(html, "text/html");
  const { origin } = new URL(address);
  const lead = (element, name) => {
    try {
      return new URL(element.getAttribute(name) ?? "", address).href;
    } catch {
      return "";
    }
  };
  const forbidden = new Set(("applet base embed foreignobject frame frameset isindex link marquee "
    + "math meta noscript object plaintext portal script style template xmp").split(" "));
  const addresses = new Set(("action background cite data formaction href longdesc manifest ping "
    + "poster src srcset xlink:href").split(" "));
  const runs = new RegExp("(^|[,\\s])(javascript|vbscript|feed|"
    + "data:(?!image/(svg|png|gif|jpe?g|webp)))");
  const faults = [];
  const blame = (element, why) =>
    faults.push(`${why}: ${element.cloneNode(false).outerHTML.slice(0, 160)}`);
  const isOurs = (element) => {
    const text = element.textContent;
    switch (element.localName) {
      case "script":
        return lead(element, "src").startsWith(`${origin}/assets/`) && text === "";
      case "link":
        return lead(element, "href").startsWith(origin) || element.rel === "icon";
      case "meta":
        // The same page again.
        if (element.httpEquiv === "refresh") return /^[25]$/.test(element.content);
        return !element.httpEquiv || (isMail && /^(content-type|x-ua)/i.test(element.httpEquiv));
      case "style":
        return isMail && !/canary|@import|expression/.test(text);
      case "noscript":
        return element.matches(":has(> meta[content='2'], > meta[content='5'], > p.hint)");
      case "base":
        return isMail && !element.hasAttribute("href");
    }
    return false;
  };
  for (const element of page.querySelectorAll("*")) {
    if (forbidden.has(element.localName.toLowerCase()) && !isOurs(element)) {
      blame(element, "no element of ours");
    }
    // A form's fields hide what has their names, such as attributes.
    for (const name of element.getAttributeNames()) {
      const value = element.getAttribute(name).toLowerCase();
      const said = value.replace(/[\u0000-\u0020\u200b\u3000]/g, "");
      if (/^on/i.test(name) || name === "srcdoc") blame(element, "it would run");
      if (addresses.has(name) && runs.test(said) && !/^https?:/.test(said)) {
        blame(element, "its address would run");
      }
      if (name === "style" && /canary|expression|position:|url\(/.test(said)) {
        blame(element, "style");
      }
      if (/^(id|name|is|slot)$/.test(name) && /^canary/.test(said)) blame(element, "it hides ours");
    }
    if (element.localName === "form" && !lead(element, "action").startsWith(origin)) {
      blame(element, "it sends elsewhere");
    }
    if (element.localName === "iframe" && (!lead(element, "src").startsWith(origin)
        || !element.hasAttribute("sandbox")
        || /scripts|same-origin/.test(element.getAttribute("sandbox")))) {
      blame(element, "a frame without walls");
    }
  }
  const links = [...page.querySelectorAll("a[href], iframe[src], link[rel=alternate]")]
    .map((one) => lead(one, one.hasAttribute("href") ? "href" : "src"));
  return { faults, links };
}"""

MAILS = frozenset(
    {
        "/desk/editions/{edition_id}/preview/{number}",
        "/desk/outbox/{folder}/{file}/html",
        "/editions/{newsletter_id}/{name}",
    }
)
"""Pages that are a mail's own HTML."""

_OF_POSTS = frozenset({"/desk/posts/{post_id}/preview", "/{path:path}"})
"""Pages with a post's HTML in them; like mails they may show pictures from elsewhere."""


@dataclass
class Watched:
    """One window of a browser before the doors of a house, and everything wrong with it so far."""

    page: Page
    lens: Page
    url: str
    routes: list[BaseRoute]
    faults: list[str] = field(default_factory=list)
    text: str = ""

    def visit(self, address: str) -> list[str]:
        """Open a page with its frames, and look at its source; the addresses that it leads to."""
        answer = self.page.goto(address)
        assert answer is not None
        if not answer.headers.get("content-type", "").startswith("text/html"):
            return []
        # Where nothing may run, nothing of ours could either: it is looked at elsewhere.
        return self.look_at(answer.text(), self.page.url)

    def show(self, html: str, address: str) -> None:
        """Show the answer to a form, and look at it."""
        self.page.set_content(html)
        self.look_at(html, address)

    def look_at(self, html: str, address: str) -> list[str]:
        """Look at what stands at an address; the addresses that it leads to."""
        is_mail = self.find_route(address) in MAILS
        asked = {"html": html, "address": address, "isMail": is_mail}
        found = self.lens.evaluate(_LOOK, asked)
        for fault in found["faults"]:
            self.faults.append(f"{address[:200]}: {fault}")
        self.text += html
        links: list[str] = found["links"]
        return links

    def find_route(self, address: str) -> str:
        """The path of the route that answers for an address; "" for nobody's."""
        scope = {"type": "http", "method": "GET", "path": urlsplit(address).path, "headers": []}
        for route in self.routes:
            match, _ = route.matches(scope)
            if match is Match.FULL and isinstance(route, APIRoute):
                return route.path
        return ""

    def note(self, fault: str) -> None:
        self.faults.append(f"{self.page.url[:200]}: {fault}")

    def hear(self, message: ConsoleMessage) -> None:
        # A picture that is not there, or a page with a status of its own.
        if not message.text.startswith("Failed to load resource"):
            self.note(message.text)

    def refuse(self, route: Route) -> None:
        request = route.request
        if not (request.resource_type == "image" and self._may_show_pictures(request)):
            self.note(f"asks for {request.resource_type} {request.url}")
        route.fulfill(status=204)

    def check(self, response: Response) -> None:
        if not response.url.startswith(self.url):
            return
        if response.status >= 500:
            self.note(f"{response.url[:200]} answers {response.status}")
        for name in ("set-cookie", "location"):
            if "canary" in response.headers.get(name, ""):
                self.note(f"{name}: {response.headers[name]}")

    def _may_show_pictures(self, request: Request) -> bool:
        return self.find_route(request.frame.url) in MAILS | _OF_POSTS


def watch(context: BrowserContext, url: str, routes: Iterable[BaseRoute]) -> Watched:
    """A window of which nothing that happens is missed; nothing from elsewhere reaches it."""
    context.add_init_script(_CANARIES)
    page = context.new_page()
    watched = Watched(page, context.new_page(), url, list(routes))
    context.route(re.compile(f"^(?!{re.escape(url)})"), watched.refuse)
    page.on("console", watched.hear)
    page.on("pageerror", lambda error: watched.note(str(error)))
    page.on("response", watched.check)
    page.on("popup", lambda popup: watched.note(f"opens {popup.url}"))

    def dismiss(dialog: object) -> None:
        watched.note("opens a dialog")
        dialog.dismiss()  # type: ignore[attr-defined]

    page.on("dialog", dismiss)
    return watched
