"""Walks over HTTP only, against real processes: embedded, and on the real servers."""
