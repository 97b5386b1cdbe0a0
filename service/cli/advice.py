"""What a rule is about, and what to do when it strikes: a line each, for every rule there is.

Advice speaks to the person who has the file open.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from service.cli import complaints

_OF_THE_FOLDER = {
    complaints.NOTHING_TO_SHOW: (
        "there is nothing to publish",
        "Point content.path at the folder of posts; --json has the verdict on every file.",
    ),
    complaints.UNMATCHED: (
        "filters and topics that match no post",
        "Write the name as posts write it, or take it out: as it is, it never gets a post.",
    ),
    complaints.EMPTY_FEED: (
        "custom feeds that no post belongs to",
        "Write the names as posts write them: who follows such a feed waits in vain.",
    ),
    complaints.MAIL_TEMPLATE: (
        "mail templates that no mail can be made with",
        "Mend the template: until then every edition of the newsletter is held.",
    ),
    complaints.QUARANTINED: (
        "files that cannot be read as posts",
        "Mend the file. Until then feeds keep its last good version, where there was one.",
    ),
    complaints.SHARED_ADDRESS: (
        "posts whose address a newer one has",
        "Give one of them a permalink or another file name: feeds show only the newer.",
    ),
    complaints.FORMER_ADDRESS: (
        "former addresses at which another post lives",
        "Take the address out of redirect_from or aliases, or give the other post a new one.",
    ),
    complaints.OVERRIDDEN: (
        "kawaraban.toml differs from the site's own settings",
        "kawaraban.toml wins; take the line out of it to follow the site.",
    ),
}

_OF_THE_READER = {
    "control": (
        "control characters, taken out",
        "Save the file without them, and look at the tool that wrote it.",
    ),
    "date": (
        "second dates that cannot be read",
        "Write them like 2026-11-21T09:00:00+09:00; the post does without meanwhile.",
    ),
    "title": ("posts without a title", "Write a title in the front matter."),
    "duplicate_key": (
        "keys that stand twice in the front matter",
        "Keep the one that counts; Hugo would refuse the file.",
    ),
    "stray_marker": (
        "END markers on lines of their own, taken out",
        "Take them out of the file too, for the site shows them; read what follows them.",
    ),
    "template_tag": (
        "template tags, which only the site can carry out",
        "Feeds and mail go without them: read the post as if they were not there.",
    ),
    "shortcode": (
        "shortcodes, which only the site can carry out",
        "Feeds and mail keep the words inside them: read the post without the rest.",
    ),
    "component": (
        "components and expressions, which only the site can carry out",
        "Feeds and mail keep the words inside them: read the post without the rest.",
    ),
    "directive": (
        "directives of an unknown name",
        "Feeds and mail show them as plain text; note, tip, info, warning and danger are known.",
    ),
    "raw_html": (
        "raw HTML that no feed or mail may carry",
        "Say it in Markdown, or link to where it can be seen.",
    ),
    "iframe": (
        "embedded pages, shown as links",
        "Nothing to do, unless the sentence around one makes no sense with a link.",
    ),
    "address": ("links that run code or carry data, dropped", "Link to a page."),
}

_OF_THE_GATE = {
    "cut_title": ("titles or summaries cut inside a character", "Write it out."),
    "unfinished_title": ("titles that break off", "Finish the title, or close its bracket."),
    "glued_title": ("titles that are two sentences glued together", "Keep one of the two."),
    "unfinished_summary": ("summaries that break off", "Finish the sentence: digests show it."),
    "summary_of_title": (
        "summaries that only repeat the title",
        "Say what the title does not: digests show both.",
    ),
    "voice": (
        "titles or summaries in the voice of a text generator",
        "Write what the post is about, or delete it.",
    ),
    "marker": ("markers left in a title or summary", "Take them out."),
    "placeholder": ("placeholders in a title or summary", "Fill them in."),
    "template": (
        "summaries that many posts have",
        "Write one for each: a digest of them says nothing.",
    ),
    "empty": ("posts with neither a summary nor a text", "Write it or make it a draft."),
    "body_voice": (
        "texts that speak as a text generator",
        "Take the sentence out, and read what comes before and after it.",
    ),
    "body_marker": ("markers left in the text", "Take them out."),
    "body_placeholder": ("placeholders in the text", "Fill them in."),
    "damaged_text": ("characters lost in the text (U+FFFD)", "Write the words out again."),
    "repetition": (
        "texts that say the same again and again",
        "Keep each sentence once.",
    ),
    "repeated_heading": ("headings that come again and again", "Keep one part under each heading."),
    "unfinished_body": ("texts that break off", "Finish the last sentence."),
    "open_fence": (
        "code blocks that never end",
        "Close the block: all that follows is shown as code.",
    ),
    "near_duplicate": (
        "titles nearly the same as one of the three days before",
        "Keep one of the two posts; a digest shows only the newer.",
    ),
    "dead_link": (
        "links to posts of this site that are not there",
        "Link to the address that the post has; --rule dead_link lists what may be meant.",
    ),
}

_ADVICE: Mapping[str, tuple[str, str]] = MappingProxyType(
    {**_OF_THE_FOLDER, **_OF_THE_READER, **_OF_THE_GATE}
)

RULES = frozenset(_ADVICE)
"""Every rule that is written of here."""

RELEASE = "If it is meant so: kawaraban posts release FILE"
"""What lets a held post go."""


def find_title(rule: str) -> str:
    """What the rule is about; the rule's own name in words when nobody wrote it down."""
    return _ADVICE[rule][0] if rule in _ADVICE else rule.replace("_", " ")


def find_advice(rule: str) -> str:
    """What to do about it; "" when nobody wrote it down."""
    return _ADVICE[rule][1] if rule in _ADVICE else ""
