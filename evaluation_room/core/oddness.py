"""How odd a count is: exact binomial tails and the bands of a funnel plot.

A tail is a question, never a verdict: who makes many checks finds rare things by chance
alone, so the number of checks stands beside every tail (Spiegelhalter, "Funnel plots for
comparing institutional performance", 2005).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import exp, lgamma, log, log1p
from typing import Final

BANDS: Final = (0.025, 0.001)
"""Tail on each side of the 95 % and the 99.8 % band."""
STEPS: Final = (1 / 20, 1 / 40, 1 / 100, 1 / 400, 1 / 1000)
"""How rare makes one to five bars."""
ALARM: Final = 1 / 20
"""Rare among all checks together (Bonferroni): tail x checks at most this."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Shares between which a count of `n` falls but for the tail on each side."""

    low: float
    high: float


def tail(k: int, n: int, p: float) -> float:
    """P(X >= k) of a binomial X(n, p); exact but for the last digits of a float.

    Raises:
        ValueError: k or n negative, or p no probability.
    """
    _require(k, n, p)
    if k == 0:
        return 1.0
    return min(1.0, sum(sorted(_masses(k, n, p))))


def limits(n: int, p: float, each: float) -> Limits:
    """The band at `n`: as few at either end as leaves at most `each` outside.

    Args:
        each: probability outside on each side, as in `BANDS`.
    """
    _require(0, n, p)
    if n == 0:
        return Limits(0.0, 1.0)
    below, low, high = 0.0, 0, n
    for k, mass in enumerate(_masses(0, n, p)):
        if below <= each:
            low = k
        below += mass
        if 1 - below <= each:
            high = k
            break
    return Limits(low / n, high / n)


def pooled(k: int, n: int) -> float:
    """The rate that others show, pulled to the middle by one case each way (Laplace).

    Without it others who never had a case would make the first one impossible.
    """
    return (k + 1) / (n + 2)


def bars(chance: float) -> int:
    """How many of five bars a chance fills; 0 where it is nothing rare."""
    return sum(chance <= step for step in STEPS)


def is_alarm(chance: float, checks: int) -> bool:
    """Whether it is rare even among all the checks that were made."""
    return chance * checks <= ALARM


def _masses(first: int, n: int, p: float) -> Iterator[float]:
    """P(X = k) for k from `first` to n."""
    if p in {0.0, 1.0}:
        certain = 0 if p == 0.0 else n
        yield from (float(k == certain) for k in range(first, n + 1))
        return
    whole = lgamma(n + 1)
    for k in range(first, n + 1):
        ways = whole - lgamma(k + 1) - lgamma(n - k + 1)
        yield exp(ways + k * log(p) + (n - k) * log1p(-p))


def _require(k: int, n: int, p: float) -> None:
    if k < 0 or n < 0 or not 0 <= p <= 1:
        raise ValueError(f"no binomial count: k={k}, n={n}, p={p}")
