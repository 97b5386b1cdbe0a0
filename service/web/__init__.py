"""The doors: everything that answers a request."""
