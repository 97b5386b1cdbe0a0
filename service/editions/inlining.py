"""A mail's styles written into its elements, because many mail programs read them nowhere else."""

from __future__ import annotations

import css_inline

_INLINER = css_inline.CSSInliner(load_remote_stylesheets=False, keep_at_rules=True, minify_css=True)

InlineError = css_inline.InlineError
"""Raised for a style that cannot be understood."""


def inline_styles(html: str) -> str:
    """The HTML with its styles in the elements; rules for media stay where they are."""
    # What stays of the style is put before everything else in the head, and programs look for
    # the character set in the first 1,024 bytes only.
    return _INLINER.inline(html).replace("<head>", '<head><meta charset="utf-8">', 1)
