"""The automatic marks for the five texts: facts that are there and right. Nothing is ever taken away.

Whether the argument is good is an instructor's (0, 1 or 2 a step). These marks are apart from the worksheet's
total until a cohort asks for them, because a total may not change under trainees who were never told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from tickets.grading.rubric import CENT
from tickets.grading.texts.facts import TextContext
from tickets.grading.texts.needs import Need, needs_of
from tickets.grading.texts.reading import TextReading, read_text
from tickets.methodology import STEP_NAMES

# 15 of 100 points for facts in the texts (method.md 5), the same for each step.
TEXT_WEIGHTS: Mapping[str, Decimal] = dict.fromkeys(STEP_NAMES, Decimal(3))


@dataclass(frozen=True, slots=True, kw_only=True)
class TextMark:
    """One step's mark. `is_left_to_a_person` is a step that named more addresses than the ticket holds: it earns
    nothing here, and an instructor decides."""

    step: str
    points: Decimal
    max_points: Decimal
    held: tuple[Need, ...]
    reading: TextReading

    @property
    def missing(self) -> tuple[Need, ...]:
        return self.reading.missing

    @property
    def is_left_to_a_person(self) -> bool:
        return self.reading.is_left_to_a_person


def mark_texts(context: TextContext) -> tuple[TextMark, ...]:
    """The five steps of `context.answers`, marked against `context.key`. A step of which the key asks for nothing
    carries no points."""
    if context.key is None:
        raise ValueError("texts are marked against a key")
    return tuple(_mark(step, context) for step in STEP_NAMES)


def _mark(step: str, context: TextContext) -> TextMark:
    assert context.key is not None
    reading = read_text(step, context.answers.texts.get(step, ""), context)
    asked = needs_of(step, context.key)
    held = tuple(need for need in asked if need not in reading.missing)
    maximum = TEXT_WEIGHTS[step].quantize(CENT) if asked else Decimal("0.00")
    share = Decimal(len(held)) / len(asked) if asked else Decimal(0)
    points = (maximum * share).quantize(CENT, rounding=ROUND_HALF_UP)
    return TextMark(step=step, points=points, max_points=maximum, held=held, reading=reading)
