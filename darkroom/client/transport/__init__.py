"""Sends calls by HTTP, again if need be, blocking or with asyncio."""
