"""A grade as JSON-ready values, in a fixed order: the same grade, the same bytes."""

from __future__ import annotations

from tickets.grading.answers import answers_to_plain
from tickets.grading.results import Arrow, CriterionMark, Grade, StepText, Strip


def grade_to_plain(grade: Grade) -> dict[str, object]:
    """The grade as JSON-ready values in a fixed order: marks are numbers with at most two decimals,
    records are texts `<file>:<number>`."""
    return {
        "points": float(grade.points),
        "max_points": float(grade.max_points),
        "criteria": [_mark_to_plain(mark) for mark in grade.criteria],
        "unmarked": [
            {"criterion": line.criterion.value, "label": line.label, "reason": line.reason}
            for line in grade.unmarked
        ],
        "misconceptions": [
            {
                "code": idea.code,
                "name": idea.name,
                "text": idea.text,
                "criteria": [c.value for c in idea.criteria],
            }
            for idea in grade.misconceptions
        ],
        "exposed": list(grade.exposed),
        "confidence": grade.confidence,
        "strip": _strip_to_plain(grade.strip),
        "path": [
            {
                "claim": step.claim.value,
                "value": step.value,
                "sentence": step.sentence,
                "supports": step.supports,
                "records": [str(record) for record in step.records],
                "rule": step.rule,
            }
            for step in grade.path
        ],
        "proofs": {proof.claim.value: [str(record) for record in proof.records] for proof in grade.proofs},
        "model": answers_to_plain(grade.model),
        "texts": [_text_to_plain(text) for text in grade.texts],
        "rubric": float(grade.rubric),
        "helped": [
            {"criterion": line.criterion.value, "lost": float(line.lost), "told": line.told}
            for line in grade.helped
        ],
        "assisted": [line.value for line in grade.assisted],
        "engine_version": grade.engine_version,
    }


def _mark_to_plain(mark: CriterionMark) -> dict[str, object]:
    return {
        "criterion": mark.criterion.value,
        "label": mark.label,
        "given": mark.given,
        "expected": mark.expected,
        "result": mark.result.value,
        "points": float(mark.points),
        "max_points": float(mark.max_points),
        "misconception": mark.misconception,
        "follows": mark.follows,
        "explanation": mark.explanation,
        "rule": mark.rule,
        "next_time": mark.next_time,
        "records": [str(record) for record in mark.records],
    }


def _strip_to_plain(strip: Strip) -> dict[str, object]:
    def arrow(drawn: Arrow) -> dict[str, str]:
        return {"tail": drawn.tail, "head": drawn.head}

    return {
        "alert": arrow(strip.alert),
        "trainee": arrow(strip.trainee),
        "truth": None if strip.truth is None else arrow(strip.truth),
        "sentence": strip.sentence,
        "record": None if strip.record is None else str(strip.record),
    }


def _text_to_plain(text: StepText) -> dict[str, object]:
    return {
        "step": text.step,
        "read": list(text.read),
        "missing": list(text.missing),
        "checks": list(text.checks),
        "against": list(text.against),
        "unread": list(text.unread),
        "is_left_to_a_person": text.is_left_to_a_person,
    }
