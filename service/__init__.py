"""Kawaraban: feeds and newsletters for publications written in Markdown files."""

__version__ = "0.1.0"
