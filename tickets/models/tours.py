"""How far a trainee has come with the guide through a ticket."""

from __future__ import annotations

from django.db import models

from tickets.tours import FIRST_STOP, STOP_NAMES, STOPS

from .identity import Identified, one_of
from .tickets import Ticket


class Tour(Identified):
    ticket = models.OneToOneField(Ticket, on_delete=models.CASCADE, related_name="tour")
    stop = models.CharField(
        max_length=20, choices=[(stop.name, stop.title) for stop in STOPS], default=FIRST_STOP
    )
    started_at = models.DateTimeField()
    # When the trainee left the guide, or went on from the result; until then it is shown.
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-started_at"]
        constraints = [one_of("stop", STOP_NAMES, name="tour_stop_known")]

    def __str__(self) -> str:
        return f"guide through {self.ticket_id}"
