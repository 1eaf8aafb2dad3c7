"""Help that a trainee had while working: hints, and steps that were checked. What it was about, and what it costs.

Three hints a ticket (design: assessment, section 6): where to look is free, what to compare costs a tenth of what the
fields earn that it is about, the deciding record half. The dearest counts, not the sum. Who earns nothing on a field pays nothing.
A field with help is no evidence of a skill, right or wrong, so that asking is safe."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal

from tickets.grading.criteria import Criterion, Line
from tickets.grading.results import CriterionMark, HelpedLine
from tickets.grading.rubric import CENT, DIRECTION
from tickets.grading.weights import Weights
from tickets.skills import Skill


@dataclass(frozen=True, slots=True)
class HintLevel:
    """`percent` of what each field earns that the hint is about."""

    number: int
    title: str
    percent: int


HINT_LEVELS = (
    HintLevel(1, "Where to look", 0),
    HintLevel(2, "What to compare", 10),
    HintLevel(3, "The record that decides", 50),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Help:
    """One piece of help: `name` as the grade calls it ("Hint 2 was taken"), the lines that it was about, its price."""

    name: str
    lines: Collection[Line]
    percent: int = 0


def hinted_lines(skills: Iterable[Skill]) -> tuple[Criterion, ...]:
    """What a ticket's hints are about: the fields by which its scenario shows its skills, and the evidence, because
    each hint leads to a record. The fields of direction belong together: who has one has all."""
    named = {name for skill in skills for name in skill.criteria}
    if not named.isdisjoint(DIRECTION):
        named.update(DIRECTION)
    return tuple(line for line in Criterion if line in named or line is Criterion.EVIDENCE)


def most_points(lines: Iterable[Criterion], percent: int, weights: Weights) -> Decimal:
    """What a hint can cost at most. From the weights alone: what is not marked in a variant is part of its truth."""
    whole = sum((weights.fields[line] for line in lines), Decimal(0))
    return (whole * percent / 100).quantize(CENT, rounding=ROUND_HALF_UP)


def charge(
    marks: Sequence[CriterionMark], helps: Sequence[Help]
) -> tuple[tuple[CriterionMark, ...], tuple[HelpedLine, ...]]:
    """The marks less what help costs, and where it cost something. A right answer stays right: it earns less."""
    dearest: Mapping[Line, Help] = {
        line: help_ for help_ in sorted(helps, key=_price) for line in help_.lines
    }
    charged = [_charge(mark, dearest.get(mark.criterion)) for mark in marks]
    return tuple(mark for mark, _ in charged), tuple(cost for _, cost in charged if cost is not None)


def assisted_lines(helps: Iterable[Help]) -> tuple[Criterion, ...]:
    """The fields that are no evidence of a skill any more, in the rubric's order."""
    helped = {line for help_ in helps for line in help_.lines}
    return tuple(line for line in Criterion if line in helped)


def _price(help_: Help) -> tuple[int, str]:
    return help_.percent, help_.name


def _charge(mark: CriterionMark, help_: Help | None) -> tuple[CriterionMark, HelpedLine | None]:
    if help_ is None:
        return mark, None
    lost = (mark.points * help_.percent / 100).quantize(CENT, rounding=ROUND_HALF_UP)
    if not lost:
        return mark, None
    told = f"{help_.name}: −{lost} of {mark.points}, {help_.percent} % of what this field earned."
    return replace(mark, points=mark.points - lost), HelpedLine(mark.criterion, lost, told)
