"""How hard each criterion was: the share fully right, and the share of points (assessment.md, F3)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from tickets.measures.intervals import Share, measure_share


class Observation(NamedTuple):
    """One criterion in one grade. `is_right` is full marks; points in the grade's own unit."""

    criterion: str
    is_right: bool
    points: Decimal
    max_points: Decimal


@dataclass(frozen=True, slots=True)
class Facility:
    """A criterion over many grades. `index` is the points earned over those to be had, 0 to 1 (the facility
    index of classical item analysis); None where nothing could be earned."""

    criterion: str
    right: Share
    index: float | None


def measure_facility(observations: Iterable[Observation]) -> tuple[Facility, ...]:
    """Each criterion's facility, in the order in which the criteria first appear.

    Wilson's interval takes the observations as independent: pass one grade a trainee (the first attempt)
    where that matters."""
    grouped: dict[str, list[Observation]] = {}
    for observation in observations:
        grouped.setdefault(observation.criterion, []).append(observation)
    return tuple(_facility(criterion, seen) for criterion, seen in grouped.items())


def _facility(criterion: str, seen: list[Observation]) -> Facility:
    right = measure_share(sum(one.is_right for one in seen), len(seen))
    whole = sum((one.max_points for one in seen), Decimal(0))
    earned = sum((one.points for one in seen), Decimal(0))
    return Facility(criterion, right, float(earned / whole) if whole else None)
