"""A trainee questions a mark, an instructor answers: the mark stays, or it is changed. Both are told."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext

from tickets.actions.overrides import OverrideError, number, set_override
from tickets.models import (
    Appeal,
    AppealAnswer,
    AuditRecord,
    CriterionResult,
    Notice,
    Submission,
    User,
)

SHORTEST_TEXT = 10
LONGEST_TEXT = 4000


class AppealError(Exception):
    """Why a question was not taken, or not answered, in one sentence for whoever asked."""


def ask_about(submission: Submission, criterion: str, text: str, by: User, now: datetime) -> Appeal:
    """Question one mark of one's own grade, once it is shown.

    A mark that was questioned is not questioned again before the answer, nor after it while nothing changed.
    Raises AppealError.
    """
    text = _written(text, gettext("Say what you think is right, and which record shows it"))
    ticket = submission.ticket
    if ticket.trainee_id != by.pk or not ticket.item.assignment.reveals_at(now):
        raise AppealError(gettext("This grade is not yours to question."))
    with transaction.atomic():
        Submission.objects.select_for_update().get(pk=submission.pk)
        line = CriterionResult.objects.filter(
            grade__submission=submission, grade__is_current=True, criterion=criterion
        ).first()
        if line is None:
            raise AppealError(gettext("Choose the mark that you question."))
        _require_new(submission, line)
        appeal = Appeal.objects.create(submission=submission, about=line, text=text)
        AuditRecord.objects.record(
            "appeal.asked", appeal, actor=by, submission=str(submission.pk), criterion=criterion
        )
    return appeal


def answer_appeal(appeal: Appeal, text: str, points: Decimal | None, by: User) -> AppealAnswer:
    """Keep the mark (`points` None) or set it, and say why. The trainee is told. Raises AppealError."""
    text = _written(text, gettext("Say why: the trainee reads it"))
    submission = appeal.submission
    try:
        with transaction.atomic():
            Submission.objects.select_for_update().get(pk=submission.pk)
            if not Appeal.objects.taught_by(by).waiting().filter(pk=appeal.pk).exists():
                raise AppealError(gettext("This question was answered already."))
            override = None
            if points is not None:
                override = set_override(submission, appeal.about.criterion, points, text, by)
            outcome = AppealAnswer.Outcome.KEPT if override is None else AppealAnswer.Outcome.OVERRIDDEN
            answer = AppealAnswer.objects.create(
                appeal=appeal, outcome=outcome, text=text, by=by, override=override
            )
            Notice.objects.create(
                ticket=submission.ticket, kind=Notice.Kind.ANSWERED, text=_told(appeal, points, text)
            )
            AuditRecord.objects.record("appeal.answered", appeal, actor=by, outcome=outcome)
    except OverrideError as error:
        raise AppealError(str(error)) from error
    return answer


def _require_new(submission: Submission, line: CriterionResult) -> None:
    earlier = submission.appeals.select_related("about", "answer")
    if any(appeal.stands_against(line) for appeal in earlier):
        raise AppealError(gettext("You have asked about this mark, and nothing of it has changed since."))


def _written(text: str, wanted: str) -> str:
    text = text.replace("\0", "").replace("\r\n", "\n").strip()
    if len(text) < SHORTEST_TEXT:
        raise AppealError(
            gettext("%(wanted)s, in %(shortest)s characters or more.")
            % {"wanted": wanted, "shortest": SHORTEST_TEXT}
        )
    if len(text) > LONGEST_TEXT:
        raise AppealError(
            gettext("This is %(count)s characters long; there is room for %(longest)s.")
            % {"count": f"{len(text):,}", "longest": f"{LONGEST_TEXT:,}"}
        )
    return text


def _told(appeal: Appeal, points: Decimal | None, text: str) -> str:
    line = appeal.about
    if points is None:
        return f"{line.label}: the mark stays. {text}"
    return f"{line.label}: now {number(points)} of {number(line.max_points)}. {text}"
