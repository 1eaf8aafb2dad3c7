"""The automatic marks for the five texts: facts that are there and right. Nothing is ever taken away.

Whether the argument is good is an instructor's (0, 1 or 2 a step)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from tickets.grading.rubric import CENT
from tickets.grading.texts.facts import TextContext
from tickets.grading.texts.needs import Need, needs_of
from tickets.grading.texts.reading import TextReading, read_text
from tickets.methodology import STEP_NAMES


@dataclass(frozen=True, slots=True, kw_only=True)
class TextMark:
    """One step's mark. `is_left_to_a_person` is a step that named more addresses than the ticket holds: it earns
    nothing here, and an instructor decides."""

    step: str
    text: str
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
    text = context.answers.texts.get(step, "")
    reading = read_text(step, text, context)
    asked = needs_of(step, context.key)
    held = tuple(need for need in asked if need not in reading.missing)
    maximum = context.key.weights.text.quantize(CENT) if asked else Decimal("0.00")
    share = Decimal(len(held)) / len(asked) if asked else Decimal(0)
    points = (maximum * share).quantize(CENT, rounding=ROUND_HALF_UP)
    return TextMark(step=step, text=text, points=points, max_points=maximum, held=held, reading=reading)
