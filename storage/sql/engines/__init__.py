"""Engines: how each kind of database is connected to, and how a transaction on it runs."""
