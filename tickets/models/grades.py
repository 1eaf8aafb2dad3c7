"""Grades: one for a submission and engine version, line by line, with the records that prove each line."""

from __future__ import annotations

from django.db import models

from .identity import Identified, one_of
from .worksheets import Submission


class Grade(Identified):
    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="grades")
    engine_version = models.CharField(max_length=20)
    # The newest applied result; the older ones stay to be read.
    is_current = models.BooleanField(default=True)
    points = models.DecimalField(max_digits=6, decimal_places=2)
    max_points = models.DecimalField(max_digits=6, decimal_places=2)
    # What the result page draws: the three arrows and the worked path, frozen at grading.
    lesson = models.JSONField(default=dict)
    # Which verdict it was held against, by hash: the verdict itself stands in the truth tables.
    verdict_sha256 = models.CharField(max_length=64)
    sha256 = models.CharField(max_length=64)
    graded_at = models.DateTimeField()

    class Meta:
        ordering = ["-graded_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["submission", "engine_version"], name="one_grade_per_engine_version"
            ),
            models.UniqueConstraint(
                fields=["submission"],
                condition=models.Q(is_current=True),
                name="one_current_grade_per_submission",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.points} of {self.max_points}"


class CriterionResult(Identified):
    class Result(models.TextChoices):
        CORRECT = "correct", "right"
        PARTIAL = "partial", "partly right"
        WRONG = "wrong", "wrong"
        BLANK = "blank", "left blank"

    grade = models.ForeignKey(Grade, on_delete=models.CASCADE, related_name="criteria")
    position = models.PositiveSmallIntegerField()
    criterion = models.CharField(max_length=40)
    label = models.CharField(max_length=80)
    result = models.CharField(max_length=10, choices=Result.choices)
    given = models.TextField(blank=True)
    expected = models.TextField(blank=True)
    points = models.DecimalField(max_digits=6, decimal_places=2)
    max_points = models.DecimalField(max_digits=6, decimal_places=2)
    misconception = models.CharField(max_length=8, blank=True)
    # The criterion whose mistake this one follows from, if it does.
    follows = models.CharField(max_length=40, blank=True)
    explanation = models.TextField(blank=True)
    rule = models.TextField(blank=True)
    next_time = models.TextField(blank=True)
    records = models.JSONField(default=list)

    class Meta:
        ordering = ["grade", "position"]
        constraints = [
            models.UniqueConstraint(fields=["grade", "criterion"], name="one_result_per_criterion"),
            one_of("result", ["correct", "partial", "wrong", "blank"], name="criterion_result_known"),
        ]
        indexes = [models.Index(fields=["criterion", "result"], name="criterion_result_report")]

    def __str__(self) -> str:
        return f"{self.label}: {self.points} of {self.max_points}"
