"""Grading anew what was graded: why, whose work, what would change, and who agreed to it (docs/decisions/0010).

drafted -> computed -> approved -> applied
   ^          |           |
   +----------+-----------+   when what it was computed from has changed since
drafted, computed -> abandoned
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from .cohorts import Cohort
from .grades import Grade
from .identity import Identified, one_of
from .scenarios import Scenario, ScenarioVersion, Variant
from .tickets import Ticket
from .users import User


class RegradingQuerySet(models.QuerySet["Regrading"]):
    def open_to(self, user: User) -> RegradingQuerySet:
        """Those whose every cohort this user teaches: nobody decides over marks that he or she may not see."""
        if user.is_superuser:
            return self
        foreign = Cohort.objects.exclude(pk__in=Cohort.objects.taught_by(user).values("pk"))
        return self.filter(cohorts__in=Cohort.objects.taught_by(user)).exclude(cohorts__in=foreign).distinct()


class Regrading(Identified):
    class Cause(models.TextChoices):
        ENGINE = "engine", _("a new release of the engine")
        ERRATUM = "erratum", _("a corrected scenario")
        BROKEN = "broken", _("broken evidence")

    class Remedy(models.TextChoices):
        EXCLUDE = "exclude", _("the ticket does not count")
        FULL_MARKS = "full_marks", _("full marks")
        REPLACE = "replace", _("another ticket in its place")

    class State(models.TextChoices):
        DRAFTED = "drafted", _("being computed")
        COMPUTED = "computed", _("waiting for approval")
        APPROVED = "approved", _("being applied")
        APPLIED = "applied", _("applied")
        ABANDONED = "abandoned", _("abandoned")

    cause = models.CharField(max_length=8, choices=Cause.choices)
    reason = models.TextField(help_text=_("what the trainees concerned are told"))
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFTED)
    # Whose work: fixed when it was drafted. Without a scenario, every scenario.
    cohorts = models.ManyToManyField(Cohort, related_name="regradings")
    scenario = models.ForeignKey(
        Scenario, on_delete=models.PROTECT, null=True, blank=True, related_name="regradings"
    )
    # The version whose key counts from now on for the variants of those that it corrects.
    erratum = models.ForeignKey(
        ScenarioVersion, on_delete=models.PROTECT, null=True, blank=True, related_name="regradings"
    )
    corrects = models.ManyToManyField(ScenarioVersion, related_name="+", blank=True)
    variant = models.ForeignKey(
        Variant, on_delete=models.PROTECT, null=True, blank=True, related_name="regradings"
    )
    remedy = models.CharField(max_length=10, choices=Remedy.choices, blank=True)
    engine_version = models.CharField(max_length=20)
    marks_may_fall = models.BooleanField(default=False)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    computed_at = models.DateTimeField(null=True, blank=True)
    approved_at = models.DateTimeField(null=True, blank=True)
    applied_at = models.DateTimeField(null=True, blank=True)
    abandoned_at = models.DateTimeField(null=True, blank=True)
    # Why an approval did not hold: what had changed since the dry run.
    outdated = models.CharField(max_length=255, blank=True)

    objects = RegradingQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            one_of("cause", ["engine", "erratum", "broken"], name="regrading_cause_known"),
            one_of(
                "state",
                ["drafted", "computed", "approved", "applied", "abandoned"],
                name="regrading_state_known",
            ),
            one_of(
                "remedy", ["exclude", "full_marks", "replace"], name="regrading_remedy_known", or_blank=True
            ),
            models.CheckConstraint(
                condition=models.Q(cause="engine", erratum=None, variant=None, remedy="")
                | models.Q(
                    cause="erratum", erratum__isnull=False, scenario__isnull=False, variant=None, remedy=""
                )
                | (models.Q(cause="broken", erratum=None, variant__isnull=False) & ~models.Q(remedy="")),
                name="regrading_says_what_its_cause_needs",
            ),
            models.CheckConstraint(condition=~models.Q(reason=""), name="a_regrading_has_a_reason"),
            models.CheckConstraint(
                condition=~models.Q(state__in=["approved", "applied"])
                | models.Q(computed_at__isnull=False, approved_at__isnull=False),
                name="nothing_is_applied_unapproved",
            ),
            models.CheckConstraint(
                condition=models.Q(state="applied", applied_at__isnull=False)
                | (~models.Q(state="applied") & models.Q(applied_at=None)),
                name="applied_regradings_say_when",
            ),
        ]

    def __str__(self) -> str:
        return f"regrading, {self.get_cause_display()}: {self.get_state_display()}"


class RegradingLine(Identified):
    """What a regrading does to one ticket. It is computed first and counts once the regrading is applied."""

    class Change(models.TextChoices):
        FALLS = "falls", _("marks fall")
        RISES = "rises", _("marks rise")
        SAME_MARKS = "same_marks", _("same marks, another truth")
        UNCHANGED = "unchanged", _("nothing changes")
        EXCLUDED = "excluded", _("does not count")
        REPLACED = "replaced", _("gets another ticket")
        FAILED = "failed", _("could not be graded")

    regrading = models.ForeignKey(Regrading, on_delete=models.CASCADE, related_name="lines")
    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="regrading_lines")
    before = models.ForeignKey(Grade, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    after = models.ForeignKey(Grade, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    change = models.CharField(max_length=10, choices=Change.choices)
    # Would points that were earned be gone? Then only an explicit word lets it happen.
    is_fall = models.BooleanField(default=False)
    replacement = models.ForeignKey(
        Variant, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    problem = models.TextField(blank=True)

    class Meta:
        ordering = ["regrading", "ticket"]
        constraints = [
            models.UniqueConstraint(fields=["regrading", "ticket"], name="one_line_per_ticket"),
            one_of(
                "change",
                ["falls", "rises", "same_marks", "unchanged", "excluded", "replaced", "failed"],
                name="regrading_change_known",
            ),
        ]
        indexes = [models.Index(fields=["regrading", "change"], name="regrading_line_change")]

    def __str__(self) -> str:
        return f"{self.ticket_id}: {self.change}"
