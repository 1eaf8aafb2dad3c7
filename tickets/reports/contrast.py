"""For a wrong idea, a ticket of the same trainee in which the records say the other thing: the two beside each other teach.

Only tickets whose result the trainee may see: to name one that is still to be worked would give it away."""

from __future__ import annotations

from datetime import datetime

from tickets.models import CriterionResult, Grade, Ticket


def find_contrasts(grade: Grade, now: datetime) -> dict[str, Ticket]:
    """By code of each idea in this grade. The same rule before another, then the newest."""
    ticket = grade.submission.ticket
    spoilt = {line.misconception: line for line in reversed(grade.criteria.all()) if line.misconception}
    found = {code: _contrast(line, ticket, now) for code, line in spoilt.items()}
    return {code: other for code, other in found.items() if other is not None}


def _contrast(line: CriterionResult, ticket: Ticket, now: datetime) -> Ticket | None:
    others = (
        CriterionResult.objects.filter(
            criterion=line.criterion,
            grade__is_current=True,
            grade__submission__ticket__trainee=ticket.trainee_id,
            grade__submission__ticket__voided_at=None,
        )
        .exclude(grade__submission__ticket=ticket)
        .exclude(expected=line.expected)
        .exclude(expected="")
        .select_related(
            "grade__submission__ticket__item__assignment", "grade__submission__ticket__variant__version"
        )
        .order_by("-grade__graded_at")
    )
    tickets = [other.grade.submission.ticket for other in others]
    shown = [other for other in tickets if other.item.assignment.reveals_at(now)]
    same_rule = [other for other in shown if other.variant.alert_sid == ticket.variant.alert_sid]
    return next(iter([*same_rule, *shown]), None)
