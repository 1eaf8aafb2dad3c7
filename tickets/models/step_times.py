"""How long a trainee was at each step of a ticket, as the desk measured it: for the trainee alone, and never graded."""

from __future__ import annotations

from django.db import models

from tickets.methodology import STEP_NAMES, STEPS

from .identity import Identified, one_of
from .tickets import Ticket


class StepTime(Identified):
    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="step_times")
    step = models.CharField(max_length=20, choices=[(step.name, step.title) for step in STEPS])
    seconds = models.PositiveIntegerField()

    class Meta:
        ordering = ["ticket", "step"]
        constraints = [
            models.UniqueConstraint(fields=["ticket", "step"], name="one_time_per_step"),
            one_of("step", STEP_NAMES, name="timed_step_known"),
        ]

    def __str__(self) -> str:
        return f"{self.seconds} s at {self.get_step_display()} of {self.ticket_id}"
