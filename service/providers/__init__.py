"""Messages to a provider's API, and its callbacks to ProviderEvents: one file a provider."""
