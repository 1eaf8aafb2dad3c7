"""Captures and logs that an instructor hands in to become a scenario."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from .identity import Identified, one_of
from .scenarios import Severity, Variant


class EvidenceUpload(Identified):
    """What was handed in, what became of it, and the variant that it became. The analysis runs in the background."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting to be analysed")
        ANALYSED = "analysed", _("analysed")
        FAILED = "failed", _("could not be used")
        PUBLISHED = "published", _("published")

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="uploads")
    title = models.CharField(max_length=160)
    severity = models.CharField(max_length=10, choices=Severity.choices, default=Severity.MEDIUM)
    sensor = models.CharField(max_length=80, blank=True)
    statement = models.TextField(blank=True)
    alert_line = models.CharField(max_length=255, blank=True)
    rule_text = models.TextField()
    context_text = models.TextField(blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    # Why it could not be used: one sentence a line, each with its place.
    problem = models.TextField(blank=True)
    variant = models.ForeignKey(Variant, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            one_of("state", ["waiting", "analysed", "failed", "published"], name="upload_state_known"),
            one_of("severity", Severity.values, name="upload_severity_known"),
        ]

    def __str__(self) -> str:
        return self.title


class UploadedFile(Identified):
    upload = models.ForeignKey(EvidenceUpload, on_delete=models.CASCADE, related_name="files")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=120)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    data = models.BinaryField()

    class Meta:
        ordering = ["upload", "position"]
        constraints = [
            models.UniqueConstraint(fields=["upload", "name"], name="one_upload_file_per_name"),
        ]

    def __str__(self) -> str:
        return self.name
