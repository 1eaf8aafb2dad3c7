"""From a claimed job to a stored grade: read, one pure call, one transaction."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from tickets.engine import describe, lesson
from tickets.grading import (
    Accepted,
    CriterionMark,
    grade_to_plain,
    grade_worksheet,
    read_accepted,
    read_answers,
)
from tickets.grading import Grade as Graded
from tickets.models import AuditRecord, CriterionResult, Grade, GradeJob, Submission, hash_json
from tickets.models.truth import ScenarioKey
from tickets.tasks.jobs import JobError, finish
from tickets.tasks.verdicts import Judged, current_verdict

# What the result page draws, and no column holds.
LESSON_PARTS = ("strip", "path", "unmarked", "misconceptions", "exposed", "confidence")


def record_grade(job: GradeJob) -> None:
    """Grade the job's submission with the engine of today, once.

    A submission that has a grade of this engine version keeps it. Raises LeaseLostError, JobError, or
    whatever the engine raises; then nothing was stored.
    """
    submission = Submission.objects.select_related("ticket__variant__version").get(pk=job.submission_id)
    judged = current_verdict(submission.ticket.variant)
    graded = _grade(submission, judged)
    with transaction.atomic():
        finish(job)
        if not Grade.objects.filter(submission=submission, engine_version=graded.engine_version).exists():
            _store(submission, graded, judged)


def _grade(submission: Submission, judged: Judged) -> Graded:
    answers, problems = read_answers(submission.answers)
    if problems:
        # Submitting refuses such values, so this is a fault of ours.
        raise JobError(f"The submission's {problems[0].field} cannot be read.")
    accepted = _accepted(submission.ticket.variant.version_id)
    return grade_worksheet(answers, judged.verdict, accepted, describe=describe, lesson=lesson)


def _accepted(version_id: uuid.UUID) -> tuple[Accepted, ...]:
    key = ScenarioKey.objects.filter(version=version_id).first()
    return read_accepted(key.accepted) if key else ()


def _store(submission: Submission, graded: Graded, judged: Judged) -> None:
    plain = grade_to_plain(graded)
    submission.grades.filter(is_current=True).update(is_current=False)
    grade = Grade.objects.create(
        submission=submission,
        engine_version=graded.engine_version,
        points=graded.points,
        max_points=graded.max_points,
        lesson={part: plain[part] for part in LESSON_PARTS},
        verdict_sha256=judged.sha256,
        sha256=hash_json(plain),
        graded_at=timezone.now(),
    )
    CriterionResult.objects.bulk_create(_rows(grade, graded.criteria))
    AuditRecord.objects.record("grade.recorded", grade, submission=str(submission.pk), sha256=grade.sha256)


def _rows(grade: Grade, marks: Iterable[CriterionMark]) -> list[CriterionResult]:
    return [
        CriterionResult(
            grade=grade,
            position=position,
            criterion=mark.criterion.value,
            label=mark.label,
            result=mark.result.value,
            given=mark.given,
            expected=mark.expected,
            points=mark.points,
            max_points=mark.max_points,
            misconception=mark.misconception,
            follows=mark.follows,
            explanation=mark.explanation,
            rule=mark.rule,
            next_time=mark.next_time,
            records=[str(record) for record in mark.records],
        )
        for position, mark in enumerate(marks, start=1)
    ]
