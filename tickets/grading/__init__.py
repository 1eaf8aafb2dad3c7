"""Grading: a worksheet and a verdict give marks, wrong ideas and feedback. Pure; the same input, the same bytes."""

from tickets.grading.accepted import Accepted, read_accepted
from tickets.grading.answers import (
    Action,
    Answers,
    Confidence,
    FieldProblem,
    OutcomeAnswer,
    ReversedAnswer,
    answers_to_plain,
    read_answers,
    read_unmended,
)
from tickets.grading.assistance import HINT_LEVELS, Help, HintLevel, hinted_lines, most_points
from tickets.grading.cases import Misconception, Truth
from tickets.grading.criteria import Criterion, Line, TextLine
from tickets.grading.facts import Fact
from tickets.grading.feedback import LABELS
from tickets.grading.foreign import SPACES, Foreign, find_foreign
from tickets.grading.grade import grade_worksheet
from tickets.grading.key import Key, build_key
from tickets.grading.misconceptions import BY_CODE, MISCONCEPTIONS, possible_misconceptions
from tickets.grading.model import model_answers
from tickets.grading.plain import grade_to_plain
from tickets.grading.profiles import PROFILE_NAMES, WORDS, Profile, Words
from tickets.grading.prose import check_texts
from tickets.grading.results import (
    Arrow,
    CriterionMark,
    Grade,
    PathStep,
    Result,
    ShownMisconception,
    StepText,
    Strip,
    Unmarked,
)
from tickets.grading.rubric import MAX_PINS, is_missed_incident, max_points, usual_share
from tickets.grading.shown import Forwarding, Seen, Shown, read_forwarded, show_records
from tickets.grading.spellings import refang
from tickets.grading.steps import (
    ASKED_OF_STEP,
    FIELDS_OF_STEP,
    StepFeedback,
    assisted_by_check,
    check_step,
    feedback_to_plain,
)
from tickets.grading.weights import DEFAULT_WEIGHTS, Weights, read_weights

__all__ = [
    "ASKED_OF_STEP",
    "BY_CODE",
    "DEFAULT_WEIGHTS",
    "FIELDS_OF_STEP",
    "HINT_LEVELS",
    "LABELS",
    "MAX_PINS",
    "MISCONCEPTIONS",
    "PROFILE_NAMES",
    "SPACES",
    "WORDS",
    "Accepted",
    "Action",
    "Answers",
    "Arrow",
    "Confidence",
    "Criterion",
    "CriterionMark",
    "Fact",
    "FieldProblem",
    "Foreign",
    "Forwarding",
    "Grade",
    "Help",
    "HintLevel",
    "Key",
    "Line",
    "Misconception",
    "OutcomeAnswer",
    "PathStep",
    "Profile",
    "Result",
    "ReversedAnswer",
    "Seen",
    "Shown",
    "ShownMisconception",
    "StepFeedback",
    "StepText",
    "Strip",
    "TextLine",
    "Truth",
    "Unmarked",
    "Weights",
    "Words",
    "answers_to_plain",
    "assisted_by_check",
    "build_key",
    "check_step",
    "check_texts",
    "feedback_to_plain",
    "find_foreign",
    "grade_to_plain",
    "grade_worksheet",
    "hinted_lines",
    "is_missed_incident",
    "max_points",
    "model_answers",
    "most_points",
    "possible_misconceptions",
    "read_accepted",
    "read_answers",
    "read_forwarded",
    "read_unmended",
    "read_weights",
    "refang",
    "show_records",
    "usual_share",
]
