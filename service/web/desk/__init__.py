"""The editors' desk: what will go to whom, and what became of it."""
