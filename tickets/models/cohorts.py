"""A class of trainees, and who belongs to it as what."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from tickets.grading import PROFILE_NAMES, Profile

from .identity import Identified, choices_of, one_of
from .users import User


class CohortQuerySet(models.QuerySet["Cohort"]):
    def taught_by(self, user: User) -> CohortQuerySet:
        """The cohorts whose work this user may see and set: all for a superuser, else one's own."""
        if user.is_superuser:
            return self
        return self.filter(
            enrollments__user=user,
            enrollments__role=Enrollment.Role.INSTRUCTOR,
            enrollments__is_active=True,
        ).distinct()


class Cohort(Identified):
    name = models.CharField(max_length=120, unique=True)
    description = models.TextField(blank=True)
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    profile = models.CharField(
        _("words for closing"),
        max_length=12,
        choices=choices_of(Profile, {profile.value: name for profile, name in PROFILE_NAMES.items()}),
        default=Profile.FIVE_STEPS,
        help_text=_("whose words the worksheet closes a ticket in; marks are the same in all of them"),
    )
    # Work that a program made up for a demonstration; every page that shows it says so.
    is_simulated = models.BooleanField(_("holds simulated work"), default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = CohortQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [one_of("profile", Profile, name="cohort_profile_known")]

    def __str__(self) -> str:
        return self.name


class EnrollmentQuerySet(models.QuerySet["Enrollment"]):
    def trainees(self) -> EnrollmentQuerySet:
        return self.filter(role=Enrollment.Role.TRAINEE, is_active=True)


class Enrollment(Identified):
    class Role(models.TextChoices):
        TRAINEE = "trainee", _("trainee")
        INSTRUCTOR = "instructor", _("instructor")

    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="enrollments")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="enrollments")
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.TRAINEE)
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(auto_now_add=True)

    objects = EnrollmentQuerySet.as_manager()

    class Meta:
        ordering = ["cohort", "role", "user"]
        constraints = [
            models.UniqueConstraint(fields=["cohort", "user"], name="one_enrollment_per_cohort_and_user"),
            one_of("role", ["trainee", "instructor"], name="enrollment_role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.cohort}"
