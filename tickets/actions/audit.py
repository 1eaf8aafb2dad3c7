"""Writing the audit trail: who did what to which row. Call it inside the transaction that does it."""

from __future__ import annotations

from django.db import models

from tickets.models import AuditRecord, User


def record_audit(
    action: str, subject: models.Model, *, actor: User | None = None, **data: object
) -> AuditRecord:
    """Note that `actor` (None: the product itself) did `action`, a dotted word such as `grade.recorded`.

    `data` are plain values. Trainees' texts and the truth stay out: an audit record is for ever.
    """
    return AuditRecord.objects.create(
        actor=actor,
        action=action,
        subject_type=subject._meta.label_lower.rpartition(".")[2],
        subject_id=subject.pk,
        data=data,
    )
