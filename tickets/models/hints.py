"""Hints that were taken. Rows are only ever added: what was opened stays opened, at the price that was named."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from .identity import Identified
from .tickets import Ticket

# Long enough to look at what the last one said: who clicks through three hints has read none.
PAUSE = timedelta(seconds=15)


class HintTaken(Identified):
    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="hints_taken")
    level = models.PositiveSmallIntegerField()
    # As it was shown then: the text itself stands in the truth tables, and may be written anew.
    text = models.TextField()
    # The price that was named before it was opened: so much of what each of these lines of the rubric earns.
    percent = models.PositiveSmallIntegerField()
    lines = models.JSONField()
    taken_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    taken_at = models.DateTimeField()

    class Meta:
        verbose_name = _("hint taken")
        verbose_name_plural = _("hints taken")
        ordering = ["ticket", "level"]
        constraints = [
            models.UniqueConstraint(fields=["ticket", "level"], name="one_hint_per_level"),
            models.CheckConstraint(condition=models.Q(level__range=(1, 3)), name="hint_level_known"),
            models.CheckConstraint(condition=models.Q(percent__lte=100), name="hint_costs_no_more_than_all"),
        ]

    def __str__(self) -> str:
        return f"hint {self.level} on {self.ticket_id}"

    @property
    def next_at(self) -> datetime:
        """When the one after it may be taken."""
        return self.taken_at + PAUSE
