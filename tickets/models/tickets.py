"""A ticket: a variant given to one trainee to work."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q

from .assignments import AssignmentItem
from .cohorts import Enrollment
from .identity import Identified
from .scenarios import Variant
from .users import User

# Crockford's base 32: no I, L, O or U, so that a code read aloud is not misheard.
CODE_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_code() -> str:
    """A short name for people, such as `T-7K2QX9`. It is random: a count would say how many there are."""
    return "T-" + "".join(secrets.choice(CODE_ALPHABET) for _ in range(6))


class TicketQuerySet(models.QuerySet["Ticket"]):
    def worked_by(self, user: User) -> TicketQuerySet:
        """A trainee's own tickets, while the enrolment that gave them stands."""
        enrolled = Enrollment.objects.filter(
            user=user, is_active=True, cohort=OuterRef("item__assignment__cohort")
        )
        return self.filter(Exists(enrolled), trainee=user, voided_at=None)

    def taught_by(self, user: User) -> TicketQuerySet:
        """The tickets of the cohorts that an instructor teaches."""
        if user.is_superuser:
            return self
        teaches = Enrollment.objects.filter(
            user=user,
            is_active=True,
            role=Enrollment.Role.INSTRUCTOR,
            cohort=OuterRef("item__assignment__cohort"),
        )
        return self.filter(Exists(teaches))

    def open_at(self, now: object) -> TicketQuerySet:
        """Without the tickets of an assignment that has not opened yet."""
        return self.filter(Q(item__assignment__opens_at=None) | Q(item__assignment__opens_at__lte=now))

    def first_attempts(self) -> TicketQuerySet:
        """The tickets that count: first attempts, or what came in their place, neither voided nor excluded."""
        return self.filter(Q(attempt=1) | Q(replaces__attempt=1), voided_at=None, excluded_at=None)

    def with_story(self) -> TicketQuerySet:
        """All that a queue row or a desk prints, in one query."""
        return self.select_related(
            "item__assignment__cohort", "variant__version__scenario", "worksheet", "submission", "trainee"
        )


class Ticket(Identified):
    code = models.CharField(max_length=12, unique=True, default=new_code, editable=False)
    item = models.ForeignKey(AssignmentItem, on_delete=models.PROTECT, related_name="tickets")
    trainee = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="tickets")
    variant = models.ForeignKey(Variant, on_delete=models.PROTECT, related_name="tickets")
    # The ticket's place in the trainee's own order; 0 where the assignment's list is the order.
    position = models.PositiveSmallIntegerField(default=0)
    attempt = models.PositiveSmallIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)
    opened_at = models.DateTimeField(null=True, blank=True)
    voided_at = models.DateTimeField(null=True, blank=True)
    void_reason = models.CharField(max_length=255, blank=True)
    # Its evidence is broken: nobody need work it, it counts nowhere, and what was written stays to be read.
    excluded_at = models.DateTimeField(null=True, blank=True)
    excluded_because = models.TextField(blank=True)
    # The first of the tickets in whose place this one stands; it counts as that one would have.
    replaces = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="replacements"
    )

    objects = TicketQuerySet.as_manager()

    class Meta:
        ordering = ["item__assignment", "position", "item__position", "created_at"]
        constraints = [
            models.UniqueConstraint(fields=["item", "trainee", "attempt"], name="one_ticket_per_attempt"),
            # A trainee never meets the same evidence twice.
            models.UniqueConstraint(fields=["trainee", "variant"], name="one_ticket_per_variant_and_trainee"),
        ]
        indexes = [models.Index(fields=["trainee", "-created_at"], name="ticket_age")]

    def __str__(self) -> str:
        return self.code
