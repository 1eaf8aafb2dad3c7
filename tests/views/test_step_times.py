"""The time at each step: taken from what a page posts, and shown to its trainee alone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests import factories as make
from tickets.actions.step_times import record_step_times
from tickets.models import StepTime, Ticket

pytestmark = pytest.mark.django_db

HEAD = "Your time by step"


@pytest.fixture
def ticket(db: None) -> Ticket:
    return make.make_ticket(opened_at=timezone.now() - timedelta(hours=1))


def path(ticket: Ticket, page: str = "") -> str:
    return f"/tickets/{ticket.pk}/{page}"


def test_the_time_is_saved_with_the_draft_and_comes_back_with_the_desk(ana: Client, ticket: Ticket) -> None:
    ana.post(path(ticket, "worksheet/"), {"version": 0, "reason": "x", "spent_reason": "125"})
    assert StepTime.objects.get().seconds == 125
    page = ana.get(path(ticket)).content.decode()
    assert '<input type="hidden" name="spent_reason" value="125" data-step="1">' in page
    assert "<step-clock hidden" in page


def test_the_time_is_kept_with_the_submission_and_shown_on_the_result(
    ana: Client, ivo: Client, ticket: Ticket
) -> None:
    ana.post(path(ticket, "submission/"), {"version": 0, **make.RIGHT_ANSWERS, "spent_analysis": "600"})
    make.make_grade(ticket.submission)
    page = ana.get(path(ticket, "grade/")).content.decode()
    assert HEAD in page
    assert "10 min" in page
    assert HEAD not in ivo.get(path(ticket, "grade/")).content.decode()


def test_a_result_without_a_measured_time_says_nothing_of_it(ana: Client, ticket: Ticket) -> None:
    make.make_grade(make.make_submission(ticket, with_job=False))
    assert HEAD not in ana.get(path(ticket, "grade/")).content.decode()


@pytest.mark.parametrize("sent", ["-1", "1e9", "99999999", "soon", "", "\u0663"])
def test_what_is_no_count_of_seconds_costs_no_draft(ana: Client, ticket: Ticket, sent: str) -> None:
    answer = ana.post(path(ticket, "worksheet/"), {"version": 0, "reason": "kept", "spent_reason": sent})
    assert answer.status_code == 302
    assert Ticket.objects.get(pk=ticket.pk).worksheet.reason == "kept"
    assert not StepTime.objects.exists()


def test_a_save_that_conflicts_takes_no_time_either(ana: Client, ticket: Ticket) -> None:
    record_step_times(ticket, {"reason": 10}, timezone.now())
    make.make_worksheet(ticket, version=4)
    answer = ana.post(path(ticket, "worksheet/"), {"version": 1, "reason": "x", "spent_reason": "50"})
    assert answer.status_code == 409
    assert StepTime.objects.get().seconds == 10
