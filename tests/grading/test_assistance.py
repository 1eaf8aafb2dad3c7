"""What help costs: the dearest hint on each field that it was about, of what the field earned."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from tests.grading.worlds import SEED_ACCEPTED, describe, lesson, make_seed_verdict, take_at_face_value
from tickets.grading import (
    DEFAULT_WEIGHTS,
    HINT_LEVELS,
    Answers,
    Criterion,
    Grade,
    Help,
    TextLine,
    build_key,
    grade_to_plain,
    grade_worksheet,
    hinted_lines,
    model_answers,
    most_points,
)
from tickets.models import hash_json
from tickets.skills import BY_CODE

DIRECTION = {"reversed", "originator_ip", "originator_port", "responder_ip", "responder_port"}
SECOND = Help(name="Hint 2 was taken", lines=(Criterion.OUTCOME, Criterion.EVIDENCE), percent=10)
THIRD = Help(name="Hint 3 was taken", lines=(Criterion.OUTCOME, Criterion.EVIDENCE), percent=50)
FREE = Help(name="Hint 1 was taken", lines=(Criterion.OUTCOME, Criterion.EVIDENCE), percent=0)


def right() -> Answers:
    return model_answers(build_key(make_seed_verdict(), SEED_ACCEPTED))


def graded(answers: Answers, *helps: Help) -> Grade:
    return grade_worksheet(
        answers, make_seed_verdict(), SEED_ACCEPTED, describe=describe, lesson=lesson, helps=helps
    )


def points(grade: Grade, criterion: Criterion) -> Decimal:
    return next(mark.points for mark in grade.criteria if mark.criterion is criterion)


def test_the_three_hints_cost_nothing_a_tenth_and_half() -> None:
    assert [level.percent for level in HINT_LEVELS] == [0, 10, 50]


def test_a_hint_is_about_the_fields_of_the_scenarios_skills_and_the_record() -> None:
    assert hinted_lines([BY_CODE["S07"]]) == (Criterion.OUTCOME, Criterion.EVIDENCE)


def test_a_hint_on_one_field_of_direction_is_one_on_all_of_them() -> None:
    assert set(hinted_lines([BY_CODE["S05"]])) == DIRECTION | {"evidence"}


def test_the_price_that_is_named_first_is_a_share_of_the_weights() -> None:
    assert most_points((Criterion.OUTCOME, Criterion.EVIDENCE), 10, DEFAULT_WEIGHTS) == Decimal("1.40")
    assert most_points((Criterion.OUTCOME, Criterion.EVIDENCE), 0, DEFAULT_WEIGHTS) == 0


def test_a_second_hint_takes_a_tenth_of_what_its_fields_earned_and_says_so() -> None:
    free, charged = graded(right()), graded(right(), SECOND)
    assert points(charged, Criterion.OUTCOME) == Decimal("7.20")
    assert free.points - charged.points == Decimal("1.40")
    assert charged.max_points == free.max_points
    told = {line.criterion: line.told for line in charged.helped}
    assert told[Criterion.OUTCOME] == "Hint 2 was taken: −0.80 of 8.00, 10 % of what this field earned."
    assert set(told) == {Criterion.OUTCOME, Criterion.EVIDENCE}


def test_the_dearest_hint_counts_and_not_the_sum() -> None:
    assert graded(right(), FREE, SECOND, THIRD).points == graded(right(), THIRD).points
    assert points(graded(right(), THIRD, SECOND), Criterion.OUTCOME) == Decimal("4.00")


def test_a_right_answer_with_a_hint_is_still_right() -> None:
    charged = graded(right(), THIRD)
    assert {mark.result.value for mark in charged.criteria if isinstance(mark.criterion, Criterion)} == {
        "correct"
    }


def test_who_earns_nothing_on_a_field_pays_nothing() -> None:
    wrong = replace(right(), outcome=None, evidence=())
    assert graded(wrong, THIRD).points == graded(wrong).points
    assert graded(wrong, THIRD).helped == ()


def test_a_free_hint_costs_nothing_but_is_help() -> None:
    charged = graded(right(), FREE)
    assert charged.points == graded(right()).points
    assert charged.helped == ()
    assert charged.assisted == (Criterion.OUTCOME, Criterion.EVIDENCE)


def test_no_help_leaves_no_trace() -> None:
    assert (graded(right()).helped, graded(right()).assisted) == ((), ())


def test_the_order_of_help_and_of_its_lines_changes_no_byte() -> None:
    turned = replace(THIRD, lines=tuple(reversed(tuple(THIRD.lines))))
    one, other = graded(right(), FREE, THIRD), graded(right(), turned, FREE)
    assert hash_json(grade_to_plain(one)) == hash_json(grade_to_plain(other))


@given(
    st.lists(
        st.builds(
            Help,
            name=st.sampled_from(["Hint 1 was taken", "Hint 3 was taken"]),
            lines=st.sets(st.sampled_from([*Criterion, *TextLine])),
            percent=st.integers(0, 100),
        ),
        max_size=4,
    ),
    st.booleans(),
)
def test_help_never_makes_a_mark_negative_nor_larger_and_the_sum_is_that_of_the_lines(
    helps: list[Help], is_right: bool
) -> None:
    answers = right() if is_right else take_at_face_value(right())
    free, charged = graded(answers), graded(answers, *helps)
    for before, after in zip(free.criteria, charged.criteria, strict=True):
        assert 0 <= after.points <= before.points
    assert charged.points == sum(mark.points for mark in charged.criteria)
    assert free.points - charged.points == sum(line.lost for line in charged.helped)
