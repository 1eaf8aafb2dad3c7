"""Grades: each is one run, line by line, with the records that prove each line.

A submission is graded once. A regrading or an override adds another run and changes none; which one counts is
`is_current`, and the others stay to be read. A run of a regrading that was not applied never counted.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from .identity import Identified, one_of
from .overrides import Override
from .scenarios import ScenarioVersion
from .worksheets import Submission


class GradeQuerySet(models.QuerySet["Grade"]):
    def counted(self) -> GradeQuerySet:
        """The runs that count or once did, the newest first: without what a dry run made."""
        return self.filter(models.Q(regrading=None) | models.Q(regrading__state="applied")).order_by(
            "-is_current", "-graded_at"
        )


class Grade(Identified):
    class Kind(models.TextChoices):
        SUBMISSION = "submission", _("graded when it was submitted")
        REGRADING = "regrading", _("regraded")
        OVERRIDE = "override", _("marks set by an instructor")

    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="grades")
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.SUBMISSION)
    regrading = models.ForeignKey(
        "Regrading", on_delete=models.PROTECT, null=True, blank=True, related_name="grades"
    )
    # The word of an instructor that made this run; None for every other kind.
    because_of = models.OneToOneField(
        Override, on_delete=models.PROTECT, null=True, blank=True, related_name="run"
    )
    engine_version = models.CharField(max_length=20)
    # The later version of the scenario whose key corrected the variant's own; None: its own.
    erratum = models.ForeignKey(
        ScenarioVersion, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    # The hash of the evidence that it was held against; blank in grades from before it was kept.
    evidence_sha256 = models.CharField(max_length=64, blank=True)
    is_current = models.BooleanField(default=True)
    points = models.DecimalField(max_digits=6, decimal_places=2)
    max_points = models.DecimalField(max_digits=6, decimal_places=2)
    # What the result page draws: the three arrows and the worked path, frozen at grading.
    lesson = models.JSONField(default=dict)
    # Which verdict it was held against, by hash: the verdict itself stands in the truth tables.
    verdict_sha256 = models.CharField(max_length=64)
    sha256 = models.CharField(max_length=64)
    graded_at = models.DateTimeField()

    objects = GradeQuerySet.as_manager()

    class Meta:
        ordering = ["-graded_at"]
        constraints = [
            one_of("kind", ["submission", "regrading", "override"], name="grade_kind_known"),
            models.CheckConstraint(
                condition=models.Q(kind="regrading", regrading__isnull=False)
                | (~models.Q(kind="regrading") & models.Q(regrading=None)),
                name="a_regraded_grade_names_its_regrading",
            ),
            models.UniqueConstraint(
                fields=["submission"],
                condition=models.Q(kind="submission"),
                name="one_first_grade_per_submission",
            ),
            models.UniqueConstraint(fields=["submission", "regrading"], name="one_grade_per_regrading"),
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
        CORRECT = "correct", _("right")
        PARTIAL = "partial", _("partly right")
        WRONG = "wrong", _("wrong")
        BLANK = "blank", _("left blank")

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
    # The instructor's word that stands over the machine's, and what lies beneath it. Points and result above are
    # those that count.
    override = models.ForeignKey(
        Override, on_delete=models.PROTECT, null=True, blank=True, related_name="lines"
    )
    machine_result = models.CharField(max_length=10, blank=True)
    machine_points = models.DecimalField(max_digits=6, decimal_places=2, null=True, blank=True)
    machine_misconception = models.CharField(max_length=8, blank=True)

    class Meta:
        ordering = ["grade", "position"]
        constraints = [
            models.UniqueConstraint(fields=["grade", "criterion"], name="one_result_per_criterion"),
            one_of("result", ["correct", "partial", "wrong", "blank"], name="criterion_result_known"),
            models.CheckConstraint(
                condition=models.Q(override=None, machine_points=None)
                | models.Q(override__isnull=False, machine_points__isnull=False),
                name="an_override_keeps_what_the_machine_gave",
            ),
        ]
        indexes = [models.Index(fields=["criterion", "result"], name="criterion_result_report")]

    def __str__(self) -> str:
        return f"{self.label}: {self.points} of {self.max_points}"

    @property
    def is_stale(self) -> bool:
        """Did what lies beneath the override change after it was made? It still counts until somebody decides."""
        return self.override is not None and self.override.beneath != (
            self.machine_result,
            self.machine_points,
            self.max_points,
            self.expected,
        )
