"""Checking a step from the desk."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests import factories as make
from tickets.models import StepCheck, Ticket, Worksheet

pytestmark = pytest.mark.django_db

JSON = {"Accept": "application/json"}
BUTTON = "Check this step"


@pytest.fixture
def ticket() -> Ticket:
    return make.make_ticket(assignment=make.make_assignment(reveal="coached"))


def desk(client: Client, ticket: Ticket, query: str = "") -> str:
    return client.get(f"/tickets/{ticket.pk}/{query}").content.decode()


def post(
    client: Client, ticket: Ticket, step: str, headers: dict[str, str] | None = None, **answers: Any
) -> Any:
    draft = Worksheet.objects.filter(ticket=ticket).first()
    data = {**make.RIGHT_ANSWERS, **answers, "version": draft.version if draft else 0, "step": step}
    return client.post(f"/tickets/{ticket.pk}/checks/", data, headers=headers or {})


def test_the_desk_of_a_first_ticket_says_that_it_is_coached_and_offers_the_first_step(
    ana: Client, ticket: Ticket
) -> None:
    page = desk(ana, ticket)
    assert "Coached, each step can be checked" in page
    assert page.count(BUTTON) == 1
    assert 'name="step" value="reason"' in page
    assert "This step can be checked once step 1 is." in page


def test_a_browsers_check_saves_the_worksheet_and_comes_back_to_the_step(ana: Client, ticket: Ticket) -> None:
    response = post(ana, ticket, "reason")
    assert response.status_code == 302
    assert response.headers["Location"] == f"/tickets/{ticket.pk}/?step=1#step-1"
    assert Worksheet.objects.get(ticket=ticket).analysis == make.RIGHT_ANSWERS["analysis"]
    page = desk(ana, ticket, "?step=1")
    assert "Your text says what the rule looks for; what the alert shows." in page
    assert 'name="step" value="supporting_evidence"' in page


def test_a_checked_step_shows_its_own_truth_and_no_other(ana: Client, ticket: Ticket) -> None:
    wrong: dict[str, Any] = {
        "reversed": "no",
        "outcome": "refused",
        "disposition": "true_positive",
        "reason_code": "TP1",
    }
    post(ana, ticket, "reason", **wrong)
    assert "The records show" not in desk(ana, ticket)
    post(ana, ticket, "supporting_evidence", **wrong)
    page = desk(ana, ticket, "?step=2")
    assert "The records show that the alert is reversed." in page
    assert "?record=capture.pcap%3A1#here" in page
    for later in ("the outcome is", "the disposition is", "Missed incident", "FP1 earns"):
        assert later not in page
    post(ana, ticket, "analysis", **wrong)
    page = desk(ana, ticket, "?step=3")
    assert "The records show that the outcome is established." in page
    assert "the disposition is" not in page


def test_an_unfinished_step_is_refused_and_what_was_typed_is_kept(ana: Client, ticket: Ticket) -> None:
    response = post(ana, ticket, "reason", reason="")
    assert response.status_code == 409
    page = response.content.decode()
    assert "Finish this step first. Still empty: the text." in page
    assert make.RIGHT_ANSWERS["conclusion"].split(":")[0] in page
    assert not StepCheck.objects.exists()


def test_a_conflict_is_shown_before_anything_is_checked(ana: Client, ticket: Ticket) -> None:
    make.make_worksheet(ticket)
    response = ana.post(f"/tickets/{ticket.pk}/checks/", {"version": 0, "step": "reason", "reason": "Mine."})
    assert response.status_code == 409
    assert not StepCheck.objects.exists()


def test_a_tool_checks_a_step_of_the_draft_that_it_saved(ana: Client, ticket: Ticket) -> None:
    assert post(ana, ticket, "analysis", JSON).json() == {
        "error": "The steps build on each other: check step 1 first."
    }
    told = post(ana, ticket, "reason", JSON)
    assert (told.status_code, told.json()["step"], told.json()["lines"]) == (201, "reason", [])


def test_an_instructor_reads_what_was_checked_and_checks_nothing(
    ivo: Client, ana: Client, zoe: Client, ticket: Ticket
) -> None:
    post(ana, ticket, "reason")
    post(ana, ticket, "supporting_evidence", reversed="no")
    page = desk(ivo, ticket)
    assert "The records show that the alert is reversed." in page
    assert BUTTON not in page
    assert post(ivo, ticket, "analysis").status_code == 404
    assert post(zoe, ticket, "analysis").status_code == 404
    assert StepCheck.objects.count() == 2


def test_a_later_ticket_of_the_lesson_says_that_its_result_comes_at_the_end(
    ana: Client, ticket: Ticket
) -> None:
    post(ana, ticket, "reason")
    second = make.make_ticket(assignment=ticket.item.assignment)
    page = desk(ana, second)
    assert "Coached, result after this ticket" in page
    assert BUTTON not in page
    assert post(ana, second, "reason").status_code == 409


@pytest.mark.parametrize("reveal", ["on_grade", "on_close", "manual"])
def test_no_other_policy_checks_a_step(ana: Client, reveal: str) -> None:
    ticket = make.make_ticket(assignment=make.make_assignment(reveal=reveal))
    assert BUTTON not in desk(ana, ticket)
    for headers in ({}, JSON):
        assert post(ana, ticket, "reason", headers).status_code == 409
    assert not StepCheck.objects.exists()


def test_after_the_submission_the_checked_steps_are_read_and_none_is_offered(
    ana: Client, ticket: Ticket
) -> None:
    post(ana, ticket, "reason")
    make.make_submission(ticket)
    page = desk(ana, ticket)
    assert "Your text says what the rule looks for" in page
    assert BUTTON not in page
