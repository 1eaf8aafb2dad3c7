from __future__ import annotations

import pytest
from django.conf import LazySettings

from tickets.actions.demo import OTHER_COHORT, OWN_COHORT, DemoError, load_demo
from tickets.models import Assignment, Cohort, HintTaken, Scenario, Shift, Submission, Ticket, User, Variant
from tickets.reports.shifts import read_class_report

pytestmark = pytest.mark.django_db


def test_the_demo_is_refused_where_its_password_would_be_a_hole(settings: LazySettings) -> None:
    settings.DEMO_MODE = False
    with pytest.raises(DemoError, match="SOCTRAINER_DEMO"):
        load_demo()
    assert not User.objects.exists()


def test_the_demo_loaded_twice_is_as_once(settings: LazySettings) -> None:
    settings.DEMO_MODE = True
    load_demo()
    models = (User, Cohort, Scenario, Variant, Assignment, Ticket, Shift, Submission, HintTaken)
    counts = [model.objects.count() for model in models]
    assert all(counts)
    load_demo()
    assert [model.objects.count() for model in models] == counts


def test_the_people_of_the_demo_are_who_they_are_said_to_be(settings: LazySettings) -> None:
    settings.DEMO_MODE = True
    load_demo()
    ivo = User.objects.get(username="ivo")
    assert (ivo.is_staff, ivo.is_superuser, ivo.check_password("demo")) == (True, False, True)
    assert set(Cohort.objects.taught_by(ivo).values_list("name", flat=True)) >= {OWN_COHORT, OTHER_COHORT}
    cohorts = {name: Cohort.objects.get(enrollments__user__username=name).name for name in ("ana", "zoe")}
    assert cohorts == {"ana": OWN_COHORT, "zoe": OTHER_COHORT}
    assert not User.objects.filter(is_superuser=True).exists()


def test_ana_meets_the_seed_ticket_twice_with_other_evidence(settings: LazySettings) -> None:
    settings.DEMO_MODE = True
    load_demo()
    twice = Ticket.objects.filter(trainee__username="ana", variant__version__scenario__family="T001")
    assert len({ticket.variant for ticket in twice}) == 2


def test_the_simulated_class_has_a_shift_behind_it(settings: LazySettings) -> None:
    settings.DEMO_MODE = True
    load_demo()
    shift = Shift.objects.get()
    assert (shift.state, shift.cohort.is_simulated) == (Shift.State.ENDED, True)
    report = read_class_report(shift)
    assert len(report.rows) == 12
    assert all(line.arrived_s < 30 * 60 for row in report.rows for line in row.lines)
    assert 15 <= (report.together.first_look.median_s or 0) <= 600
    submitted = Submission.objects.filter(ticket__arrival__shift=shift)
    assert submitted.filter(received_at__lt=shift.end).count() == submitted.count() > 24
    assert Ticket.objects.filter(arrival__shift=shift, submission=None).exists()
