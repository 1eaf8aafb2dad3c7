"""What a trainee is told about a ticket after its grade: why a mark changed, what became of a question."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from .identity import Identified, one_of
from .tickets import Ticket


class Notice(Identified):
    class Kind(models.TextChoices):
        REGRADED = "regraded", _("Regraded")
        OVERRIDDEN = "overridden", _("A mark was changed")
        ANSWERED = "answered", _("Your question was answered")
        EXCLUDED = "excluded", _("Does not count")
        REPLACED = "replaced", _("Replaced")

    # Told whether or not the marks are shown yet: these say nothing of them.
    AT_ONCE = (Kind.EXCLUDED, Kind.REPLACED)

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    text = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)
    # When the trainee first saw it beside the result.
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            one_of(
                "kind",
                ["regraded", "overridden", "answered", "excluded", "replaced"],
                name="notice_kind_known",
            )
        ]
        indexes = [models.Index(fields=["ticket"], condition=models.Q(read_at=None), name="notice_unread")]

    def __str__(self) -> str:
        return self.text
