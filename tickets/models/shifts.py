"""A shift: tickets that come one by one while time runs, and the plan of when which one comes.

planned -> running -> ended
planned -> abandoned
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from tickets.shifts import FEWEST_TICKETS, LONGEST_MIN, MOST_TICKETS, SHORTEST_MIN, SPEEDS, Mix

from .assignments import Assignment, AssignmentItem
from .cohorts import Cohort, Enrollment
from .identity import Identified, choices_of, one_of
from .scenarios import Variant
from .tickets import Ticket
from .users import User

MIX_NAMES = {
    Mix.REAL.value: _("as in a real centre: about one alarm in seven is true"),
    Mix.HALF.value: _("every second alarm is true"),
}


class ShiftQuerySet(models.QuerySet["Shift"]):
    def worked_by(self, user: User) -> ShiftQuerySet:
        """The trainee's own shifts and those of a cohort that have a plan for him or her, while the enrolment stands."""
        planned = ShiftArrival.objects.filter(shift=OuterRef("pk"), trainee=user)
        enrolled = Enrollment.objects.trainees().filter(user=user, cohort=OuterRef("cohort"))
        return self.filter(Q(trainee=user) | Exists(planned), Exists(enrolled))

    def taught_by(self, user: User) -> ShiftQuerySet:
        return self.filter(cohort__in=Cohort.objects.taught_by(user).values("pk"))

    def running_at(self, now: datetime) -> ShiftQuerySet:
        return self.filter(state=Shift.State.RUNNING, ends_at__gt=now)


class Shift(Identified):
    class State(models.TextChoices):
        PLANNED = "planned", _("planned")
        RUNNING = "running", _("running")
        ENDED = "ended", _("ended")
        ABANDONED = "abandoned", _("given up before it began")

    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="shifts")
    # Who works it alone; None: every trainee that the cohort had when it was planned.
    trainee = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="own_shifts"
    )
    planned_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    planned_at = models.DateTimeField(auto_now_add=True)
    minutes = models.PositiveSmallIntegerField(help_text=_("how long it takes at single speed"))
    speed = models.PositiveSmallIntegerField(
        default=1, help_text=_("minutes of the shift in one on the clock")
    )
    tickets_each = models.PositiveSmallIntegerField()
    mix = models.CharField(max_length=4, choices=choices_of(Mix, MIX_NAMES), default=Mix.REAL)
    is_mix_kept = models.BooleanField(default=True)
    seed = models.CharField(max_length=32, editable=False)
    state = models.CharField(max_length=9, choices=State.choices, default=State.PLANNED)
    # Its tickets' assignment, made when it starts.
    assignment = models.OneToOneField(
        Assignment, on_delete=models.CASCADE, null=True, blank=True, related_name="shift"
    )
    started_at = models.DateTimeField(null=True, blank=True)
    # By the plan, and really.
    ends_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = ShiftQuerySet.as_manager()

    class Meta:
        ordering = ["-planned_at"]
        constraints = [
            one_of("mix", Mix, name="shift_mix_known"),
            one_of("state", ["planned", "running", "ended", "abandoned"], name="shift_state_known"),
            models.CheckConstraint(condition=Q(speed__in=SPEEDS), name="shift_speed_known"),
            models.CheckConstraint(
                condition=Q(minutes__gte=SHORTEST_MIN, minutes__lte=LONGEST_MIN),
                name="shift_minutes_in_range",
            ),
            models.CheckConstraint(
                condition=Q(tickets_each__gte=FEWEST_TICKETS, tickets_each__lte=MOST_TICKETS),
                name="shift_tickets_in_range",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["planned", "abandoned"], started_at=None, assignment=None)
                | Q(
                    state__in=["running", "ended"],
                    started_at__isnull=False,
                    ends_at__isnull=False,
                    assignment__isnull=False,
                ),
                name="a_shift_that_ran_has_its_times",
            ),
            models.CheckConstraint(
                condition=Q(state="ended", ended_at__gte=F("started_at"))
                | ~Q(state="ended") & Q(ended_at=None),
                name="only_an_ended_shift_has_its_end",
            ),
            models.UniqueConstraint(
                fields=["trainee"],
                condition=Q(state__in=["planned", "running"]),
                name="one_own_shift_at_a_time",
            ),
        ]
        indexes = [models.Index(fields=["ends_at"], condition=Q(state="running"), name="shift_running")]

    def __str__(self) -> str:
        whose = self.trainee or self.cohort
        return f"{self.minutes} minutes, {self.tickets_each} tickets, {whose}"

    @property
    def clock_time(self) -> timedelta:
        """How long it takes on the clock."""
        return timedelta(minutes=self.minutes) / self.speed

    def is_running_at(self, now: datetime) -> bool:
        return self.state == self.State.RUNNING and self.ends_at is not None and now < self.ends_at

    def is_over_at(self, now: datetime) -> bool:
        """By its state, or by the clock before a worker has noted it."""
        has_run = self.state in (self.State.RUNNING, self.State.ENDED)
        return has_run and not self.is_running_at(now)

    @property
    def end(self) -> datetime:
        """When it ended, or will. Only of one that has started."""
        end = self.ended_at or self.ends_at
        assert end is not None
        return end

    @property
    def length_s(self) -> float:
        """From its start to its end, in seconds on the clock. Only of one that has started."""
        assert self.started_at is not None
        return (self.end - self.started_at).total_seconds()


class ShiftArrivalQuerySet(models.QuerySet["ShiftArrival"]):
    def due_at(self, now: datetime) -> ShiftArrivalQuerySet:
        """What should have been handed out by now and was not, the longest due first."""
        return self.filter(
            shift__state=Shift.State.RUNNING,
            shift__ends_at__gt=now,
            due_at__lte=now,
            ticket=None,
            dropped_at=None,
        ).order_by("due_at", "number")


class ShiftArrival(Identified):
    """One ticket of one trainee's plan, with the variant that is kept for it."""

    shift = models.ForeignKey(Shift, on_delete=models.CASCADE, related_name="arrivals")
    trainee = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="shift_arrivals"
    )
    number = models.PositiveSmallIntegerField()
    variant = models.ForeignKey(Variant, on_delete=models.PROTECT, related_name="shift_arrivals")
    offset_s = models.PositiveIntegerField(help_text=_("seconds of the shift after its start"))
    # Set when the shift starts.
    item = models.ForeignKey(
        AssignmentItem, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    due_at = models.DateTimeField(null=True, blank=True)
    # What was handed out: at most one ticket, and no ticket twice.
    ticket = models.OneToOneField(
        Ticket, on_delete=models.PROTECT, null=True, blank=True, related_name="arrival"
    )
    # Its evidence was found broken before it was due, so it does not come.
    dropped_at = models.DateTimeField(null=True, blank=True)

    objects = ShiftArrivalQuerySet.as_manager()

    class Meta:
        ordering = ["shift", "trainee", "number"]
        constraints = [
            models.UniqueConstraint(fields=["shift", "trainee", "number"], name="one_arrival_per_number"),
            models.UniqueConstraint(
                fields=["trainee", "variant"], name="one_arrival_per_variant_and_trainee"
            ),
            models.CheckConstraint(
                condition=Q(ticket=None) | Q(due_at__isnull=False, dropped_at=None),
                name="only_what_was_due_is_handed_out",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(ticket=None, dropped_at=None), name="shift_arrival_waiting"
            )
        ]

    def __str__(self) -> str:
        return f"{self.number} of {self.trainee}"
