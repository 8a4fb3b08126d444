"""Shares what is scarce between callers: each in turn, the service itself first."""
