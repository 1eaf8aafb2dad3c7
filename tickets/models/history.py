"""What a draft was before: its kept versions, which can be read and put back."""

from __future__ import annotations

from django.db import models

from .identity import Identified
from .worksheets import Worksheet


class DraftVersion(Identified):
    """A draft as it stood after the save that made it `version`, and before the next one that is kept.

    The autosave writes every few seconds; `tickets.actions.history` says which saves share a row."""

    worksheet = models.ForeignKey(Worksheet, on_delete=models.CASCADE, related_name="versions")
    version = models.PositiveIntegerField()
    # As `Worksheet.answers()` gives them.
    answers = models.JSONField()
    began_at = models.DateTimeField()
    saved_at = models.DateTimeField()

    class Meta:
        ordering = ["-version"]
        constraints = [
            models.UniqueConstraint(fields=["worksheet", "version"], name="one_row_per_kept_version")
        ]

    def __str__(self) -> str:
        return f"version {self.version} of {self.worksheet_id}"
