"""What a grade is made of: the lines of the rubric, wrong ideas, the three arrows, the worked path, the texts as read."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from tickets.engine import Claim, Location
from tickets.grading.answers import Answers
from tickets.grading.criteria import Line
from tickets.grading.facts import Proof


class Result(StrEnum):
    """Correct is full marks, wrong and blank are none, partial is between."""

    CORRECT = "correct"
    PARTIAL = "partial"
    WRONG = "wrong"
    BLANK = "blank"


def result_of(given: str, share: Decimal) -> Result:
    if not given:
        return Result.BLANK
    if share == 1:
        return Result.CORRECT
    return Result.PARTIAL if share else Result.WRONG


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionMark:
    """One line of the rubric. `points` and `max_points` are in hundredths; `misconception` is a code or "";
    `follows` the criterion whose mistake this one follows from, or "". Of a text, `given` and `expected` name the
    facts that were read and asked for."""

    criterion: Line
    label: str
    given: str
    expected: str
    result: Result
    points: Decimal
    max_points: Decimal
    misconception: str
    follows: str
    explanation: str
    rule: str
    next_time: str
    records: tuple[Location, ...]


@dataclass(frozen=True, slots=True)
class Unmarked:
    """A criterion that carries no marks in this variant, and why."""

    criterion: Line
    label: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownMisconception:
    """A wrong idea that cost marks, and where."""

    code: str
    name: str
    text: str
    criteria: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class HelpedLine:
    """What help cost on one line, in points, and the sentence that says so."""

    criterion: Line
    lost: Decimal
    told: str


@dataclass(frozen=True, slots=True)
class Arrow:
    """One account of the direction, from the side said to have acted to the other; "" where not said."""

    tail: str
    head: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip:
    """The alert's arrow, the trainee's and the true one (None where it cannot be known), and the record
    that decides between them."""

    alert: Arrow
    trainee: Arrow
    truth: Arrow | None
    sentence: str
    record: Location | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PathStep:
    """One step of the worked path. `supports` is False for a fact that speaks against the conclusion; `rule` is the
    general rule behind the fact, "" where it has none."""

    claim: Claim
    value: str
    sentence: str
    supports: bool
    records: tuple[Location, ...]
    rule: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepText:
    """What was read of one step's text, in words. `checks` are contradictions with the trainee's own fields, to look at
    and no more; `against` those with the records; `unread` says why parts were not read."""

    step: str
    read: tuple[str, ...]
    missing: tuple[str, ...]
    checks: tuple[str, ...]
    against: tuple[str, ...]
    unread: tuple[str, ...]
    is_left_to_a_person: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Grade:
    """The whole result. `exposed` are the codes that this variant could have shown; `rubric` the points that an
    instructor can give for each step's text, beside `max_points`. `proofs` are the records of which each one decides
    its claim, `model` is the worksheet that would have earned every mark. `helped` says where help cost marks, `assisted`
    names the lines on which it was had at all."""

    engine_version: str
    points: Decimal
    max_points: Decimal
    criteria: tuple[CriterionMark, ...]
    unmarked: tuple[Unmarked, ...]
    misconceptions: tuple[ShownMisconception, ...]
    exposed: tuple[str, ...]
    confidence: int | None
    strip: Strip
    path: tuple[PathStep, ...]
    proofs: tuple[Proof, ...]
    model: Answers
    texts: tuple[StepText, ...]
    rubric: Decimal
    helped: tuple[HelpedLine, ...]
    assisted: tuple[Line, ...]
