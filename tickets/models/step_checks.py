"""Steps of a coached ticket that were checked before it was submitted. Rows are only ever added."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from tickets.methodology import STEP_NAMES, STEPS

from .assignments import Policy
from .identity import Identified, one_of
from .tickets import Ticket


class StepCheck(Identified):
    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="step_checks")
    step = models.CharField(max_length=20, choices=[(step.name, step.title) for step in STEPS])
    # The draft as it was checked, and what was told of the step: truth, for this trainee and from this moment.
    answers = models.JSONField()
    feedback = models.JSONField()
    # The lines of the rubric that are no evidence of a skill from then on.
    lines = models.JSONField()
    engine_version = models.CharField(max_length=20)
    checked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    checked_at = models.DateTimeField()

    class Meta:
        ordering = ["ticket", "checked_at"]
        constraints = [
            models.UniqueConstraint(fields=["ticket", "step"], name="one_check_per_step"),
            one_of("step", STEP_NAMES, name="checked_step_known"),
        ]

    def __str__(self) -> str:
        return f"{self.get_step_display()} of {self.ticket_id}"

    @property
    def number(self) -> int:
        return STEP_NAMES.index(self.step) + 1


def is_coached(ticket: Ticket) -> bool:
    """May its steps be checked? In a coached assignment, the trainee's first ticket of the lesson: no other one was
    submitted, nor had a step checked. Once one of its own was, it stays the one."""
    if ticket.item.assignment.policy is not Policy.COACHED:
        return False
    scenario = ticket.variant.version.scenario
    alike = (
        Q(variant__version__scenario__lesson=scenario.lesson)
        if scenario.lesson
        else Q(variant__version__scenario=scenario)
    )
    begun = Q(submission__isnull=False) | Q(step_checks__isnull=False)
    others = Ticket.objects.filter(alike, begun, trainee=ticket.trainee_id, voided_at=None).exclude(
        pk=ticket.pk
    )
    return ticket.step_checks.exists() or not others.exists()
