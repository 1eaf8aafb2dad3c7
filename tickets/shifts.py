"""How a shift goes: which kinds of ticket come, which scenarios they are of, and when. The same seed gives the same shift.

Most alerts of a real queue are harmless, and most of those are true alarms with a legitimate cause (docs/shifts.md has
the sources). So the mix of a shift is a parameter, kept with it. It is rounded by chance: nobody may reckon the last
ticket from those before. Arrivals are a Poisson process given its count, with one busy spell at a time that nobody knows.

Pure: all chance comes from the seed, through SHA-256, so that it is the same in every version of Python.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate
from typing import NamedTuple

from tickets.allocation import HARMLESS, Candidate, allocate
from tickets.engine import Disposition

SEED_BYTES = 16
SHORTEST_MIN, LONGEST_MIN = 15, 120
FEWEST_TICKETS, MOST_TICKETS = 3, 60
# How many seconds of the shift pass in one on the clock.
SPEEDS = (1, 2, 5, 10)

# The last ticket comes early enough that it can still be worked.
ARRIVE_WITHIN = 5 / 6
# The busy spell: a fifth of the time in which tickets come, at three times the rate.
SPELL, RUSH = 0.2, 3


class Mix(StrEnum):
    """How many of the alerts are what they say."""

    REAL = "real"
    HALF = "half"


# Percent of the tickets. The two shares of alarms that are true, 14 and 50, are those of Layman and Roden (2023); that
# most of the others are benign is what analysts told Alahmadi, Axon and Martinovic (2022).
SHARES: Mapping[Mix, Mapping[Disposition, int]] = {
    Mix.REAL: {
        Disposition.TRUE_POSITIVE: 14,
        Disposition.BENIGN: 50,
        Disposition.FALSE_POSITIVE: 31,
        Disposition.UNDETERMINED: 5,
    },
    Mix.HALF: {
        Disposition.TRUE_POSITIVE: 50,
        Disposition.BENIGN: 27,
        Disposition.FALSE_POSITIVE: 18,
        Disposition.UNDETERMINED: 5,
    },
}


class Offer(NamedTuple):
    """A scenario that the trainee may get: `room` tickets at most, after `met` earlier ones."""

    candidate: Candidate
    room: int
    met: int = 0


class Slot(NamedTuple):
    """A ticket of the plan: `offset_s` seconds of the shift after its start, of the scenario with that key."""

    offset_s: int
    key: Hashable


@dataclass(frozen=True, slots=True)
class Plan:
    """`slots` in the order of arrival; fewer than asked for only where the offers have no more room.

    `is_mix_kept`: no kind had to stand in for another."""

    slots: tuple[Slot, ...]
    is_mix_kept: bool


class Draws:
    """An endless row of numbers from a seed, under a name: SHA-256 over seed, name and a count."""

    def __init__(self, seed: bytes, name: str) -> None:
        self._start = seed + name.encode()
        self._count = 0

    def below(self, limit: int) -> int:
        """A number from 0 to `limit` - 1; of 64 bits, so that the bias is below one in 10^15 here."""
        self._count += 1
        digest = hashlib.sha256(self._start + b":%d" % self._count).digest()
        return int.from_bytes(digest[:8], "big") % limit

    def fraction(self) -> float:
        """From 0 up to, not including, 1."""
        return self.below(1 << 53) / (1 << 53)


def plan_shift(
    offers: Sequence[Offer],
    *,
    count: int,
    minutes: int,
    mix: Mix,
    seed: bytes,
    before: Sequence[Candidate] = (),
) -> Plan:
    """Plan `count` tickets over `minutes`, to follow those that the trainee had `before`."""
    chosen, is_mix_kept = _choose(offers, draw_kinds(mix, count, seed), Draws(seed, "scenarios"))
    times = draw_arrivals(len(chosen), minutes * 60, seed)
    # The same scenario may come twice, and an allocation draws each of its candidates once.
    scenarios: dict[Hashable, Hashable] = {number: each.key for number, each in enumerate(chosen)}
    pool = [candidate._replace(key=number) for number, candidate in enumerate(chosen)]
    order = allocate(pool, len(pool), Draws(seed, "order").below, before).order
    slots = [Slot(at, scenarios[each.key]) for at, each in zip(times, order, strict=True)]
    return Plan(tuple(slots), is_mix_kept)


def draw_kinds(mix: Mix, count: int, seed: bytes) -> Counter[Disposition]:
    """How many tickets of each kind: each less than one away from its share, `count` in all.

    Systematic sampling: marks at equal distances, begun at random, are counted in each kind's stretch."""
    start = Draws(seed, "kinds").below(100)
    ends = accumulate(share * count for share in SHARES[mix].values())
    counted = [(end + start) // 100 for end in ends]
    return Counter(
        {kind: upto - since for kind, since, upto in zip(SHARES[mix], [0, *counted], counted, strict=False)}
    )


def draw_arrivals(count: int, seconds: int, seed: bytes) -> tuple[int, ...]:
    """When tickets come, in whole seconds of the shift after its start: sorted, the first at once.

    Given how many there are, the arrivals of a Poisson process are so many independent draws from its rate
    (Lewis and Shedler 1979). Drawn from the rate's integral, which is two straight lines and a steeper one between."""
    draws = Draws(seed, "arrivals")
    window = seconds * ARRIVE_WITHIN
    busy_from = draws.fraction() * (1 - SPELL)
    places = sorted(_at_mass(draws.fraction(), busy_from) for _ in range(count - 1))
    return (0, *(int(place * window) for place in places))[:count]


def _at_mass(share: float, busy_from: float) -> float:
    """Where, from 0 to 1, so much of the whole rate has passed."""
    mass = share * (1 - SPELL + SPELL * RUSH)
    if mass < busy_from:
        return mass
    if mass < busy_from + SPELL * RUSH:
        return busy_from + (mass - busy_from) / RUSH
    return mass - SPELL * RUSH + SPELL


# -- Which scenarios ----------------------------------------------------------------------------


def _choose(
    offers: Sequence[Offer], kinds: Counter[Disposition], draws: Draws
) -> tuple[list[Candidate], bool]:
    """Scenarios of these kinds; where a kind has no room left, of one as near to it as there is."""
    used: Counter[int] = Counter()
    chance = [draws.fraction() for _ in offers]
    chosen: list[Candidate] = []
    is_mix_kept = True
    # The rarest kind first: what stands in for another must not take its room.
    for kind in sorted(kinds, key=lambda kind: sum(o.candidate.disposition == kind for o in offers)):
        for _ in range(kinds[kind]):
            left = [number for number, offer in enumerate(offers) if used[number] < offer.room]
            if not left:
                return chosen, False
            best = min(left, key=lambda n: (_distance(offers[n], kind), used[n], offers[n].met, chance[n]))
            used[best] += 1
            chosen.append(offers[best].candidate)
            is_mix_kept &= offers[best].candidate.disposition == kind
    return chosen, is_mix_kept


def _distance(offer: Offer, kind: Disposition) -> int:
    """0 for the kind itself, 1 for one that is as harmless, or as little so; 2 for any other."""
    disposition = offer.candidate.disposition
    if disposition == kind:
        return 0
    return 1 if (disposition in HARMLESS) is (kind in HARMLESS) else 2
