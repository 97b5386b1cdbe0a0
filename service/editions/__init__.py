"""From posts and readers to editions: what is news, what is chosen, and how the mail looks."""
