"""Look-up tables (LUTs) of 256 levels: one for all colour bands, or one each for red, green and blue."""

import operator
from collections.abc import Callable
from functools import partial
from itertools import pairwise

LookupTable = tuple[int, ...]
Luts = tuple[LookupTable] | tuple[LookupTable, LookupTable, LookupTable]

IDENTITY_LUT: LookupTable = tuple(range(256))


def tabulate(function: Callable[[int], float]) -> LookupTable:
    """Return the LUT of a function over 0..255, rounded and clipped to 0..255."""
    return tuple(max(0, min(255, int(function(value) + 0.5))) for value in range(256))


def compose_luts(first: Luts, second: Luts) -> Luts:
    """Return the LUTs that do what `first` and then `second` do."""
    if len(first) == len(second) == 1:
        return (_compose(first[0], second[0]),)
    red, green, blue = (_compose(first[band % len(first)], second[band % len(second)]) for band in range(3))
    return red, green, blue


def _compose(first: LookupTable, second: LookupTable) -> LookupTable:
    return tuple(second[value] for value in first)


def tabulate_gains(*factors: float) -> Luts:
    """Return LUTs that multiply all channels by one factor, or red, green and blue by one each."""
    if len(set(factors)) == 1:
        return (tabulate(partial(operator.mul, factors[0])),)
    red, green, blue = (tabulate(partial(operator.mul, factor)) for factor in factors)
    return red, green, blue


def interpolate_curve(points: tuple[tuple[int, int], ...]) -> LookupTable:
    """Return the LUT of the monotone cubic through the points, constant before the first and after the last.

    Fritsch and Butland, "A Method for Constructing Local Monotone Piecewise Cubic Interpolants", 1984.
    """
    knots = sorted(points)
    slopes = [(after[1] - before[1]) / (after[0] - before[0]) for before, after in pairwise(knots)]
    tangents = [slopes[0], *(_mean_slope(*pair) for pair in pairwise(slopes)), slopes[-1]]
    return tabulate(lambda value: _hermite(value, knots, tangents))


def _mean_slope(before: float, after: float) -> float:
    """Return the harmonic mean of two slopes, which never overshoots; 0 at an extremum."""
    return 0 if before * after <= 0 else 2 * before * after / (before + after)


def _hermite(value: int, knots: list[tuple[int, int]], tangents: list[float]) -> float:
    value = max(knots[0][0], min(knots[-1][0], value))
    index = max(0, sum(across < value for across, _ in knots) - 1)
    (left, low), (right, high) = knots[index : index + 2]
    width = right - left
    share = (value - left) / width
    rest = 1 - share
    ends = low * (1 + 2 * share) * rest**2 + high * (3 - 2 * share) * share**2
    return ends + width * share * rest * (tangents[index] * rest - tangents[index + 1] * share)
