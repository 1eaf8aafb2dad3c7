"""An instructor's word on one mark. Rows are only ever added: the newest of a criterion is the one that stands."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.db import models

from .identity import Identified
from .worksheets import Submission

SHORTEST_REASON = 10


class Override(Identified):
    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="overrides")
    criterion = models.CharField(max_length=40)
    # From 1 for each criterion of a submission: two who decide at once do not both stand.
    number = models.PositiveSmallIntegerField()
    # None takes the earlier word back: the machine's mark counts again.
    points = models.DecimalField(max_digits=6, decimal_places=2, null=True, blank=True)
    reason = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    # What the machine had said when it was made.
    beneath_result = models.CharField(max_length=10)
    beneath_points = models.DecimalField(max_digits=6, decimal_places=2)
    beneath_max_points = models.DecimalField(max_digits=6, decimal_places=2)
    beneath_expected = models.TextField(blank=True)

    class Meta:
        ordering = ["submission", "criterion", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["submission", "criterion", "number"], name="one_override_per_number"
            ),
            models.CheckConstraint(condition=~models.Q(reason=""), name="an_override_has_a_reason"),
            models.CheckConstraint(
                condition=models.Q(points=None) | models.Q(points__gte=0), name="override_points_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.criterion}: {self.points if self.points is not None else 'taken back'}"

    @property
    def beneath(self) -> tuple[str, Decimal, Decimal, str]:
        return self.beneath_result, self.beneath_points, self.beneath_max_points, self.beneath_expected
