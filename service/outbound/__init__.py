"""Requests to machines that are not ours: the only home of httpx."""
