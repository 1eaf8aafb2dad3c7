"""Background work as rows: the row is the job, a broker's message only a wake-up.

A worker claims a job by setting a lease and a new token, works, and writes its result only while
the token is still its own. A worker that dies lets its lease run out, and the job is claimed
again; after three attempts it is dead and an instructor is told.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from .identity import Identified, one_of
from .regradings import Regrading
from .scenarios import ScenarioVersion
from .uploads import EvidenceUpload
from .worksheets import Submission

STATES = ("pending", "done", "dead")


class Job(Identified):
    class State(models.TextChoices):
        PENDING = "pending", _("pending")
        DONE = "done", _("done")
        DEAD = "dead", _("gave up")

    state = models.CharField(max_length=8, choices=State.choices, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    token = models.UUIDField(null=True, blank=True, editable=False)
    # Pending and leased until then: somebody is at work on it.
    lease_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)

    class Meta:
        abstract = True


class GradeJob(Job):
    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="jobs")
    engine_version = models.CharField(max_length=20)

    class Meta:
        ordering = ["created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["submission", "engine_version"], name="one_grade_job_per_engine_version"
            ),
            one_of("state", STATES, name="grade_job_state_known"),
        ]
        indexes = [
            models.Index(fields=["created_at"], condition=models.Q(state="pending"), name="grade_job_pending")
        ]

    def __str__(self) -> str:
        return f"grade job of {self.submission_id}: {self.state}"


class AnalysisJob(Job):
    upload = models.OneToOneField(EvidenceUpload, on_delete=models.CASCADE, related_name="job")

    class Meta:
        ordering = ["created_at"]
        constraints = [one_of("state", STATES, name="analysis_job_state_known")]
        indexes = [
            models.Index(
                fields=["created_at"], condition=models.Q(state="pending"), name="analysis_job_pending"
            )
        ]

    def __str__(self) -> str:
        return f"analysis of {self.upload_id}: {self.state}"


class PoolJob(Job):
    """Fill the pool of a scenario's version up to `wanted` variants that passed their checks."""

    version = models.ForeignKey(ScenarioVersion, on_delete=models.CASCADE, related_name="pool_jobs")
    wanted = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["version"],
                condition=models.Q(state="pending"),
                name="one_pending_pool_job_per_version",
            ),
            one_of("state", STATES, name="pool_job_state_known"),
        ]
        indexes = [
            models.Index(fields=["created_at"], condition=models.Q(state="pending"), name="pool_job_pending")
        ]

    def __str__(self) -> str:
        return f"{self.wanted} variants of {self.version_id}: {self.state}"


class RegradingJob(Job):
    """Bring a regrading on: compute what is drafted, apply what is approved."""

    regrading = models.ForeignKey(Regrading, on_delete=models.CASCADE, related_name="jobs")

    class Meta:
        ordering = ["created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["regrading"],
                condition=models.Q(state="pending"),
                name="one_pending_job_per_regrading",
            ),
            one_of("state", STATES, name="regrading_job_state_known"),
        ]
        indexes = [
            models.Index(
                fields=["created_at"], condition=models.Q(state="pending"), name="regrading_job_pending"
            )
        ]

    def __str__(self) -> str:
        return f"regrading job of {self.regrading_id}: {self.state}"
