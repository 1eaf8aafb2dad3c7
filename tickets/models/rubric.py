"""What an instructor says of a text: 0, 1 or 2 for each of the five steps. Machines read facts, people judge arguments."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from tickets.methodology import STEP_NAMES, STEPS

from .identity import Identified, one_of
from .worksheets import Submission


class RubricMark(Identified):
    """One instructor's mark for one step. Two instructors may mark the same work; the newest word counts."""

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="rubric_marks")
    step = models.CharField(max_length=20, choices=[(step.name, step.title) for step in STEPS])
    level = models.PositiveSmallIntegerField()
    comment = models.TextField(blank=True, max_length=2000)
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="rubric_marks"
    )
    given_at = models.DateTimeField()

    class Meta:
        ordering = ["submission", "given_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["submission", "step", "given_by"], name="one_rubric_mark_per_step_and_instructor"
            ),
            one_of("step", STEP_NAMES, name="rubric_mark_step_known"),
            models.CheckConstraint(condition=models.Q(level__lte=2), name="rubric_mark_level_known"),
        ]

    def __str__(self) -> str:
        return f"{self.get_step_display()}: {self.level} of 2"
