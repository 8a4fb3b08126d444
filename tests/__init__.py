"""Mirrors the packages (unit), states promises (contract), walks over HTTP (acceptance) and breaks things (faults)."""
