"""Which tickets a trainee gets, and in which order: stratified, so that no habit pays, and shuffled.

Who always answers "reversed", or always closes as harmless, must not be right by the luck of the draw; and nobody may
reckon the sixth ticket from the five before it. So a run of six holds two to four reversed alerts, never a fixed
number; three dispositions at least; and fewer true positives than harmless ones, as on a shift. Two tickets that look
alike and end otherwise stand two to four apart: near enough to be compared, too far to be copied.

Pure: chance comes from the caller as `below(n)`, a number from 0 to n - 1.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from tickets.engine import Disposition

RUN = 6
FEWEST_OF_A_DIRECTION, MOST_OF_A_DIRECTION = 2, 4
FEWEST_DISPOSITIONS = 3
NEAREST_CONTRAST, FARTHEST_CONTRAST = 2, 4
HARMLESS = frozenset({Disposition.BENIGN, Disposition.FALSE_POSITIVE})
# What a search may try before its rules are given up. A pool that has enough of each kind needs a few hundred.
MOST_STEPS = 4_000

Below = Callable[[int], int]


class Candidate(NamedTuple):
    """A ticket that may be given. What it may be confused with: alerts of one `rule` look alike, and its author names
    families in `contrast`."""

    key: Hashable
    is_reversed: bool
    disposition: Disposition
    rule: str = ""
    family: str = ""
    contrast: frozenset[str] = frozenset()

    def is_contrast_to(self, other: Candidate) -> bool:
        """Do they look alike, and end otherwise?"""
        if self.rule and self.rule == other.rule and self.is_reversed is not other.is_reversed:
            return True
        is_named = other.family in self.contrast or self.family in other.contrast
        ends = (self.is_reversed, self.disposition), (other.is_reversed, other.disposition)
        return is_named and ends[0] != ends[1]


class Rule(StrEnum):
    """What an order keeps to, from what matters most to what is given up first."""

    DIRECTIONS = "directions"
    DISPOSITIONS = "dispositions"
    SHIFT = "shift"
    CONTRASTS = "contrasts"


@dataclass(frozen=True, slots=True)
class Allocation:
    """The tickets in the trainee's order. `kept` are the rules that hold; the pool could not keep the others."""

    order: tuple[Candidate, ...]
    kept: frozenset[Rule]


def allocate(
    pool: Sequence[Candidate], count: int, below: Below, before: Sequence[Candidate] = ()
) -> Allocation:
    """Draw `count` tickets from a pool, each once, to follow those that the trainee had `before`.

    Of the rules that the pool cannot keep the least important goes first. Fewer come only from a smaller pool."""
    count = min(count, len(pool))
    earlier = tuple(before)[-(RUN - 1) :]
    for rules in _ever_fewer(_applicable(pool, earlier, count)):
        order = _Search(pool, count, below, earlier, rules).run()
        if order is not None:
            return Allocation(order, rules)
    raise AssertionError("without rules every order will do")


def _applicable(pool: Sequence[Candidate], earlier: Sequence[Candidate], count: int) -> tuple[Rule, ...]:
    """The rules that this pool could keep: it has both directions, dispositions enough, something harmless."""
    both = {item.is_reversed for item in pool}
    dispositions = {item.disposition for item in (*pool, *earlier)}
    may = {
        Rule.DIRECTIONS: len(both) == 2,
        Rule.DISPOSITIONS: len(dispositions) >= FEWEST_DISPOSITIONS,
        Rule.SHIFT: any(item.disposition in HARMLESS for item in pool),
        Rule.CONTRASTS: count > NEAREST_CONTRAST,
    }
    return tuple(rule for rule in Rule if may[rule])


def _ever_fewer(rules: Sequence[Rule]) -> Iterator[frozenset[Rule]]:
    for kept in range(len(rules), -1, -1):
        yield frozenset(rules[:kept])


class _Search:
    """A search in depth: one ticket after the other, in random order of what would fit, back where nothing does."""

    def __init__(
        self,
        pool: Sequence[Candidate],
        count: int,
        below: Below,
        earlier: Sequence[Candidate],
        rules: frozenset[Rule],
    ) -> None:
        self.pool = pool
        self.count = count
        self.below = below
        self.rules = rules
        self.earlier = len(earlier)
        self.line = list(earlier)
        self.taken: dict[int, int] = {}
        self.partners = _pair_contrasts(pool, below) if Rule.CONTRASTS in rules else {}
        self.steps = 0

    def run(self) -> tuple[Candidate, ...] | None:
        return tuple(self.line[self.earlier :]) if self._place(0) else None

    def _place(self, at: int) -> bool:
        if at == self.count:
            return not self._waiting() and self._is_fair_shift()
        if not self._has_enough_left(at):
            return False
        for number in self._choices(at):
            self.steps += 1
            if self.steps > MOST_STEPS:
                return False
            self.line.append(self.pool[number])
            self.taken[number] = at
            if self._run_holds() and self._place(at + 1):
                return True
            del self.taken[number]
            self.line.pop()
        return False

    def _choices(self, at: int) -> list[int]:
        """What may stand here: the partner whose time has come, else one of each kind, in random order."""
        due = [self.partners[number] for number, since in self._waiting() if at - since >= FARTHEST_CONTRAST]
        if due:
            return due if len(due) == 1 else []
        fitting = [number for number in self._left() if self._contrast_fits(number, at)]
        kinds: dict[tuple[bool, Disposition, bool], int] = {}
        for number in _shuffled(fitting, self.below):
            item = self.pool[number]
            kinds.setdefault((item.is_reversed, item.disposition, number in self.partners), number)
        return list(kinds.values())

    def _left(self) -> list[int]:
        return [number for number in range(len(self.pool)) if number not in self.taken]

    def _waiting(self) -> list[tuple[int, int]]:
        """Tickets given whose partner is not, with their places."""
        return [
            (number, at)
            for number, at in self.taken.items()
            if number in self.partners and self.partners[number] not in self.taken
        ]

    def _contrast_fits(self, number: int, at: int) -> bool:
        """Neither too near to its partner, nor begun where the partner would find no place."""
        partner = self.partners.get(number)
        if partner is None:
            return True
        if partner in self.taken:
            return at - self.taken[partner] >= NEAREST_CONTRAST
        return at + NEAREST_CONTRAST < self.count

    def _has_enough_left(self, at: int) -> bool:
        """Each run of six that is still to come needs its share of both directions, and partners need a place."""
        slots = self.count - at
        if len(self._waiting()) > slots:
            return False
        if Rule.DIRECTIONS not in self.rules:
            return True
        reverse = sum(self.pool[number].is_reversed for number in self._left())
        least = FEWEST_OF_A_DIRECTION * (slots // RUN)
        return min(reverse, len(self.pool) - len(self.taken) - reverse) >= least

    def _run_holds(self) -> bool:
        """Does the run that ends with the newest ticket keep the rules, or can it still?"""
        run = self.line[-RUN:]
        return all(holds(run) for rule, holds in RUN_RULES.items() if rule in self.rules)

    def _is_fair_shift(self) -> bool:
        """However short the line is."""
        order = self.line[self.earlier :]
        return Rule.SHIFT not in self.rules or not order or _more_harmless(order)


def _directions_hold(run: Sequence[Candidate]) -> bool:
    """Four at most of each direction in six make two at least of the other."""
    reverse = sum(item.is_reversed for item in run)
    return max(reverse, len(run) - reverse) <= MOST_OF_A_DIRECTION


def _dispositions_hold(run: Sequence[Candidate]) -> bool:
    return len({item.disposition for item in run}) + RUN - len(run) >= FEWEST_DISPOSITIONS


def _shift_holds(run: Sequence[Candidate]) -> bool:
    return len(run) < RUN or _more_harmless(run)


RUN_RULES: dict[Rule, Callable[[Sequence[Candidate]], bool]] = {
    Rule.DIRECTIONS: _directions_hold,
    Rule.DISPOSITIONS: _dispositions_hold,
    Rule.SHIFT: _shift_holds,
}


def _more_harmless(items: Sequence[Candidate]) -> bool:
    counts = Counter(item.disposition for item in items)
    return sum(counts[kind] for kind in HARMLESS) > counts[Disposition.TRUE_POSITIVE]


def _pair_contrasts(pool: Sequence[Candidate], below: Below) -> dict[int, int]:
    """Pairs that are a contrast, by their numbers in the pool, each in one pair at most."""
    partners: dict[int, int] = {}
    mixed = _shuffled(range(len(pool)), below)
    for place, one in enumerate(mixed):
        if one in partners:
            continue
        fitting = (
            other
            for other in mixed[place + 1 :]
            if other not in partners and pool[one].is_contrast_to(pool[other])
        )
        if (other := next(fitting, None)) is not None:
            partners[one], partners[other] = other, one
    return partners


def _shuffled(items: Sequence[int] | range, below: Below) -> list[int]:
    """Fisher and Yates."""
    mixed = list(items)
    for last in range(len(mixed) - 1, 0, -1):
        other = below(last + 1)
        mixed[last], mixed[other] = mixed[other], mixed[last]
    return mixed
