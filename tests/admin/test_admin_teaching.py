from __future__ import annotations

import re
from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from tests import factories as make
from tests.admin.conftest import School, log_in
from tickets.models import Assignment, AuditRecord, Cohort, Enrollment, Submission, Ticket, User
from tickets.tasks.deadlines import hand_in_drafts_at


def test_an_instructor_enrols_a_new_trainee_who_gets_the_tickets(school: School) -> None:
    version = make.make_version()
    make.make_variant(version)
    make.make_item(school.anas.item.assignment, version)
    client = log_in(school.ivo)
    form = {"cohort": school.own.pk, "username": "lea", "first_name": "Lea", "last_name": "Kos"}
    page = client.post(reverse("admin:tickets_enrollment_add"), form, follow=True).content.decode()
    lea = User.objects.get(username="lea")
    password = re.search(r"first password ([\w-]+)\.", page)
    assert password is not None
    assert lea.check_password(password[1])
    assert (lea.role, lea.is_staff) == ("trainee", False)
    assert lea.tickets.count() == 2


def test_nobody_is_enrolled_into_a_cohort_that_one_does_not_teach(school: School) -> None:
    form = {"cohort": school.other.pk, "username": "lea"}
    response = log_in(school.ivo).post(reverse("admin:tickets_enrollment_add"), form)
    assert "Select a valid choice" in response.content.decode()
    assert not User.objects.filter(username="lea").exists()


def test_an_instructor_is_not_enrolled_as_a_trainee(school: School) -> None:
    form = {"cohort": school.own.pk, "username": "mia"}
    response = log_in(school.ivo).post(reverse("admin:tickets_enrollment_add"), form)
    assert "mia is no trainee" in response.content.decode().replace("&#x27;", "'")
    assert not Enrollment.objects.filter(cohort=school.own, user=school.mia).exists()


def test_who_makes_a_cohort_teaches_it(school: School) -> None:
    client = log_in(school.ivo)
    client.post(reverse("admin:tickets_cohort_add"), {"name": "New class", "profile": "five_steps"})
    cohort = Cohort.objects.get(name="New class")
    assert Cohort.objects.taught_by(school.ivo).filter(pk=cohort.pk).exists()


def test_an_assignment_gives_its_tickets_when_it_is_saved(school: School) -> None:
    version = make.make_version(title="A second one")
    make.make_variant(version)
    form = {
        "cohort": school.own.pk,
        "title": "Week two",
        "reveal": "on_grade",
        "order": "listed",
        "items-TOTAL_FORMS": "1",
        "items-INITIAL_FORMS": "0",
        "items-0-version": version.pk,
    }
    page = (
        log_in(school.ivo).post(reverse("admin:tickets_assignment_add"), form, follow=True).content.decode()
    )
    assert "Tickets given: 1." in page
    assert Ticket.objects.get(item__assignment__title="Week two").trainee == school.ana


def test_a_guided_assignment_gives_nothing_when_it_is_saved_and_says_so(school: School) -> None:
    version = make.make_version(title="A first one")
    make.make_variant(version)
    form = {
        "cohort": school.own.pk,
        "title": "Your first ticket",
        "reveal": "coached",
        "order": "listed",
        "is_guided": "on",
        "items-TOTAL_FORMS": "1",
        "items-INITIAL_FORMS": "0",
        "items-0-version": version.pk,
    }
    add = reverse("admin:tickets_assignment_add")
    page = log_in(school.ivo).post(add, form, follow=True).content.decode()
    assert "Trainees get a guided first ticket when they start the guide." in page
    assert Assignment.objects.get(title="Your first ticket").is_guided
    assert not Ticket.objects.filter(item__assignment__title="Your first ticket").exists()
    again = log_in(school.ivo).post(add, form | {"title": "And another"}).content.decode()
    assert "This cohort has a guided first ticket already." in again


def test_who_shows_results_at_the_close_says_when_it_closes(school: School) -> None:
    form = {
        "cohort": school.own.pk,
        "title": "Exam",
        "reveal": "on_close",
        "order": "listed",
        "items-TOTAL_FORMS": "0",
        "items-INITIAL_FORMS": "0",
    }
    page = log_in(school.ivo).post(reverse("admin:tickets_assignment_add"), form).content.decode()
    assert "Say when it closes: the results are shown then." in page
    assert "coached: the same, and the steps of a first ticket can be checked one by one" in page


def test_only_published_scenarios_that_are_open_to_oneself_can_be_set(school: School) -> None:
    make.make_version(make.make_scenario("theirs", owner=school.mia), title="Of another")
    make.make_version(title="Not ready", state="draft")
    page = log_in(school.ivo).get(reverse("admin:tickets_assignment_add")).content.decode()
    assert "Printed title" in page
    assert "Of another" not in page
    assert "Not ready" not in page


def test_the_grades_are_shown_when_the_instructor_says_so(school: School) -> None:
    assignment = school.anas.item.assignment
    Assignment.objects.filter(pk=assignment.pk).update(reveal="manual")
    form = {"action": "reveal", "_selected_action": [str(assignment.pk)]}
    log_in(school.ivo).post(reverse("admin:tickets_assignment_changelist"), form)
    assignment.refresh_from_db()
    assert assignment.revealed_at is not None


def test_who_prolongs_an_assignment_is_told_what_is_open_again(school: School) -> None:
    now = timezone.localtime()
    assignment = make.make_assignment(school.own, reveal="manual", closes_at=now - timedelta(minutes=1))
    variant = make.make_variant(make.make_version(make.make_scenario("another")))
    ticket = make.make_ticket(school.ana, assignment=assignment, variant=variant)
    make.make_worksheet(ticket, reason="Half of it.")
    assert hand_in_drafts_at(timezone.now()) == 1
    later = now + timedelta(days=1)
    items = {
        "items-TOTAL_FORMS": "1",
        "items-INITIAL_FORMS": "1",
        "items-0-id": ticket.item_id,
        "items-0-assignment": assignment.pk,
        "items-0-version": variant.version_id,
    }
    form = {
        "title": assignment.title,
        "reveal": "manual",
        "order": "listed",
        "closes_at_0": later.strftime("%Y-%m-%d"),
        "closes_at_1": later.strftime("%H:%M:%S"),
        **items,
    }
    address = reverse("admin:tickets_assignment_change", args=[assignment.pk])
    page = log_in(school.ivo).post(address, form, follow=True).content.decode()
    assert "Worksheets that were handed in at the deadline and are open again: 1." in page
    assert AuditRecord.objects.get(action="submission.reopened").actor == school.ivo
    assert not Submission.objects.filter(ticket=ticket).exists()
