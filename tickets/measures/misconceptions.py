"""How common each wrong idea is: trainees who showed it, of those whose tickets could show it (assessment.md, F9)."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from tickets.measures.intervals import Share, measure_share


class Exposure(NamedTuple):
    """One graded ticket: whose, which codes it could have shown and which it did."""

    trainee: Hashable
    exposed: Sequence[str]
    shown: Sequence[str]


@dataclass(frozen=True, slots=True)
class MisconceptionRate:
    """`trainees` counts persons, each once; `tickets` is how often the code was shown in all."""

    code: str
    trainees: Share
    tickets: int


def measure_misconceptions(exposures: Iterable[Exposure]) -> tuple[MisconceptionRate, ...]:
    """The rate of each code that anyone was exposed to; most trainees first, then by code.

    Who showed a code was exposed to it, whatever the list of possible codes says."""
    exposed: dict[str, set[Hashable]] = {}
    showing: dict[str, set[Hashable]] = {}
    tickets: dict[str, int] = {}
    for seen in exposures:
        for code in {*seen.exposed, *seen.shown}:
            exposed.setdefault(code, set()).add(seen.trainee)
        for code in set(seen.shown):
            showing.setdefault(code, set()).add(seen.trainee)
            tickets[code] = tickets.get(code, 0) + 1
    rates = (
        MisconceptionRate(
            code, measure_share(len(showing.get(code, ())), len(trainees)), tickets.get(code, 0)
        )
        for code, trainees in exposed.items()
    )
    return tuple(sorted(rates, key=lambda rate: (-rate.trainees.k, rate.code)))
