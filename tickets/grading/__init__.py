"""Grading: a worksheet and a verdict give marks, wrong ideas and feedback. Pure; the same input, the same bytes."""

from tickets.grading.answers import (
    Answers,
    Confidence,
    FieldProblem,
    OutcomeAnswer,
    ReversedAnswer,
    answers_to_plain,
    read_answers,
)
from tickets.grading.feedback import LABELS
from tickets.grading.grade import (
    Arrow,
    CriterionMark,
    Grade,
    PathStep,
    Result,
    ShownMisconception,
    Strip,
    Unmarked,
    grade_to_plain,
    grade_worksheet,
)
from tickets.grading.key import Accepted, Criterion, Fact, Key, build_key, model_answers, read_accepted
from tickets.grading.misconceptions import BY_CODE, MISCONCEPTIONS, Misconception, possible_misconceptions
from tickets.grading.rubric import MAX_PINS, WEIGHTS, max_points
from tickets.grading.spellings import refang

__all__ = [
    "BY_CODE",
    "LABELS",
    "MAX_PINS",
    "MISCONCEPTIONS",
    "WEIGHTS",
    "Accepted",
    "Answers",
    "Arrow",
    "Confidence",
    "Criterion",
    "CriterionMark",
    "Fact",
    "FieldProblem",
    "Grade",
    "Key",
    "Misconception",
    "OutcomeAnswer",
    "PathStep",
    "Result",
    "ReversedAnswer",
    "ShownMisconception",
    "Strip",
    "Unmarked",
    "answers_to_plain",
    "build_key",
    "grade_to_plain",
    "grade_worksheet",
    "max_points",
    "model_answers",
    "possible_misconceptions",
    "read_accepted",
    "read_answers",
    "refang",
]
