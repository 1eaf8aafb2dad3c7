"""X01: a worksheet that is wrong here and right for somebody else's evidence. A question to ask, never a proof.

Apart from the misconceptions: it says nothing about an idea, it depends on which other variants exist, and no grade
holds it. Only instructors see it, with how likely chance would do the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tickets.grading.criteria import Criterion

CODE = "X01"
Ends = Mapping[Criterion, str]

# What a guess is drawn from: the ports above the system's, and the hosts of a network of 16 bits. The second is less than
# there are addresses, so that a slip in one number is not called improbable.
PORTS = 65_536 - 1_024
HOSTS = 65_536
SPACES: Mapping[Criterion, int] = {
    Criterion.ORIGINATOR_IP: HOSTS,
    Criterion.ORIGINATOR_PORT: PORTS,
    Criterion.RESPONDER_IP: HOSTS,
    Criterion.RESPONDER_PORT: PORTS,
}


@dataclass(frozen=True, slots=True)
class Foreign:
    """What is another variant's truth: which one by its place among the others, which fields, and how probable it is
    that somebody who guesses hits one of them."""

    other: int
    criteria: tuple[Criterion, ...]
    chance: float


def find_foreign(given: Ends, expected: Ends, own: frozenset[str], others: Sequence[Ends]) -> Foreign | None:
    """The variant whose ends this worksheet names best; None where it names none that is not its own as well.

    `given` is what was written for the ends, `expected` the truth of those that are marked, `others` that of the other
    variants, all as canonical text. `own` are the addresses and ports that stand in the trainee's own evidence: who
    writes one of these may have read it there."""
    wrong = {c: said for c in SPACES if (said := _wrong(given, expected, c)) and said not in own}
    found = [_fields(wrong, other) for other in others]
    best = max(found, key=len, default=())
    if not best:
        return None
    return Foreign(found.index(best), best, _chance(best, others))


def _wrong(given: Ends, expected: Ends, criterion: Criterion) -> str:
    said = given.get(criterion, "")
    return said if criterion in expected and said != expected[criterion] else ""


def _fields(wrong: Ends, other: Ends) -> tuple[Criterion, ...]:
    return tuple(criterion for criterion, said in wrong.items() if other.get(criterion) == said)


def _chance(criteria: Iterable[Criterion], others: Sequence[Ends]) -> float:
    chance = 1.0
    for criterion in criteria:
        values = {other[criterion] for other in others if criterion in other}
        chance *= min(1.0, len(values) / SPACES[criterion])
    return chance
