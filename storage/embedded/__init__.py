"""The data directory of embedded parts, which need no servers."""
