"""Confines a process: no file but code and fonts, no network, no other process. Imports no other package."""

from rendering.sandbox.sandbox import ACTIVE, enter_sandbox

__all__ = ["ACTIVE", "enter_sandbox"]
