"""Reads parts of requests: JSON, cursors, labels, ranges and preferences."""
