"""Presets: named pipelines with output options."""
