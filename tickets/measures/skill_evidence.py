"""What one graded ticket says about one skill: right, not right, or nothing (assessment.md, 5)."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from tickets.measures.mastery import Evidence
from tickets.skills import CONFIDENCE_SKILL, Skill

CORRECT = "correct"
SURE = 3  # the trainee's word for "more than 80 %"

# What is right for these depends on whether the alert is reversed: who copies the alert's columns into
# the worksheet is right on every alert that is not.
_BY_DIRECTION = frozenset({"reversed", "originator_ip", "originator_port", "responder_ip", "responder_port"})
# What is pinned has no kinds: there is no one answer that fits many tickets.
_WITHOUT_KIND = frozenset({"evidence"})


class Mark(NamedTuple):
    """One line of a grade."""

    criterion: str
    result: str
    expected: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GradedTicket:
    """A graded first attempt. `assisted` are the criteria for which a hint was taken; `is_mixed` says that the
    assignment sets more than one scenario, so that the one before does not tell the next."""

    ticket: Hashable
    at: datetime
    scenario: str
    is_mixed: bool
    marks: Sequence[Mark]
    confidence: int | None = None
    assisted: frozenset[str] = frozenset()


def evidence_of(graded: GradedTicket, skill: Skill) -> Evidence | None:
    """The evidence of the skill in this ticket; None where there is none.

    No evidence: a criterion that is not marked here, or for which a hint was taken. Where two criteria belong
    to the skill, both must be right. A blank is not right: who does not answer has not shown it.

    Nor is an answer right that only follows from another mistake, though it costs few marks. To leave such
    answers out would keep the lucky half: who tosses a coin over the direction and fills in the endpoints to
    match would be right in nearly all that is left, and more than half of such guessers would be "mastered"
    in the service port within twenty tickets."""
    if skill.code == CONFIDENCE_SKILL and graded.confidence != SURE:
        return None
    own = [
        mark
        for mark in graded.marks
        if mark.criterion in skill.criteria and mark.criterion not in graded.assisted
    ]
    if not own:
        return None
    return Evidence(
        ticket=graded.ticket,
        at=graded.at,
        is_right=all(mark.result == CORRECT for mark in own),
        kind=_kind(graded.marks, own),
        scenario=graded.scenario,
        is_mixed=graded.is_mixed,
    )


def _kind(marks: Sequence[Mark], own: Sequence[Mark]) -> str:
    """The class of the right answer, "" where the skill has no classes."""
    named = [mark for mark in own if mark.criterion not in _WITHOUT_KIND]
    if not named:
        return ""
    if all(mark.criterion in _BY_DIRECTION for mark in named):
        return next((mark.expected for mark in marks if mark.criterion == "reversed"), "")
    return " ".join(mark.expected for mark in named)
