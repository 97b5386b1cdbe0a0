"""A post's Markdown to safe HTML and plain text: the generators' own marks taken out, links made absolute."""
