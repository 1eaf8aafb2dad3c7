"""Taking a hint: one row, once, however often it is asked for.

The text leaves the truth tables at that moment and no earlier; every page is made from the row."""

from __future__ import annotations

from datetime import datetime
from math import ceil

from django.db import transaction
from django.utils.translation import gettext, ngettext

from tickets.actions.worksheets import AssignmentClosedError, require_open
from tickets.grading import HINT_LEVELS, HintLevel, hinted_lines
from tickets.models import AuditRecord, HintTaken, Policy, Submission, Ticket, Worksheet
from tickets.models.truth import VariantHints


class HintError(Exception):
    """Why no hint was given, in one sentence for the trainee."""


def take_hint(ticket: Ticket, number: int, now: datetime) -> HintTaken:
    """The ticket's hint of that number, taken by its trainee; one that was taken before is given again as it was.

    Raises HintError; then nothing was stored.
    """
    level = next((level for level in HINT_LEVELS if level.number == number), None)
    if level is None:
        raise HintError(gettext("There is no such hint."))
    with transaction.atomic():
        # Where everybody who saves or submits this ticket stands in line: nothing is taken beside a submission.
        Worksheet.objects.select_for_update().get_or_create(ticket=ticket)
        taken = {hint.level: hint for hint in ticket.hints_taken.all()}
        if number in taken:
            return taken[number]
        _require_help(ticket, now)
        _require_turn(level, taken.get(number - 1), now)
        return _take(ticket, level, now)


def _require_help(ticket: Ticket, now: datetime) -> None:
    if Submission.objects.filter(ticket=ticket).exists():
        raise HintError(gettext("This worksheet has been submitted, so there are no more hints."))
    if ticket.item.assignment.policy is Policy.ASSESSMENT:
        raise HintError(gettext("There are no hints in an assessment."))
    try:
        require_open(ticket, now)
    except AssignmentClosedError as error:
        raise HintError(str(error)) from error


def _require_turn(level: HintLevel, before: HintTaken | None, now: datetime) -> None:
    if level is HINT_LEVELS[0]:
        return
    if before is None:
        raise HintError(gettext("Hint %(number)s comes first.") % {"number": level.number - 1})
    if now < before.next_at:
        left = ceil((before.next_at - now).total_seconds())
        raise HintError(
            ngettext(
                "Look at the records first: hint %(number)s can be opened in %(left)s second.",
                "Look at the records first: hint %(number)s can be opened in %(left)s seconds.",
                left,
            )
            % {"number": level.number, "left": left}
        )


def _take(ticket: Ticket, level: HintLevel, now: datetime) -> HintTaken:
    hints = VariantHints.objects.filter(variant=ticket.variant_id).first()
    if hints is None:
        raise HintError(gettext("This ticket has no hints."))
    hint = HintTaken.objects.create(
        ticket=ticket,
        level=level.number,
        text=(hints.where, hints.what, hints.record)[level.number - 1],
        percent=level.percent,
        lines=[line.value for line in hinted_lines(ticket.variant.version.skills_met)],
        taken_by=ticket.trainee,
        taken_at=now,
    )
    AuditRecord.objects.record(
        "hint.taken", ticket, actor=ticket.trainee, level=level.number, percent=level.percent
    )
    return hint
