"""Intervals for shares, and how much of a share may be shown for a given n."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import sqrt
from statistics import NormalDist


class Display(StrEnum):
    """What may be shown for n: the fewer the cases, the less of a headline."""

    COUNTS = "counts"  # n < 5: "3 of 4", nothing else
    INTERVAL = "interval"  # 5 to 9: counts and the interval, no percentage as a headline
    INDICATIVE = "indicative"  # 10 to 29: percentage and interval, said to be indicative
    NORMAL = "normal"  # from 30


_DISPLAY_FROM = ((30, Display.NORMAL), (10, Display.INDICATIVE), (5, Display.INTERVAL))


def classify_display(n: int) -> Display:
    """The display class of a figure that rests on n cases."""
    return next((display for least, display in _DISPLAY_FROM if n >= least), Display.COUNTS)


@dataclass(frozen=True, slots=True)
class Share:
    """k of n, its share and interval (0 to 1, unrounded); None where n is 0, which is not the same as 0."""

    k: int
    n: int
    share: float | None
    low: float | None
    high: float | None
    display: Display


def wilson(k: int, n: int, level: float = 0.95) -> tuple[float, float]:
    """Wilson's score interval for k of n at the two-sided `level`.

    E. B. Wilson, "Probable inference, the law of succession, and statistical inference", Journal of the
    American Statistical Association 22 (1927); without continuity correction, as Newcombe (1998, method 3)
    and Brown, Cai and DasGupta (2001) recommend for small n. ValueError unless 0 <= k <= n and n >= 1."""
    if not 0 <= k <= n or n < 1:
        raise ValueError(f"{k} of {n} is not a share")
    return wilson_at(k / n, n, level)


def wilson_at(share: float, size: float, level: float = 0.95) -> tuple[float, float]:
    """The same interval for a share (0 to 1) at an effective sample size, which need not be whole."""
    z = NormalDist().inv_cdf((1 + level) / 2)
    scale = 1 + z * z / size
    centre = (share + z * z / (2 * size)) / scale
    half = z * sqrt(share * (1 - share) / size + z * z / (4 * size * size)) / scale
    # At the ends the bound is exact; the subtraction would leave a rest of about 1e-17.
    low = 0.0 if share == 0 else max(0.0, centre - half)
    high = 1.0 if share == 1 else min(1.0, centre + half)
    return low, high


def measure_share(k: int, n: int, level: float = 0.95) -> Share:
    """k of n with Wilson's interval and the display class."""
    if n == 0:
        if k:
            raise ValueError(f"{k} of {n} is not a share")
        return Share(0, 0, None, None, None, Display.COUNTS)
    low, high = wilson(k, n, level)
    return Share(k, n, k / n, low, high, classify_display(n))
