"""How worksheets are marked, for everybody who is: the weights, the matrix of dispositions, and the words for closing.

All of it is computed by the rules that grading follows. It is the same for every ticket, so it tells of none."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext

from tickets.engine import Disposition, ReasonCode
from tickets.grading import (
    DEFAULT_WEIGHTS,
    LABELS,
    MAX_PINS,
    WORDS,
    Criterion,
    Words,
    is_missed_incident,
    usual_share,
)
from tickets.methodology import LEVELS, STEPS

CLOSING = (Criterion.DISPOSITION, Criterion.REASON_CODE)


@dataclass(frozen=True, slots=True)
class Weight:
    label: str
    points: Decimal


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the hundred."""

    name: str
    lines: list[Weight]

    @property
    def points(self) -> Decimal:
        return sum((line.points for line in self.lines), Decimal(0))


@dataclass(frozen=True, slots=True)
class Cell:
    """What a disposition earns where another, or the same, is right."""

    given: Disposition
    percent: int
    is_missed: bool


@dataclass(frozen=True, slots=True)
class Matrix:
    parts: list[Part]
    dispositions: list[Disposition]
    rows: list[tuple[Disposition, list[Cell]]]
    codes: list[ReasonCode]
    words: list[Words]
    levels: list[tuple[str, tuple[str, str, str]]]
    most_pins: int


def read_matrix() -> Matrix:
    every = list(Disposition)
    return Matrix(
        parts=_parts(),
        dispositions=every,
        rows=[(truth, [_cell(truth, given) for given in every]) for truth in every],
        codes=list(ReasonCode),
        words=list(WORDS.values()),
        levels=[(step.title, LEVELS[step.name]) for step in STEPS],
        most_pins=MAX_PINS,
    )


def _parts() -> list[Part]:
    fields = DEFAULT_WEIGHTS.fields
    facts = [Weight(LABELS[c], weight) for c, weight in fields.items() if c not in CLOSING]
    closing = [Weight(LABELS[c], fields[c]) for c in CLOSING]
    texts = [Weight(step.title, DEFAULT_WEIGHTS.text) for step in STEPS]
    rubric = [Weight(step.title, DEFAULT_WEIGHTS.rubric) for step in STEPS]
    return [
        Part(gettext("Facts"), facts),
        Part(gettext("How the ticket is closed"), closing),
        Part(gettext("Facts in the texts, read by machine"), texts),
        Part(gettext("The texts as an argument, judged by an instructor"), rubric),
    ]


def _cell(truth: Disposition, given: Disposition) -> Cell:
    return Cell(given, round(100 * usual_share(truth, given)), is_missed_incident(truth, given))
