"""Shares over answers that come in clusters: one trainee answers several tickets, and alike."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from tickets.measures.intervals import Share, classify_display, measure_share, wilson_at


def measure_clustered_share(clusters: Iterable[tuple[int, int]], level: float = 0.95) -> Share:
    """The pooled share of (k, n) pairs, one a cluster, with Wilson's interval at the effective sample size.

    The variance of the pooled share between clusters (Taylor linearisation of a ratio, with the
    C / (C - 1) correction) over that of independent answers is the design effect; n divided by it,
    never more than n, is the effective size that goes into Wilson's formula: the recipe of Korn and
    Graubard, "Confidence intervals for proportions with small expected number of positive counts
    estimated from survey data", Survey Methodology 24 (1998), on Wilson's interval. One answer a
    cluster gives Wilson's interval itself. Where the clusters cannot tell (all right, all wrong, or a
    single cluster) each cluster counts once, which is the careful end."""
    pairs = [(k, n) for k, n in clusters if n]
    k, n = sum(k for k, _ in pairs), sum(n for _, n in pairs)
    plain = measure_share(k, n, level)
    if len(pairs) == n:
        return plain
    size = _effective_size(pairs, k, n)
    low, high = wilson_at(k / n, size, level)
    return replace(plain, low=low, high=high, display=classify_display(int(size)))


def _effective_size(pairs: list[tuple[int, int]], k: int, n: int) -> float:
    share = k / n
    independent = share * (1 - share) / n
    count = len(pairs)
    if count < 2 or not independent:
        return float(count)
    spread = sum((hits - share * size) ** 2 for hits, size in pairs) / n**2
    between = spread * count / (count - 1)
    return min(float(n), max(1.0, n * independent / between)) if between else float(n)
