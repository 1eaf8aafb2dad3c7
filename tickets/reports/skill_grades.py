"""Grades as the measures of skills read them: current ones of first attempts, oldest first, and the lines that tell of a
skill."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.db.models import Count, QuerySet
from django.db.models.fields.json import KeyTransform

from tickets.measures import Evidence, GradedTicket, Mark, evidence_of
from tickets.models import CriterionResult, Grade, Ticket
from tickets.skills import SKILLS

# The lines of a grade by which skills are judged; whether the alert was reversed says of which kind an answer was.
_OF_SKILLS = {"reversed", *(name for skill in SKILLS for name in skill.criteria)}


def grades_of(tickets: QuerySet[Ticket]) -> list[Any]:
    """The grades without what is wide in them, in one query: of the lesson only `assisted`, `exposed` and
    `misconceptions`, and `items` says how many scenarios the assignment sets."""
    ticket = "submission__ticket"
    version = f"{ticket}__variant__version"
    assignment = f"{ticket}__item__assignment"
    return list(
        Grade.objects.filter(is_current=True, submission__ticket__in=tickets.order_by().values("pk"))
        .select_related(assignment, f"{version}__scenario")
        .defer(
            "lesson",
            "submission__answers",
            *(
                f"{version}__{name}"
                for name in ("statement", "rule_text", "rule_reads", "weights", "headings")
            ),
        )
        .annotate(
            items=Count(f"{assignment}__items", distinct=True),
            **{name: KeyTransform(name, "lesson") for name in ("assisted", "exposed", "misconceptions")},
        )
        .order_by("submission__received_at", f"{ticket}__code")
    )


def marks_of(grades: Sequence[Grade]) -> dict[UUID, list[Mark]]:
    """Of each grade the lines that say something of a skill, in one query."""
    lines = CriterionResult.objects.filter(
        grade__in=[grade.pk for grade in grades], criterion__in=_OF_SKILLS
    ).order_by("position")
    marks: dict[UUID, list[Mark]] = defaultdict(list)
    for grade_id, *line in lines.values_list("grade_id", "criterion", "result", "expected"):
        marks[grade_id].append(Mark(*line))
    return marks


def evidence_by_skill(grades: Sequence[Any], marks: dict[UUID, list[Mark]]) -> dict[str, list[Evidence]]:
    """What the grades show of each skill, by its code; the tickets are named by their ids."""
    found: dict[str, list[Evidence]] = {skill.code: [] for skill in SKILLS}
    for grade in grades:
        graded = _graded_ticket(grade, marks[grade.pk])
        for skill in grade.submission.ticket.variant.version.skills_met:
            if evidence := evidence_of(graded, skill):
                found[skill.code].append(evidence)
    return found


def helped_by_skill(grades: Sequence[Any], marks: dict[UUID, list[Mark]]) -> dict[str, list[Evidence]]:
    """What they would show of each skill, had no help been taken for it: it is no evidence, and counted apart."""
    found: dict[str, list[Evidence]] = {skill.code: [] for skill in SKILLS}
    for grade in grades:
        graded = _graded_ticket(grade, marks[grade.pk])
        unhelped = replace(graded, assisted=frozenset())
        for skill in grade.submission.ticket.variant.version.skills_met:
            if evidence_of(graded, skill) is None and (evidence := evidence_of(unhelped, skill)):
                found[skill.code].append(evidence)
    return found


def _graded_ticket(grade: Any, marks: Sequence[Mark]) -> GradedTicket:
    """The grade as the measures read it, as `grades_of` brings it."""
    submission = grade.submission
    return GradedTicket(
        ticket=submission.ticket_id,
        at=submission.received_at,
        scenario=submission.ticket.variant.version.scenario.slug,
        is_mixed=grade.items > 1,
        marks=marks,
        confidence=submission.confidence,
        assisted=frozenset(grade.assisted or ()),
    )
