"""Statistics of past draws, for auditors: how often each candidate sat, and whether by chance.

NumPy audits chance here and never makes it. Nothing in a draw depends on this file.

Source: SPEC.md section 6, the published uniformity test.
"""

import math
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

IntMatrix = NDArray[np.int64]
IntVector = NDArray[np.int64]
FloatVector = NDArray[np.float64]

_PRECISION: Final = 1e-15
_TINY: Final = 1e-300
_ROUNDS: Final = 100_000


class ChiSquare(NamedTuple):
    """Pearson's statistic, its degrees of freedom, and the chance of a larger one."""

    statistic: float
    freedom: int
    p: float


def seat_frequency(drawn: IntMatrix, candidates: int) -> FloatVector:
    """Share of draws in which each candidate won a seat (席位).

    Args:
        drawn: candidate indices, shape (draws, seats), each in [0, candidates).
        candidates: how many candidates there were, at least 1.

    Returns:
        Frequencies in [0, 1], shape (candidates,), summing to the number of seats.

    Raises:
        ValueError: no draws, or an index outside [0, candidates).
    """
    if drawn.size == 0 or drawn.min() < 0 or drawn.max() >= candidates:
        raise ValueError("drawn must hold indices in [0, candidates)")
    frequency: FloatVector = np.bincount(drawn.ravel(), minlength=candidates) / len(drawn)
    return frequency


def chi_square(observed: IntVector, expected: FloatVector | None = None) -> ChiSquare:
    """Pearson's test of counts against expectation, by default all equal.

    Args:
        observed: counts, shape (cells,), at least two cells.
        expected: expected counts, same shape, all positive, same sum.

    Raises:
        ValueError: fewer than two cells, nothing observed, or an expectation of nothing.
    """
    if observed.size < 2 or observed.sum() <= 0:
        raise ValueError("at least two cells and one observation are needed")
    wanted = np.full(observed.size, observed.mean()) if expected is None else expected
    if wanted.shape != observed.shape or wanted.min() <= 0:
        raise ValueError("every cell needs a positive expectation")
    statistic = float(((observed - wanted) ** 2 / wanted).sum())
    freedom = observed.size - 1
    return ChiSquare(statistic, freedom, upper_gamma(freedom / 2, statistic / 2))


def upper_gamma(a: float, x: float) -> float:
    """The regularised upper incomplete gamma function Q(a, x), for a > 0 and x >= 0."""
    if x <= 0:
        return 1.0
    scale = math.exp(a * math.log(x) - x - math.lgamma(a))
    return 1.0 - scale * _series(a, x) if x < a + 1 else scale * _fraction(a, x)


def _series(a: float, x: float) -> float:
    """The lower function by its power series, which is quick below a + 1."""
    term = total = 1 / a
    for n in range(1, _ROUNDS):
        term *= x / (a + n)
        total += term
        if term < total * _PRECISION:
            break
    return total


def _fraction(a: float, x: float) -> float:
    """The upper function by its continued fraction (Lentz), which is quick above a + 1."""
    b = x + 1 - a
    c, d = 1 / _TINY, 1 / b
    value = d
    for n in range(1, _ROUNDS):
        factor = -n * (n - a)
        b += 2
        d = 1 / (factor * d + b or _TINY)
        c = b + factor / c or _TINY
        value *= c * d
        if abs(c * d - 1) < _PRECISION:
            break
    return value
