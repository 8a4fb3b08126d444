"""Breaks real processes and looks whether the promises hold."""
