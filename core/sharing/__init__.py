"""Shares scarce resources between callers: each in turn, the service itself first."""
