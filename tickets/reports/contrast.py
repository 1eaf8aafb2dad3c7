"""For a wrong idea, a ticket of the same trainee in which the records say the other thing: the two beside each other teach.

Only tickets whose result the trainee may see: to name one that is still to be worked would give it away."""

from __future__ import annotations

from datetime import datetime

from tickets.models import CriterionResult, Grade, Ticket
from tickets.models.truth import ScenarioKey


def find_contrasts(grade: Grade, now: datetime) -> dict[str, Ticket]:
    """By code of each idea in this grade. What the author calls a contrast first, then the same rule, then the newest."""
    ticket = grade.submission.ticket
    lines = [line for line in grade.criteria.all() if line.misconception and _has_truth(line)]
    spoilt = {line.misconception: line for line in reversed(lines)}
    found = {code: _contrast(line, ticket, now) for code, line in spoilt.items()}
    return {code: other for code, other in found.items() if other is not None}


def _has_truth(line: CriterionResult) -> bool:
    """Which records prove something, and what a text should hold, is another in every ticket: no contrast teaches it."""
    return line.criterion != "evidence" and not line.criterion.startswith("text_")


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
            "grade__submission__ticket__item__assignment",
            "grade__submission__ticket__variant__version__scenario",
        )
        .order_by("-grade__graded_at")
    )
    tickets = [other.grade.submission.ticket for other in others]
    shown = [other for other in tickets if other.item.assignment.reveals_at(now)]
    key = ScenarioKey.objects.filter(version=ticket.variant.version_id).first()
    families = set(key.contrast) if key else set()
    by_author = [other for other in shown if other.variant.version.scenario.family in families]
    same_rule = [other for other in shown if other.variant.alert_sid == ticket.variant.alert_sid]
    return next(iter([*by_author, *same_rule, *shown]), None)
