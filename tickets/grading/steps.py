"""One step of a worksheet checked before the others are done, by the same marking as the whole.

Which fields belong to which step is told here. All of direction belongs to one: the mark of one of its fields tells
the rest. A step is checked after those before it, because what is told of it may rest on them; nothing that a later
step asks for is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tickets.engine import Verdict
from tickets.grading.accepted import Accepted
from tickets.grading.answers import Answers
from tickets.grading.criteria import Criterion
from tickets.grading.feedback import Describe, Lesson
from tickets.grading.grade import grade_worksheet
from tickets.grading.key import build_key
from tickets.grading.prose import text_context
from tickets.grading.results import CriterionMark, Unmarked
from tickets.grading.rubric import DIRECTION
from tickets.grading.shown import NOTHING_SHOWN, Shown
from tickets.grading.texts import CRITERION_OF, Need, mark_texts
from tickets.grading.texts.telling import NEED_WORDS
from tickets.grading.weights import DEFAULT_WEIGHTS, Weights
from tickets.methodology import STEP_NAMES

FIELDS_OF_STEP: Mapping[str, tuple[Criterion, ...]] = {
    "reason": (),
    "supporting_evidence": (*DIRECTION, Criterion.PROTOCOL),
    "analysis": (Criterion.OUTCOME, Criterion.INTENT, Criterion.EVIDENCE),
    "conclusion": (Criterion.DISPOSITION, Criterion.REASON_CODE),
    "next_steps": (),
}
# What has to be answered before the step is done. Addresses and ports may rightly stay open, and so may the pins.
ASKED_OF_STEP: Mapping[str, tuple[Criterion, ...]] = {
    "supporting_evidence": (Criterion.REVERSED, Criterion.PROTOCOL),
    "analysis": (Criterion.OUTCOME, Criterion.INTENT),
    "conclusion": (Criterion.DISPOSITION, Criterion.REASON_CODE),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StepFeedback:
    """What is told of one step: its fields' marks, those that are not marked here, and what its text says and lacks."""

    marks: tuple[CriterionMark, ...]
    unmarked: tuple[Unmarked, ...]
    says: tuple[str, ...]
    lacks: tuple[str, ...]


def assisted_by_check(step: str) -> tuple[Criterion, ...]:
    """The fields that are no evidence of a skill once the step was checked: its own, and what cites their records."""
    fields = FIELDS_OF_STEP[step]
    return tuple(line for line in Criterion if line in fields or (fields and line is Criterion.EVIDENCE))


def check_step(
    step: str,
    answers: Answers,
    verdict: Verdict,
    accepted: Sequence[Accepted] = (),
    *,
    describe: Describe,
    lesson: Lesson,
    shown: Shown = NOTHING_SHOWN,
    weights: Weights = DEFAULT_WEIGHTS,
) -> StepFeedback:
    """The feedback of one step of a worksheet as far as it is written; the arguments are those of `grade_worksheet`."""
    grade = grade_worksheet(
        answers, verdict, accepted, describe=describe, lesson=lesson, shown=shown, weights=weights
    )
    key = build_key(verdict, accepted, weights)
    text = next(mark for mark in mark_texts(text_context(answers, key, verdict, shown)) if mark.step == step)
    fields = FIELDS_OF_STEP[step]
    return StepFeedback(
        marks=tuple(mark for mark in grade.criteria if mark.criterion in fields),
        unmarked=tuple(line for line in grade.unmarked if line.criterion in fields),
        says=_words(step, text.held),
        lacks=() if text.is_left_to_a_person else _words(step, text.missing),
    )


def _words(step: str, needs: Sequence[Need]) -> tuple[str, ...]:
    """Without what a later step asks for: that it is missing would say that it is wrong."""
    later = [field for name in STEP_NAMES[STEP_NAMES.index(step) + 1 :] for field in FIELDS_OF_STEP[name]]
    return tuple(NEED_WORDS[need] for need in needs if CRITERION_OF.get(need) not in later)


def feedback_to_plain(feedback: StepFeedback) -> dict[str, object]:
    """The feedback as JSON-ready values. Points stay out: the ticket is marked when it is submitted."""
    return {
        "lines": [
            {
                "criterion": mark.criterion.value,
                "label": mark.label,
                "given": mark.given,
                "expected": mark.expected,
                "result": mark.result.value,
                "explanation": mark.explanation,
                "rule": mark.rule,
                "next_time": mark.next_time,
                "records": [str(record) for record in mark.records],
            }
            for mark in feedback.marks
        ],
        "unmarked": [{"label": line.label, "reason": line.reason} for line in feedback.unmarked],
        "says": list(feedback.says),
        "lacks": list(feedback.lacks),
    }
