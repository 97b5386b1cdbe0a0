"""From Posts to bytes: which feeds there are, what is in them, and the files they become."""
