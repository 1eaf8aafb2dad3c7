"""Checking one step of a coached ticket: one row, once, with what was told.

The check is made within the request. Grading is left to workers because it may have to read evidence, which takes
as long as the evidence is large; a check only makes the pure call on a verdict that is stored (some
milliseconds), and evidence that would first have to be read, and is large, is refused."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext, gettext_noop

from tickets.actions.worksheets import AssignmentClosedError, require_open
from tickets.engine import ENGINE_VERSION, EngineError
from tickets.grading import (
    ASKED_OF_STEP,
    FIELDS_OF_STEP,
    LABELS,
    Answers,
    Criterion,
    assisted_by_check,
    feedback_to_plain,
    read_answers,
)
from tickets.methodology import STEPS
from tickets.models import AuditRecord, StepCheck, Submission, Ticket, Worksheet, is_coached
from tickets.tasks.grading import check_written_step
from tickets.tasks.jobs import JobError
from tickets.tasks.verdicts import is_quickly_judged

NOT_NOW = gettext_noop("This ticket's steps cannot be checked now. Submit it, and see the result.")


class StepCheckError(Exception):
    """Why a step was not checked, in one sentence for the trainee."""


def check_step(ticket: Ticket, name: str, now: datetime) -> StepCheck:
    """Check a step of the stored draft; one that was checked before is given again as it was.

    Raises StepCheckError; then nothing was stored.
    """
    step = next((step for step in STEPS if step.name == name), None)
    if step is None:
        raise StepCheckError(gettext("There is no such step."))
    with transaction.atomic():
        # Where everybody who saves or submits this ticket stands in line.
        draft, _ = Worksheet.objects.select_for_update().get_or_create(ticket=ticket)
        checked = {check.step: check for check in ticket.step_checks.all()}
        if name in checked:
            return checked[name]
        _require_coached(ticket, now)
        before = next((earlier for earlier in STEPS[: step.number - 1] if earlier.name not in checked), None)
        if before is not None:
            raise StepCheckError(
                gettext("The steps build on each other: check step %(number)s first.")
                % {"number": before.number}
            )
        written = draft.answers()
        return _check(ticket, name, written, _read_done(name, written), now)


def _require_coached(ticket: Ticket, now: datetime) -> None:
    if Submission.objects.filter(ticket=ticket).exists():
        raise StepCheckError(gettext("This worksheet has been submitted, so no step is checked any more."))
    if not is_coached(ticket):
        raise StepCheckError(
            gettext("Steps are checked on the first ticket of a lesson in a coached assignment only.")
        )
    try:
        require_open(ticket, now)
    except AssignmentClosedError as error:
        raise StepCheckError(str(error)) from error
    if not is_quickly_judged(ticket):
        raise StepCheckError(gettext(NOT_NOW))


def _read_done(name: str, written: Mapping[str, object]) -> Answers:
    """The draft's answers, where the step is done: every field that it asks for, and its text."""
    answers, problems = read_answers(written)
    asked = ASKED_OF_STEP.get(name, ())
    malformed = [problem for problem in problems if problem.field in FIELDS_OF_STEP[name]]
    if malformed:
        raise StepCheckError(f"{LABELS[Criterion(malformed[0].field)]}: {malformed[0].problem}")
    missing = [LABELS[field] for field in asked if getattr(answers, field.value) is None]
    is_written = answers.texts.get(name, "").strip() or (name == "next_steps" and answers.actions)
    missing += [] if is_written else [gettext("the text")]
    if missing:
        raise StepCheckError(
            gettext("Finish this step first. Still empty: %(names)s.") % {"names": ", ".join(missing)}
        )
    return answers


def _check(
    ticket: Ticket, name: str, written: Mapping[str, object], answers: Answers, now: datetime
) -> StepCheck:
    try:
        feedback = feedback_to_plain(check_written_step(ticket, name, answers))
    except (EngineError, JobError) as error:
        raise StepCheckError(gettext(NOT_NOW)) from error
    check = StepCheck.objects.create(
        ticket=ticket,
        step=name,
        answers=dict(written),
        feedback=feedback,
        lines=[line.value for line in assisted_by_check(name)],
        engine_version=ENGINE_VERSION,
        checked_by=ticket.trainee,
        checked_at=now,
    )
    AuditRecord.objects.record("step.checked", ticket, actor=ticket.trainee, step=name)
    return check
