"""What the trainee writes in the five steps: a draft until submitted, then frozen for good."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from .identity import Identified
from .tickets import Ticket

# The structured answers and the five texts, in the order in which a form posts them.
ANSWER_FIELDS = (
    "originator_ip",
    "originator_port",
    "responder_ip",
    "responder_port",
    "protocol",
    "reversed",
    "outcome",
    "intent",
    "disposition",
    "reason_code",
    "confidence",
)
TEXT_FIELDS = ("reason", "supporting_evidence", "analysis", "conclusion", "next_steps")


class WorksheetQuerySet(models.QuerySet["Worksheet"]):
    def left_unsubmitted_at(self, moment: datetime, since: datetime) -> WorksheetQuerySet:
        """Drafts that were saved and whose assignment had closed by `moment`, but not before `since`, the first to close
        first; not those of tickets that were withdrawn or do not count, nor those that were found blank."""
        is_blank = Q(found_blank_at__isnull=False, found_blank_at__gte=F("saved_at"))
        return self.filter(
            ~is_blank,
            saved_at__isnull=False,
            ticket__submission=None,
            ticket__voided_at=None,
            ticket__excluded_at=None,
            ticket__item__assignment__closes_at__lte=moment,
            ticket__item__assignment__closes_at__gte=since,
        ).order_by("ticket__item__assignment__closes_at", "pk")


class Worksheet(Identified):
    """The draft. Answers are kept as typed, also when they are not valid yet: nothing is lost.

    `version` rises by one with each save; a save that names an older version is a conflict."""

    ticket = models.OneToOneField(Ticket, on_delete=models.CASCADE, related_name="worksheet")
    version = models.PositiveIntegerField(default=0)
    originator_ip = models.CharField(max_length=255, blank=True)
    originator_port = models.CharField(max_length=255, blank=True)
    responder_ip = models.CharField(max_length=255, blank=True)
    responder_port = models.CharField(max_length=255, blank=True)
    protocol = models.CharField(max_length=255, blank=True)
    reversed = models.CharField(max_length=255, blank=True)
    outcome = models.CharField(max_length=255, blank=True)
    intent = models.CharField(max_length=255, blank=True)
    disposition = models.CharField(max_length=255, blank=True)
    reason_code = models.CharField(max_length=255, blank=True)
    confidence = models.CharField(max_length=255, blank=True)
    reason = models.TextField(blank=True)
    supporting_evidence = models.TextField(blank=True)
    analysis = models.TextField(blank=True)
    conclusion = models.TextField(blank=True)
    next_steps = models.TextField(blank=True)
    # Pinned records in the order of pinning: ["capture.pcap:1", "firewall.log:2"].
    evidence = models.JSONField(default=list, blank=True)
    # The chosen next steps (tickets.grading.Action): ["close", "tune"].
    actions = models.JSONField(default=list, blank=True)
    saved_at = models.DateTimeField(null=True, blank=True)
    # When the clock came to hand it in and found nothing in it: it need not look again unless it is saved anew.
    found_blank_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = WorksheetQuerySet.as_manager()

    def __str__(self) -> str:
        return f"worksheet of {self.ticket_id}"

    def answers(self) -> dict[str, object]:
        """The whole draft as plain values: answer fields, texts, and `evidence` and `actions` as lists of text."""
        answers: dict[str, object] = {name: getattr(self, name) for name in ANSWER_FIELDS + TEXT_FIELDS}
        answers["evidence"] = list(self.evidence)
        answers["actions"] = list(self.actions)
        return answers

    @property
    def is_blank(self) -> bool:
        """Is nothing written in it, chosen or pinned?"""
        texts = (getattr(self, name) for name in ANSWER_FIELDS + TEXT_FIELDS)
        return not (self.evidence or self.actions or any(text.strip() for text in texts))


class Submission(Identified):
    """The act, the moment, and the frozen worksheet. The database refuses to change one."""

    ticket = models.OneToOneField(Ticket, on_delete=models.PROTECT, related_name="submission")
    # The same POST sent twice carries the same key and gets the same answer.
    key = models.UUIDField(default=uuid.uuid4, unique=True)
    answers = models.JSONField()
    sha256 = models.CharField(max_length=64)
    confidence = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(3)]
    )
    # When it came; the moment of closing for what the clock handed in.
    received_at = models.DateTimeField()
    # When the clock handed in the draft as it stood, malformed values and all; None where the trainee submitted it.
    clocked_at = models.DateTimeField(null=True, blank=True)
    is_simulated = models.BooleanField(default=False)

    class Meta:
        ordering = ["-received_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(confidence=None) | models.Q(confidence__range=(1, 3)),
                name="submission_confidence_known",
            )
        ]

    def __str__(self) -> str:
        return f"submission of {self.ticket_id}"

    @property
    def is_at_deadline(self) -> bool:
        return self.clocked_at is not None
