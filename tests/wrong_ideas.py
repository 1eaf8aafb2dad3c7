"""Is each simulated trainee told the wrong idea that he holds, and nobody another? And how often is a guesser told one?

    python -m tests.wrong_ideas [VARIANTS]

Each idea's worksheets are written from its definition on VARIANTS variants (50) of the scenario files that give
occasion to it, in turn. Where two ideas write the same worksheet, it counts for the one that the library's stated
precedence puts first. Precision is over everything that was told to anybody."""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from math import exp, lgamma, log
from random import Random

from tests.guessers import Pool, chances, guesses, pool_of_ends, pool_of_evidence
from tests.quality.desks import SITTINGS, Desk
from tickets.grading import MISCONCEPTIONS, Grade
from tickets.quality.trainees import IDEAS

CODES = tuple(sorted(idea.code for idea in IDEAS))
PRECISION, RECALL, MANY_CONDITIONS = 0.99, 0.95, 0.05
SURPRISE = 0.001  # what a sample may do by itself
GUESSES = 20
Seat = tuple[str, int]  # the kind of variant, and its number


def owned_ideas(desk: Desk) -> tuple[str, ...]:
    """The ideas whose worksheets no idea before them writes as well."""
    owner: dict[str, str] = {}
    for misconception in MISCONCEPTIONS:
        written = desk.worksheets.get(misconception.code)
        if written is not None:
            owner.setdefault(repr(written), misconception.code)
    return tuple(sorted(owner.values()))


def seat_trainees(variants: int) -> Mapping[Seat, Sequence[str]]:
    """Who sits where: for each idea so many variants, in turn of every kind that gives occasion to it."""
    kinds: dict[str, list[str]] = defaultdict(list)
    for kind, sitting in SITTINGS.items():
        for code in owned_ideas(sitting(1)):
            kinds[code].append(kind)
    seats: dict[Seat, list[str]] = defaultdict(list)
    for code in sorted(kinds):
        places = ((kind, number) for number in count(1) for kind in kinds[code])
        for _, seat in zip(range(variants), places, strict=False):
            seats[seat].append(code)
    return seats


@dataclass
class Tally:
    """`held` worksheets by idea, `told` rightly; `wrongly` by the idea that was told; of guessers by idea, how many had
    an occasion, how many were told, and how many chance gives."""

    held: Counter[str] = field(default_factory=Counter)
    told: Counter[str] = field(default_factory=Counter)
    wrongly: Counter[str] = field(default_factory=Counter)
    kinds: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    guesses: Mapping[str, Guessed] = field(default_factory=lambda: defaultdict(Guessed))
    faults: list[str] = field(default_factory=list)

    def recall(self, code: str) -> float:
        return self.told[code] / self.held[code] if self.held[code] else 0.0

    def precision(self, code: str) -> float:
        said = self.told[code] + self.wrongly[code]
        return self.told[code] / said if said else 0.0


@dataclass
class Guessed:
    occasions: int = 0
    told: int = 0
    expected: float = 0.0
    conditions: int = 0

    @property
    def rate(self) -> float:
        return self.told / self.occasions if self.occasions else 0.0

    @property
    def chance(self) -> float:
        return self.expected / self.occasions if self.occasions else 0.0

    @property
    def is_fair(self) -> bool:
        """No more often than chance gives, but for the spread of a sample; and chance gives no more than one in twenty
        where two conditions must meet."""
        is_no_surprise = at_least(self.told, self.expected) >= SURPRISE
        return is_no_surprise and (self.conditions < 2 or self.chance <= MANY_CONDITIONS)


def at_least(told: int, expected: float) -> float:
    """The probability of so many or more where so many are expected, by Poisson's law, which allows a little more than
    many single guesses of small chances do."""
    return (
        1 - sum(exp(n * log(expected) - expected - lgamma(n + 1)) for n in range(told))
        if expected
        else told == 0
    )


POOLS = {"ends": pool_of_ends, "evidence": pool_of_evidence}


def measure(variants: int, guesses_each: int = GUESSES) -> Tally:
    """The whole measurement; the same every time."""
    tally, dice = Tally(), Random(7)
    for (kind, number), codes in sorted(seat_trainees(variants).items()):
        desk = SITTINGS[kind](number)
        for code in codes:
            if code in owned_ideas(desk):
                _hold(tally, desk, kind, number, code)
            else:
                tally.faults.append(f"{kind} {number} gives no occasion to {code}, as its siblings do")
        for name, pool_of in POOLS.items():
            _let_guess(tally, desk, name, pool_of(desk), dice, guesses_each)
    return tally


def _hold(tally: Tally, desk: Desk, kind: str, number: int, code: str) -> None:
    grade = desk.grade(desk.worksheets[code])
    criterion = next(idea.criterion for idea in IDEAS if idea.code == code)
    said = {line.criterion: line.misconception for line in grade.criteria}
    tally.held[code] += 1
    tally.kinds[code].add(kind)
    tally.told[code] += said.get(criterion) == code
    others = told_in(grade) - {code}
    tally.wrongly.update(others)
    if said.get(criterion) != code or others:
        tally.faults.append(
            f"{kind} {number}: who holds {code} is told {sorted(told_in(grade)) or 'nothing'}"
        )


def told_in(grade: Grade) -> set[str]:
    return {shown.code for shown in grade.misconceptions}


def _let_guess(tally: Tally, desk: Desk, name: str, pool: Pool, dice: Random, tries: int) -> None:
    of = chances(desk, pool)
    for answers in guesses(dice, desk, pool, tries):
        grade = desk.grade(answers)
        for code in grade.exposed:
            guessed, chance = tally.guesses[f"{code} {name}"], of[code]
            guessed.occasions += 1
            guessed.told += code in told_in(grade)
            guessed.expected += float(chance.rate)
            guessed.conditions = max(guessed.conditions, chance.conditions)


def tell_failures(tally: Tally) -> Iterator[str]:
    """What falls short of the bars."""
    for code in CODES:
        if tally.precision(code) < PRECISION:
            yield f"{code}: precision {tally.precision(code):.3f}"
        if tally.recall(code) < RECALL:
            yield f"{code}: recall {tally.recall(code):.3f}"
    for name, guessed in sorted(tally.guesses.items()):
        if not guessed.is_fair:
            yield f"{name}: {guessed.told} of {guessed.occasions} guessers are told, chance gives {guessed.expected:.3g}"


def report(tally: Tally) -> Iterator[str]:
    yield "idea  worksheets  kinds  recall  precision   conditions   guessers among the alert's ends   among all ends"
    for code in CODES:
        cells = [tally.guesses[f"{code} {name}"] for name in POOLS]
        told = "   ".join(f"{cell.rate:7.3f} of {cell.chance:6.3f} ({cell.occasions:5})" for cell in cells)
        yield (
            f"{code:<4}  {tally.held[code]:>10}  {len(tally.kinds[code]):>5}  {tally.recall(code):6.3f}  "
            f"{tally.precision(code):9.3f}   {cells[0].conditions:>10}   {told}"
        )
    held, right, wrong = tally.held.total(), tally.told.total(), tally.wrongly.total()
    yield f"all   {held:>10}         {right / held:6.3f}  {right / (right + wrong):9.3f}"
    yield from tally.faults


def main(arguments: Sequence[str]) -> int:
    tally = measure(int(arguments[0]) if arguments else 50)
    for line in report(tally):
        print(line)
    failures = list(tell_failures(tally))
    for line in failures:
        print(f"FAILED {line}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
