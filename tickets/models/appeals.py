"""A trainee's question about one mark, and the answer to it. Neither row ever changes."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from .cohorts import Cohort
from .grades import CriterionResult
from .identity import Identified, one_of
from .overrides import Override
from .users import User
from .worksheets import Submission


class AppealQuerySet(models.QuerySet["Appeal"]):
    def waiting(self) -> AppealQuerySet:
        return self.filter(answer=None)

    def taught_by(self, user: User) -> AppealQuerySet:
        """The questions of the cohorts whose work this user sees."""
        return self.filter(
            submission__ticket__item__assignment__cohort__in=Cohort.objects.taught_by(user).values("pk")
        )


class Appeal(Identified):
    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="appeals")
    # The line in question, as it stood when it was asked about.
    about = models.OneToOneField(CriterionResult, on_delete=models.PROTECT, related_name="appeal")
    text = models.TextField()
    at = models.DateTimeField(auto_now_add=True)

    objects = AppealQuerySet.as_manager()

    class Meta:
        ordering = ["at"]
        constraints = [models.CheckConstraint(condition=~models.Q(text=""), name="an_appeal_says_why")]

    def __str__(self) -> str:
        return f"question about {self.about_id}"

    def stands_against(self, line: CriterionResult) -> bool:
        """Does this question leave nothing new to ask about the line? It waits, or was answered for just this mark."""
        if self.about.criterion != line.criterion:
            return False
        return not hasattr(self, "answer") or _content(self.about) == _content(line)


def _content(line: CriterionResult) -> tuple[object, ...]:
    return line.result, line.expected, line.points, line.max_points


class AppealAnswer(Identified):
    class Outcome(models.TextChoices):
        KEPT = "kept", _("the mark stays")
        OVERRIDDEN = "overridden", _("the mark was changed")

    appeal = models.OneToOneField(Appeal, on_delete=models.PROTECT, related_name="answer")
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    text = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    override = models.ForeignKey(
        Override, on_delete=models.PROTECT, null=True, blank=True, related_name="answers"
    )

    class Meta:
        ordering = ["at"]
        constraints = [
            one_of("outcome", ["kept", "overridden"], name="appeal_outcome_known"),
            models.CheckConstraint(condition=~models.Q(text=""), name="an_answer_says_why"),
            models.CheckConstraint(
                condition=models.Q(outcome="kept", override=None)
                | models.Q(outcome="overridden", override__isnull=False),
                name="an_overridden_mark_has_its_override",
            ),
        ]

    def __str__(self) -> str:
        return f"answer: {self.outcome}"
