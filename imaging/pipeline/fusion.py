"""Neighbours that only give other colours become one pass, wherever one can do what they do."""

from collections.abc import Iterable

from imaging.pipeline.passes import Pass


def fused(passes: Iterable[Pass]) -> tuple[Pass, ...]:
    done: list[Pass] = []
    for each in passes:
        both = _at_once(done[-1], each) if done else None
        done[-1:] = [both] if both else [*done[-1:], each]
    return tuple(done)


def _at_once(before: Pass, after: Pass) -> Pass | None:
    both = before.recoloring and after.recoloring and before.recoloring.then(after.recoloring)
    if not both:
        return None
    steps, places = (*before.steps, *after.steps), (*before.places, *after.places)
    return Pass(steps=steps, places=places, apply=both.apply, recoloring=both)
