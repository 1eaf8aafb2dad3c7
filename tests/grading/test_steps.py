"""One step checked before the rest: the same marks, and nothing of what a later step asks for."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from tests.grading.worlds import (
    SEED_ACCEPTED,
    describe,
    lesson,
    make_seed_verdict,
    mark,
    take_at_face_value,
)
from tickets.grading import (
    FIELDS_OF_STEP,
    Answers,
    Criterion,
    StepFeedback,
    assisted_by_check,
    build_key,
    check_step,
    feedback_to_plain,
    model_answers,
)
from tickets.grading.rubric import DIRECTION
from tickets.methodology import STEP_NAMES


def right() -> Answers:
    return model_answers(build_key(make_seed_verdict(), SEED_ACCEPTED))


def checked(step: str, answers: Answers) -> StepFeedback:
    return check_step(step, answers, make_seed_verdict(), SEED_ACCEPTED, describe=describe, lesson=lesson)


def test_every_field_belongs_to_just_one_step() -> None:
    fields = [field for step in STEP_NAMES for field in FIELDS_OF_STEP[step]]
    assert sorted(fields) == sorted(Criterion)


def test_all_of_direction_belongs_to_one_step_because_one_of_its_marks_tells_the_rest() -> None:
    assert any(set(DIRECTION) <= set(fields) for fields in FIELDS_OF_STEP.values())


@pytest.mark.parametrize("step", STEP_NAMES)
def test_a_step_is_told_just_what_the_whole_grade_tells_of_its_fields(step: str) -> None:
    answers = take_at_face_value(right())
    whole = {line.criterion: line for line in mark(answers, make_seed_verdict(), SEED_ACCEPTED).criteria}
    told = checked(step, answers)
    assert {line.criterion for line in told.marks} == {
        field for field in FIELDS_OF_STEP[step] if field in whole
    }
    assert all(line == whole[line.criterion] for line in told.marks)


@pytest.mark.parametrize("step", ["reason", "next_steps"])
def test_a_step_without_fields_tells_only_what_was_read_of_its_text(step: str) -> None:
    told = checked(step, take_at_face_value(right()))
    assert (told.marks, told.unmarked, assisted_by_check(step)) == ((), (), ())


def test_the_second_step_says_nothing_of_the_outcome_that_the_third_asks_for() -> None:
    for outcome in ("established", "refused"):
        text = f"10.20.30.40:3932 connected to 203.0.113.80:80 over TCP, and it was {outcome}."
        answers = replace(right(), texts={"supporting_evidence": text})
        told = json.dumps(feedback_to_plain(checked("supporting_evidence", answers)))
        assert "the outcome" not in told
        assert "established" not in told


@pytest.mark.parametrize("step", STEP_NAMES)
def test_no_step_tells_the_key_of_a_later_one(step: str) -> None:
    """Right in this step and those before it, wrong after: what is told does not depend on what comes later."""
    later = [field for name in STEP_NAMES[STEP_NAMES.index(step) + 1 :] for field in FIELDS_OF_STEP[name]]
    blank: dict[str, Any] = {field.value: None for field in later if field is not Criterion.EVIDENCE}
    without = replace(right(), **blank)
    assert feedback_to_plain(checked(step, without)) == feedback_to_plain(checked(step, right()))


def test_a_checked_step_is_no_evidence_for_its_fields_and_for_citing_their_records() -> None:
    assert assisted_by_check("conclusion") == (
        Criterion.DISPOSITION,
        Criterion.REASON_CODE,
        Criterion.EVIDENCE,
    )


def test_the_same_draft_gives_the_same_bytes() -> None:
    assert json.dumps(feedback_to_plain(checked("analysis", right()))) == json.dumps(
        feedback_to_plain(checked("analysis", right()))
    )
