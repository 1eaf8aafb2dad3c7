"""Weights: the defaults add up to a hundred, a scenario may set its own, and nonsense is refused."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from tests.grading.worlds import make_seed_verdict, make_verdict, mark, points, swap
from tickets.engine import Reversed
from tickets.grading import (
    DEFAULT_WEIGHTS,
    Criterion,
    TextLine,
    build_key,
    model_answers,
    read_weights,
)
from tickets.methodology import STEP_NAMES


def test_facts_closing_texts_and_rubric_weigh_45_20_15_and_20() -> None:
    closing = (Criterion.DISPOSITION, Criterion.REASON_CODE)
    fields = DEFAULT_WEIGHTS.fields
    assert sum(weight for criterion, weight in fields.items() if criterion not in closing) == 45
    assert sum(fields[criterion] for criterion in closing) == 20
    assert DEFAULT_WEIGHTS.text * len(STEP_NAMES) == 15
    assert DEFAULT_WEIGHTS.rubric * len(STEP_NAMES) == 20


def test_a_scenario_sets_some_weights_and_the_rest_stay() -> None:
    weights = read_weights({"outcome": 12, "texts": 0, "rubric": 2.5})
    assert weights.fields[Criterion.OUTCOME] == 12
    assert weights.fields[Criterion.REVERSED] == 8
    grade = mark(model_answers(build_key(make_verdict())), make_verdict(), weights=weights)
    assert grade.points == grade.max_points == 65 + 4
    assert not any(isinstance(line.criterion, TextLine) for line in grade.criteria)
    assert {line.criterion for line in grade.unmarked} == set(TextLine)
    assert grade.rubric == Decimal("2.50")


@pytest.mark.parametrize("loss", [1, 3, 8, 40])
def test_one_direction_mistake_costs_sixty_percent_of_its_group_or_itself_whatever_it_weighs(
    loss: int,
) -> None:
    verdict = make_seed_verdict()
    answers = replace(swap(model_answers(build_key(verdict))), reversed=Reversed.NO)
    got = points(mark(answers, verdict, weights=read_weights({"reversed": loss})))
    group = ("reversed", "originator_ip", "originator_port", "responder_ip", "responder_port")
    whole = loss + 16
    assert whole - sum(got[name] for name in group) == max(whole * Decimal("0.6"), loss)


@pytest.mark.parametrize(
    "given",
    [
        {"outcome": 0},
        {"outcome": -1},
        {"outcome": 101},
        {"outcome": 1.005},
        {"outcome": "8"},
        {"outcome": True},
        {"outcome": float("nan")},
        {"texts": float("inf")},
        {"colour": 3},
    ],
)
def test_a_weight_that_is_none_is_refused_by_name(given: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(iter(given))):
        read_weights(given)
