"""What was done to a ticket, by whom and when, and the drafts that were kept on the way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext

from tickets.methodology import STEPS
from tickets.models import (
    ANSWER_FIELDS,
    TEXT_FIELDS,
    Appeal,
    AuditRecord,
    DraftVersion,
    Grade,
    HintTaken,
    StepCheck,
    Ticket,
    User,
)

TITLES = {step.name: step.title for step in STEPS}


@dataclass(frozen=True, slots=True)
class Event:
    """`kind` names a sentence of the page. `by` is None for the product itself; `about` is a number or a step's title."""

    at: datetime
    kind: str
    by: User | None = None
    about: object = ""
    draft: DraftVersion | None = None


def read_history(ticket: Ticket, *, with_result: bool) -> list[Event]:
    """The newest first, in at most eight queries. Without the result: what came after the grade is withheld."""
    events = [*_of_the_ticket(ticket), *_of_the_draft(ticket)]
    submission = getattr(ticket, "submission", None)
    if submission is not None:
        by = None if submission.is_at_deadline else ticket.trainee
        events.append(Event(submission.received_at, "clocked" if by is None else "submitted", by))
        graded = Grade.objects.filter(submission=submission).counted().select_related("because_of__by")
        events += [each for each in map(_of_a_grade, graded) if with_result or each.kind == "graded"]
        if with_result:
            events += _of_questions(submission.pk)
    return sorted(events, key=lambda event: event.at, reverse=True)


def _of_the_ticket(ticket: Ticket) -> Iterator[Event]:
    yield Event(ticket.created_at, "given")
    if ticket.opened_at:
        yield Event(ticket.opened_at, "opened", ticket.trainee)
    if ticket.excluded_at:
        yield Event(ticket.excluded_at, "excluded")
    given_back = AuditRecord.objects.filter(
        subject_type="ticket", subject_id=ticket.pk, action="submission.reopened"
    )
    for record in given_back.select_related("actor"):
        yield Event(record.at, "reopened", record.actor)


def _of_the_draft(ticket: Ticket) -> Iterator[Event]:
    for hint in HintTaken.objects.filter(ticket=ticket).select_related("taken_by"):
        yield Event(hint.taken_at, "hint", hint.taken_by, hint.level)
    for check in StepCheck.objects.filter(ticket=ticket).select_related("checked_by"):
        yield Event(check.checked_at, "check", check.checked_by, TITLES.get(check.step, check.step))
    before: dict[str, Any] = {}
    for draft in DraftVersion.objects.filter(worksheet__ticket=ticket).order_by("version"):
        yield Event(
            draft.saved_at, "draft", ticket.trainee, ", ".join(_changed(before, draft.answers)), draft
        )
        before = draft.answers


def _of_a_grade(grade: Grade) -> Event:
    if grade.kind == Grade.Kind.OVERRIDE and grade.because_of:
        return Event(grade.graded_at, "overridden", grade.because_of.by)
    return Event(grade.graded_at, "regraded" if grade.kind == Grade.Kind.REGRADING else "graded")


def _of_questions(submission_id: Any) -> Iterator[Event]:
    asked = Appeal.objects.filter(submission=submission_id).select_related(
        "about", "answer__by", "submission__ticket__trainee"
    )
    for appeal in asked:
        yield Event(appeal.at, "question", appeal.submission.ticket.trainee, appeal.about.label)
        answer = getattr(appeal, "answer", None)
        if answer is not None:
            yield Event(answer.at, "answer", answer.by, appeal.about.label)


def _changed(before: dict[str, Any], after: dict[str, Any]) -> Iterator[str]:
    """In which parts of the worksheet two drafts differ."""
    parts = {"facts": ANSWER_FIELDS, "pins": ("evidence",), gettext("chosen next steps"): ("actions",)}
    parts |= {TITLES[name].lower(): (name,) for name in TEXT_FIELDS}
    for part, names in parts.items():
        if any((before.get(name) or "") != (after.get(name) or "") for name in names):
            yield part


def find_draft(ticket: Ticket, version: int) -> DraftVersion | None:
    return DraftVersion.objects.filter(worksheet__ticket=ticket, version=version).first()


def as_posted(answers: dict[str, Any]) -> list[tuple[str, str]]:
    """A draft as a form posts it, pair by pair."""
    single = [(name, str(answers.get(name) or "")) for name in ANSWER_FIELDS + TEXT_FIELDS]
    return single + [(name, str(one)) for name in ("evidence", "actions") for one in answers.get(name) or ()]
