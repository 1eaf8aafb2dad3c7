"""Three people at the admin's door: ivo who teaches ana, mia who teaches zoe, and ana herself."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from django.test import Client

from tests import factories as make
from tickets.models import Cohort, Ticket, User


@dataclass
class School:
    """Two cohorts with an instructor each, and a graded ticket in both."""

    ivo: User
    mia: User
    ana: User
    zoe: User
    own: Cohort
    other: Cohort
    anas: Ticket
    zoes: Ticket


@pytest.fixture
def school(db: None) -> School:
    ivo, mia = make.make_instructor("ivo", is_staff=True), make.make_instructor("mia", is_staff=True)
    ana, zoe = make.make_user("ana"), make.make_user("zoe")
    own = make.make_cohort("Spring class", trainees=[ana], instructors=[ivo])
    other = make.make_cohort("Other class", trainees=[zoe], instructors=[mia])
    variant = make.make_variant(make.make_version(title="Printed title"))
    anas = make.make_ticket(ana, assignment=make.make_assignment(own, title="Own work"), variant=variant)
    zoes = make.make_ticket(zoe, assignment=make.make_assignment(other, title="Other work"), variant=variant)
    for ticket in (anas, zoes):
        make.make_grade(make.make_submission(ticket))
    return School(ivo, mia, ana, zoe, own, other, anas, zoes)


def log_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client
