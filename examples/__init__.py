"""Darkroom in use, by HTTP alone."""
