"""Locks a process in: no file but code and fonts, no network, no other process. Linux only; imports nothing of ours."""

from rendering.sandbox.sandbox import ACTIVE, enter_sandbox

__all__ = ["ACTIVE", "enter_sandbox"]
