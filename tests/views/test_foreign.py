"""X01: what is right for another's evidence is counted for who teaches, told as a question, and hidden from trainees."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests import factories as make
from tests.views.conftest import client_of
from tickets.models import Cohort, Ticket
from tickets.reports.cohorts import first_attempts
from tickets.reports.foreign import count_foreign, foreign_of

pytestmark = pytest.mark.django_db

ENDS = {"originator_ip": "10.20.30.40", "originator_port": "3932"}
UMAS = {"originator_ip": "10.20.30.77", "originator_port": "51999"}


def grade_ends(ticket: Ticket, given: dict[str, str], expected: dict[str, str]) -> None:
    results = {name: "correct" if given[name] == expected[name] else "wrong" for name in expected}
    told = {name: {"expected": expected[name]} for name in expected}
    answers: dict[str, Any] = {**given}
    make.make_grade(make.make_submission(ticket, with_job=False, **answers), results=results, told=told)


def make_class(anas: dict[str, str]) -> tuple[Ticket, Ticket]:
    """ana and uma work one scenario, each with evidence of her own; uma is right."""
    version = make.make_version()
    assignment = make.make_assignment()
    tickets = []
    for name, given, expected in (("ana", anas, ENDS), ("uma", UMAS, UMAS)):
        variant = make.make_variant(version, bundle=make.make_bundle(notes=(f"The ticket of {name}.",)))
        ticket = make.make_ticket(make.make_user(name), assignment=assignment, variant=variant)
        grade_ends(ticket, given, expected)
        tickets.append(ticket)
    return tickets[0], tickets[1]


def found_in(ticket: Ticket) -> tuple[int, int]:
    counted = count_foreign(first_attempts(ticket.item.assignment.cohort))
    return len(counted.found), counted.n


def test_it_is_counted_of_the_worksheets_that_could_show_it_and_names_the_other_ticket() -> None:
    anas, umas = make_class(UMAS)
    assert found_in(anas) == (1, 2)
    told = foreign_of(anas)
    assert told is not None
    assert (told.ticket, told.other) == (anas, umas)
    assert [value for _, value in told.fields] == ["10.20.30.77", "51999"]
    assert told.one_in > 1_000_000
    assert foreign_of(umas) is None


def test_what_is_right_or_stands_in_ones_own_evidence_is_not_counted() -> None:
    anas, _ = make_class(ENDS)
    assert found_in(anas) == (0, 2)


def test_what_stands_in_ones_own_evidence_may_have_been_read_there() -> None:
    anas, _ = make_class({"originator_ip": "10.20.30.77", "originator_port": "3932"})
    assert found_in(anas) == (1, 2)
    anas.variant.bundle.records.filter(number=1).update(src_ip="10.20.30.77")
    assert found_in(anas) == (0, 2)


def test_another_class_is_not_looked_at() -> None:
    anas, umas = make_class(UMAS)
    Ticket.objects.filter(pk=umas.pk).update(
        item=make.make_item(make.make_assignment(make.make_cohort("Other")))
    )
    assert found_in(anas) == (0, 0)


def test_who_teaches_reads_it_on_the_report_the_marks_and_the_result(ivo: Client) -> None:
    anas, umas = make_class(UMAS)
    cohort = anas.item.assignment.cohort_id
    report = ivo.get(f"/reports/cohorts/{cohort}/").content.decode()
    assert "1 of 2 graded worksheets" in report
    behind = ivo.get(f"/reports/cohorts/{cohort}/worksheets/?foreign=1").content.decode()
    assert anas.code in behind
    assert umas.code not in behind
    pages = (
        report,
        ivo.get("/marks/").content.decode(),
        ivo.get(f"/tickets/{anas.pk}/grade/").content.decode(),
    )
    for page in pages:
        assert "It is no proof" in page
    for page in pages[1:]:
        assert umas.code in page


def test_no_trainee_and_no_stranger_reads_it(ana: Client, zoe: Client) -> None:
    anas, umas = make_class(UMAS)
    page = ana.get(f"/tickets/{anas.pk}/grade/").content.decode()
    assert "X01" not in page
    assert "another's evidence" not in page
    assert umas.code not in page
    assert "X01" not in ana.get(f"/tickets/{anas.pk}/grade.json").content.decode()
    for client in (ana, zoe):
        assert client.get("/marks/").status_code == 404
        assert client.get(f"/reports/cohorts/{anas.item.assignment.cohort_id}/").status_code == 404
    ines = make.make_instructor("ines")
    Cohort.objects.create(name="Hers").enrollments.create(user=ines, role="instructor")
    assert umas.code not in client_of(ines).get("/marks/").content.decode()
