"""How much each line of the rubric carries. A scenario file may set other weights; these are the defaults.

Of 100: the facts 45, how the ticket is closed 20, facts in the texts 15, the instructor's judgement of the texts 20.
Without an instructor the first three are the whole, and the result says that the texts were not assessed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from math import isfinite

from tickets.grading.criteria import Criterion

TEXTS = "texts"
RUBRIC = "rubric"
MOST = Decimal(100)
_NAMES = frozenset(criterion.value for criterion in Criterion)


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """The points of each field; of each step's text, for its facts; and of each step, for an instructor to give."""

    fields: Mapping[Criterion, Decimal]
    text: Decimal
    rubric: Decimal


DEFAULT_WEIGHTS = Weights(
    fields={
        Criterion.REVERSED: Decimal(8),
        Criterion.ORIGINATOR_IP: Decimal(4),
        Criterion.ORIGINATOR_PORT: Decimal(4),
        Criterion.RESPONDER_IP: Decimal(4),
        Criterion.RESPONDER_PORT: Decimal(4),
        Criterion.PROTOCOL: Decimal(3),
        Criterion.OUTCOME: Decimal(8),
        Criterion.INTENT: Decimal(4),
        Criterion.DISPOSITION: Decimal(15),
        Criterion.REASON_CODE: Decimal(5),
        Criterion.EVIDENCE: Decimal(6),
    },
    text=Decimal(3),
    rubric=Decimal(4),
)


def read_weights(given: Mapping[str, object]) -> Weights:
    """Weights by name: a criterion, `texts` (each step's text), `rubric` (each step, by an instructor). What is not
    named keeps its default. ValueError for a name that is none, and for a weight out of bounds: a field weighs more
    than 0, and nothing more than 100."""
    fields = dict(DEFAULT_WEIGHTS.fields)
    rest = {TEXTS: DEFAULT_WEIGHTS.text, RUBRIC: DEFAULT_WEIGHTS.rubric}
    for name, number in given.items():
        weight = _weight(name, number)
        if name in rest:
            rest[name] = weight
        elif name not in _NAMES:
            raise ValueError(f"{name} is no line of the rubric.")
        elif not weight:
            raise ValueError(f"{name} must weigh something.")
        else:
            fields[Criterion(name)] = weight
    return Weights(fields=fields, text=rest[TEXTS], rubric=rest[RUBRIC])


def _weight(name: str, number: object) -> Decimal:
    is_number = isinstance(number, int | float) and not isinstance(number, bool) and isfinite(number)
    weight = Decimal(str(number)) if is_number else Decimal(-1)
    if not 0 <= weight <= MOST or weight != weight.quantize(Decimal("0.01")):
        raise ValueError(f"{name} must be a number from 0 to 100, with at most two decimals.")
    return weight
