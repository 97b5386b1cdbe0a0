"""Files to articles: every file ends in one verdict, and no file stops the others."""
