"""Who belongs to a cohort: enrolling makes the account, where there is none, and gives the tickets."""

from __future__ import annotations

import secrets
from typing import NamedTuple

from django.db import transaction
from django.utils.translation import gettext

from tickets.actions.assignments import give_tickets
from tickets.models import AuditRecord, Cohort, Enrollment, Ticket, User


class EnrollError(Exception):
    """Why somebody cannot be enrolled, in one sentence."""


class Enrolled(NamedTuple):
    """The membership, its tickets, and the first password of an account that was made for it ("" for a known one)."""

    enrollment: Enrollment
    tickets: list[Ticket]
    password: str


def enroll_trainee(
    cohort: Cohort, username: str, *, first_name: str = "", last_name: str = "", by: User | None = None
) -> Enrolled:
    """Enrol a trainee by user name. The password of a new account is told once, here, and stored nowhere.

    Raises EnrollError for an instructor's account.
    """
    with transaction.atomic():
        user = find_trainee(username)
        password = ""
        if user is None:
            password = secrets.token_urlsafe(12)
            user = User.objects.create_user(
                username,
                password=password,
                first_name=first_name,
                last_name=last_name,
                role=User.Role.TRAINEE,
            )
        enrollment, _ = Enrollment.objects.update_or_create(
            cohort=cohort, user=user, defaults={"role": Enrollment.Role.TRAINEE, "is_active": True}
        )
        tickets = give_tickets(enrollment)
        AuditRecord.objects.record("trainee.enrolled", enrollment, actor=by, cohort=str(cohort.pk))
    return Enrolled(enrollment, tickets, password)


def find_trainee(username: str) -> User | None:
    """The trainee of that name, or None where nobody has it. Raises EnrollError for anybody else's account."""
    user = User.objects.filter(username__iexact=username).first()
    if user is not None and (user.role != User.Role.TRAINEE or user.is_staff or user.is_superuser):
        raise EnrollError(gettext("%(username)s is no trainee's account.") % {"username": username})
    return user
