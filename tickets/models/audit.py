"""Who did what, when. Rows are only ever added: the database refuses to change one."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from .identity import Identified


class AuditRecord(Identified):
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    action = models.CharField(max_length=40)  # "submission.accepted", "grade.recorded" ...
    subject_type = models.CharField(max_length=40)
    subject_id = models.UUIDField()
    data = models.JSONField(default=dict, blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-at"]
        indexes = [models.Index(fields=["subject_type", "subject_id"], name="audit_subject")]

    def __str__(self) -> str:
        return f"{self.action} {self.subject_id}"
