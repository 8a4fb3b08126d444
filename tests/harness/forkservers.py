"""Finds the forkservers that a test started: the API that other tests of the process share has some of its own."""

import psutil

_others: set[int] = set()


def ignore_running_forkservers() -> None:
    """Leave those that run now out of what `forkservers` finds. To be called before each test."""
    _others.clear()
    _others.update(each.pid for each in forkservers())


def forkservers() -> list[psutil.Process]:
    children = psutil.Process().children()
    return [each for each in children if each.pid not in _others and "rendering.forkserver" in each.cmdline()]
