"""A worksheet frozen for good: the rows that a submission leaves, whoever hands it in, the trainee or the clock."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime

from django.db.models import F

from tickets.engine import ENGINE_VERSION
from tickets.grading import Confidence
from tickets.models import AuditRecord, GradeJob, Submission, Ticket, Worksheet, hash_json
from tickets.tasks.wakeup import wake_relay


def store_submission(
    ticket: Ticket,
    *,
    key: uuid.UUID,
    frozen: Mapping[str, object],
    confidence: Confidence | None,
    received_at: datetime,
    clocked_at: datetime | None = None,
) -> Submission:
    """Freeze `frozen`, leave the job that grades it, and note both. Call it in the transaction that holds the draft's
    row. `clocked_at` is when the clock handed it in; None where the trainee did."""
    # One version on: a save that waited for this transaction names an older one and changes nothing.
    Worksheet.objects.filter(ticket=ticket).update(version=F("version") + 1, saved_at=received_at, **frozen)
    submission = Submission.objects.create(
        ticket=ticket,
        key=key,
        answers=frozen,
        sha256=hash_json(frozen),
        confidence=None if confidence is None else int(confidence),
        received_at=received_at,
        clocked_at=clocked_at,
        is_simulated=ticket.item.assignment.cohort.is_simulated,
    )
    GradeJob.objects.create(submission=submission, engine_version=ENGINE_VERSION)
    AuditRecord.objects.record(
        "submission.at_deadline" if submission.is_at_deadline else "submission.accepted",
        submission,
        actor=None if submission.is_at_deadline else ticket.trainee,
        sha256=submission.sha256,
    )
    wake_relay()
    return submission
