"""What a cohort has been set: scenarios in order, when they are open, what feedback is given and when."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from .cohorts import Cohort, Enrollment
from .identity import Identified, one_of
from .scenarios import ScenarioVersion
from .users import User


class Policy(models.TextChoices):
    """What is told to whom before the result."""

    PRACTICE = "practice", _("Practice")
    COACHED = "coached", _("Coached")
    ASSESSMENT = "assessment", _("Assessment")


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    def guided_for(self, trainee: User, now: datetime) -> AssignmentQuerySet:
        """Guided first tickets that this trainee may start now; an assignment without a scenario is none."""
        enrolled = Enrollment.objects.trainees().filter(user=trainee)
        return self.filter(
            Q(opens_at=None) | Q(opens_at__lte=now),
            Q(closes_at=None) | Q(closes_at__gt=now),
            Exists(AssignmentItem.objects.filter(assignment=OuterRef("pk"))),
            cohort__in=enrolled.values("cohort"),
            is_guided=True,
        )


class Assignment(Identified):
    class Reveal(models.TextChoices):
        """The feedback policy and its moment in one word, so that the two cannot contradict each other."""

        ON_GRADE = "on_grade", _("practice: hints, and the result after each ticket")
        COACHED = "coached", _("coached: the same, and the steps of a first ticket can be checked one by one")
        ON_CLOSE = "on_close", _("assessment: no hints, results when the assignment closes")
        MANUAL = "manual", _("assessment: no hints, results when the instructor says so")

    class Order(models.TextChoices):
        LISTED = "listed", _("as listed, for everybody alike")
        MIXED = "mixed", _("mixed, for each trainee anew")

    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="assignments")
    title = models.CharField(max_length=160)
    opens_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    closes_at = models.DateTimeField(null=True, blank=True)
    reveal = models.CharField(_("feedback"), max_length=10, choices=Reveal.choices, default=Reveal.ON_GRADE)
    order = models.CharField(max_length=8, choices=Order.choices, default=Order.LISTED)
    tickets_each = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text=_("of a mixed assignment, how many each trainee gets; blank for all")
    )
    is_guided = models.BooleanField(
        _("guided first ticket"),
        default=False,
        help_text=_(
            "a trainee gets it by starting the guide on the home page, and not before; one for each cohort"
        ),
    )
    revealed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        ordering = ["cohort", "created_at"]
        constraints = [
            one_of("reveal", ["on_grade", "coached", "on_close", "manual"], name="assignment_reveal_known"),
            one_of("order", ["listed", "mixed"], name="assignment_order_known"),
            models.CheckConstraint(
                condition=Q(tickets_each=None) | Q(order="mixed", tickets_each__gte=1),
                name="only_a_mixed_assignment_gives_a_part",
                violation_error_message=_(
                    "Only a mixed assignment gives each trainee a part of its scenarios."
                ),
            ),
            models.CheckConstraint(
                condition=Q(is_guided=False) | Q(order="listed", reveal__in=["on_grade", "coached"]),
                name="a_guided_ticket_is_practice",
                violation_error_message=_("A guided first ticket is practice or coached, and not mixed."),
            ),
            models.UniqueConstraint(
                fields=["cohort"],
                condition=Q(is_guided=True),
                name="one_guided_assignment_per_cohort",
                violation_error_message=_("This cohort has a guided first ticket already."),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        if self.reveal == self.Reveal.ON_CLOSE and self.closes_at is None:
            raise ValidationError({"closes_at": gettext("Say when it closes: the results are shown then.")})

    @property
    def policy(self) -> Policy:
        if self.reveal == self.Reveal.COACHED:
            return Policy.COACHED
        return Policy.PRACTICE if self.reveal == self.Reveal.ON_GRADE else Policy.ASSESSMENT

    @property
    def tells_lesson(self) -> bool:
        """Is it no secret what its tickets practise? A mixed assignment and a shift are worked without being told."""
        return self.order == self.Order.LISTED and not hasattr(self, "shift")

    def reveals_at(self, now: datetime) -> bool:
        """May a graded worksheet's truth be shown at this moment?"""
        if self.policy is not Policy.ASSESSMENT:
            return True
        if self.reveal == self.Reveal.ON_CLOSE:
            return self.closes_at is not None and now >= self.closes_at
        return self.revealed_at is not None and now >= self.revealed_at

    def takes_work_at(self, now: datetime) -> bool:
        return not (self.opens_at and now < self.opens_at) and not (self.closes_at and now >= self.closes_at)


class AssignmentItem(Identified):
    assignment = models.ForeignKey(Assignment, on_delete=models.CASCADE, related_name="items")
    position = models.PositiveSmallIntegerField()
    version = models.ForeignKey(ScenarioVersion, on_delete=models.PROTECT, related_name="items")

    class Meta:
        ordering = ["assignment", "position"]
        constraints = [
            models.UniqueConstraint(fields=["assignment", "position"], name="one_item_per_position"),
        ]

    def __str__(self) -> str:
        return f"{self.position}. {self.version.title}"
