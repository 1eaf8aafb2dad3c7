"""Who did what, when. Rows are only ever added: the database refuses to change one."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from .identity import Identified
from .users import User


class AuditRecordManager(models.Manager["AuditRecord"]):
    def record(
        self, action: str, subject: models.Model, *, actor: User | None = None, **data: object
    ) -> AuditRecord:
        """Note that `actor` (None: the product itself) did `action`, a dotted word such as `grade.recorded`.

        Call it inside the transaction that does it. `data` are plain values; trainees' texts and the truth
        stay out: an audit record is for ever.
        """
        record = self.prepare(action, subject, actor=actor, **data)
        record.save(force_insert=True)
        return record

    def prepare(
        self, action: str, subject: models.Model, *, actor: User | None = None, **data: object
    ) -> AuditRecord:
        """The same, not stored yet: for many at once."""
        return AuditRecord(
            actor=actor,
            action=action,
            subject_type=subject._meta.label_lower.rpartition(".")[2],
            subject_id=subject.pk,
            data=data,
        )


class AuditRecord(Identified):
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    action = models.CharField(max_length=40)  # "submission.accepted", "grade.recorded" ...
    subject_type = models.CharField(max_length=40)
    subject_id = models.UUIDField()
    data = models.JSONField(default=dict, blank=True)
    at = models.DateTimeField(auto_now_add=True)

    objects = AuditRecordManager()

    class Meta:
        ordering = ["-at"]
        indexes = [models.Index(fields=["subject_type", "subject_id"], name="audit_subject")]

    def __str__(self) -> str:
        return f"{self.action} {self.subject_id}"
