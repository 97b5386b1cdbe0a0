"""A post's Markdown to safe HTML and text: generators' marks taken out, links absolute."""
