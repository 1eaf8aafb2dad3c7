"""From a claimed job to a stored grade: read, one pure call, one transaction."""

from __future__ import annotations

from django.db import transaction

from tickets.engine import describe, lesson
from tickets.grading import (
    Accepted,
    Answers,
    Criterion,
    Help,
    StepFeedback,
    check_step,
    grade_worksheet,
    read_accepted,
    read_answers,
    read_unmended,
    read_weights,
)
from tickets.grading import Grade as Graded
from tickets.models import AuditRecord, GradeJob, ScenarioVersion, Submission, Ticket
from tickets.models.truth import ScenarioKey
from tickets.tasks.errata import erratum_of
from tickets.tasks.gathering import Gathered
from tickets.tasks.jobs import JobError, finish
from tickets.tasks.runs import first_run, make_current
from tickets.tasks.shown import show_variant
from tickets.tasks.verdicts import Judged, current_verdict


def record_grade(job: GradeJob) -> None:
    """Grade the job's submission with the engine of today, once.

    A submission that has a grade keeps it: another comes only by a regrading. Raises LeaseLostError, JobError,
    or whatever the engine raises; then nothing was stored.
    """
    submission = Submission.objects.select_related(
        "ticket__variant__version", "ticket__variant__bundle", "ticket__item__assignment"
    ).get(pk=job.submission_id)
    erratum = erratum_of(submission.ticket)
    gathered = Gathered([submission.ticket.variant])
    judged = current_verdict(submission.ticket.variant, erratum, gathered)
    run = first_run(submission, grade_submission(submission, judged, erratum, gathered), judged, erratum)
    with transaction.atomic():
        finish(job)
        if submission.grades.exists():
            return
        make_current(run)
        AuditRecord.objects.record(
            "grade.recorded", run.grade, submission=str(submission.pk), sha256=run.grade.sha256
        )
        # Asked again now that the grade is written: a correction that was being applied made us wait for it.
        if erratum_of(submission.ticket) != erratum:
            raise JobError("The scenario was corrected meanwhile.")


def grade_submission(
    submission: Submission, judged: Judged, erratum: ScenarioVersion | None, gathered: Gathered
) -> Graded:
    """The pure call: the frozen worksheet held against a verdict and the accepted codes of the key that counts."""
    answers = _read_submitted(submission)
    variant = submission.ticket.variant
    version = erratum if erratum is not None else variant.version
    return grade_worksheet(
        answers,
        judged.verdict,
        _accepted(gathered.key(version)),
        describe=describe,
        lesson=lesson,
        shown=show_variant(variant, answers.evidence, gathered),
        weights=read_weights(version.weights),
        helps=_helps(submission.ticket),
    )


def _read_submitted(submission: Submission) -> Answers:
    if submission.is_at_deadline:
        return read_unmended(submission.answers)
    answers, problems = read_answers(submission.answers)
    if problems:
        # Submitting refuses such values, so this is a fault of ours.
        raise JobError(f"The submission's {problems[0].field} cannot be read.")
    return answers


def check_written_step(ticket: Ticket, step: str, answers: Answers) -> StepFeedback:
    """The pure call for one step of a draft, held against what its submission would be held against."""
    erratum = erratum_of(ticket)
    version = erratum if erratum is not None else ticket.variant.version
    gathered = Gathered([ticket.variant])
    return check_step(
        step,
        answers,
        current_verdict(ticket.variant, erratum, gathered).verdict,
        _accepted(gathered.key(version)),
        describe=describe,
        lesson=lesson,
        shown=show_variant(ticket.variant, answers.evidence, gathered),
        weights=read_weights(version.weights),
    )


def _helps(ticket: Ticket) -> tuple[Help, ...]:
    """The help that was had, at the price that was named. Nothing can be had any more once it is submitted."""
    checks = (
        Help(name=f"{check.get_step_display()} was checked", lines=tuple(map(Criterion, check.lines)))
        for check in ticket.step_checks.all()
    )
    hints = (
        Help(
            name=f"Hint {hint.level} was taken",
            lines=tuple(map(Criterion, hint.lines)),
            percent=hint.percent,
        )
        for hint in ticket.hints_taken.all()
    )
    return (*checks, *hints)


def _accepted(key: ScenarioKey | None) -> tuple[Accepted, ...]:
    return read_accepted(key.accepted) if key else ()
