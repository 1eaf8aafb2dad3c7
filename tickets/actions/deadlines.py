"""An assignment that is prolonged after it closed: what the clock had handed in is the trainee's again."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F, ProtectedError

from tickets.models import Assignment, AuditRecord, Grade, GradeJob, Submission, User, Worksheet


def reopen_work(
    assignment: Assignment, before: Assignment, by: User | None, now: datetime
) -> tuple[int, int]:
    """Give back what the clock handed in when the assignment closed as it stood `before`; call it in the transaction that
    stores the new closing time. Returns how many worksheets are open again, and how many stay handed in because
    their marks could be seen or somebody has judged them.

    What a trainee submitted stays as it is. The draft still holds what was handed in; the audit trail keeps its hash,
    and that it was taken back."""
    has_closed = before.closes_at is not None and before.closes_at <= now
    if not has_closed or not assignment.takes_work_at(now):
        return 0, 0
    with transaction.atomic():
        # The clock holds a draft's row while it hands it in: what it began is seen, and it begins nothing meanwhile.
        drafts = Worksheet.objects.select_for_update(of=("self",)).filter(ticket__item__assignment=assignment)
        list(drafts.order_by("pk").values_list("pk"))
        # A grade takes a share of its submission's row: one that is just being written is seen as well.
        handed_in = (
            Submission.objects.select_related("ticket")
            .select_for_update(of=("self",))
            .filter(
                ticket__item__assignment=assignment,
                ticket__voided_at=None,
                ticket__excluded_at=None,
                clocked_at__isnull=False,
            )
        )
        was_released = before.reveals_at(now)
        reopened = [_reopen(submission, by, was_released=was_released) for submission in handed_in]
    return sum(reopened), len(reopened) - sum(reopened)


def _reopen(submission: Submission, by: User | None, *, was_released: bool) -> bool:
    grades = Grade.objects.filter(submission=submission)
    if (was_released and grades.exists()) or submission.rubric_marks.exists():
        return False
    try:
        with transaction.atomic():
            grades.delete()
            GradeJob.objects.filter(submission=submission).delete()
            AuditRecord.objects.record(
                "submission.reopened",
                submission.ticket,
                actor=by,
                submission=str(submission.pk),
                sha256=submission.sha256,
            )
            # One version on: a page that still shows it as handed in is older than what is written from now on.
            Worksheet.objects.filter(ticket=submission.ticket_id).update(version=F("version") + 1)
            submission.delete()
    except ProtectedError:  # an override, a question or a regrading stands on it
        return False
    return True
