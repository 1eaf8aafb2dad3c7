"""Judging texts, and the page on marking: who may, what it comes to, and what a trainee reads of it."""

from __future__ import annotations

import pytest
from django.test import Client

from tests import factories as make
from tests.actions.test_overrides import make_graded
from tests.views.conftest import client_of
from tickets.methodology import STEP_NAMES
from tickets.models import Assignment, AuditRecord, Cohort, CriterionResult, RubricMark, Ticket

pytestmark = pytest.mark.django_db

ALL_TWO = {f"level_{step}": "2" for step in STEP_NAMES}


@pytest.fixture
def ticket() -> Ticket:
    return make_graded()


def page_of(ticket: Ticket) -> str:
    return f"/tickets/{ticket.pk}/rubric/"


def test_ivo_judges_the_texts_and_ana_reads_what_it_comes_to(
    ana: Client, ivo: Client, ticket: Ticket
) -> None:
    assert "Nobody has judged the texts" in ana.get(f"/tickets/{ticket.pk}/grade/").content.decode()
    answer = ivo.post(page_of(ticket), {**ALL_TWO, "comment_analysis": "Which other explanation is there?"})
    assert answer.status_code == 302
    assert set(RubricMark.objects.values_list("step", "level")) == {(step, 2) for step in STEP_NAMES}
    assert AuditRecord.objects.filter(action="texts.judged").count() == 1
    shown = ana.get(f"/tickets/{ticket.pk}/grade/").content.decode()
    assert "instructor's 20 of 20 for the texts" in shown.replace("&#x27;", "'")
    assert "Which other explanation is there?" in shown
    assert "Judge the texts" not in shown


def test_a_second_look_replaces_the_first_and_another_instructors_stays(ivo: Client, ticket: Ticket) -> None:
    ivo.post(page_of(ticket), {"level_reason": "0"})
    ivo.post(page_of(ticket), {"level_reason": "1"})
    assert [mark.level for mark in RubricMark.objects.all()] == [1]
    ines = make.make_instructor("ines")
    make.make_cohort(ticket.item.assignment.cohort.name, instructors=[ines])
    client_of(ines).post(page_of(ticket), {"level_reason": "2"})
    assert RubricMark.objects.count() == 2
    shown = ivo.get(page_of(ticket)).content.decode()
    assert "judged by two: the same in 0 of 1" in shown
    assert "ivo said 1" in shown


def test_the_page_shows_what_was_read_and_how_well_it_is_read(ivo: Client, ticket: Ticket) -> None:
    shown = ivo.get(page_of(ticket)).content.decode()
    assert "things read in it" in shown
    assert "0.982" in shown  # the precision of the first look, which is the one to believe
    assert shown.count('type="radio"') == 15


@pytest.mark.parametrize("posted", [{}, {"level_reason": "3"}, {"level_reason": "x"}, {"level_other": "1"}])
def test_what_is_no_level_is_not_recorded(ivo: Client, ticket: Ticket, posted: dict[str, str]) -> None:
    answer = ivo.post(page_of(ticket), posted)
    assert answer.status_code == 422
    assert "Choose 0, 1 or 2" in answer.content.decode()
    assert not RubricMark.objects.exists()


def test_only_who_teaches_the_class_finds_the_page(ana: Client, zoe: Client, ticket: Ticket) -> None:
    ines = make.make_instructor("ines")
    make.make_cohort("Evening class", instructors=[ines])
    for client in (ana, zoe, client_of(ines)):
        assert client.get(page_of(ticket)).status_code == 404
        assert client.post(page_of(ticket), ALL_TWO).status_code == 404
    assert not RubricMark.objects.exists()


def test_a_ticket_without_a_grade_has_no_texts_to_judge(ivo: Client) -> None:
    assert ivo.get(page_of(make.make_ticket())).status_code == 404


# The page on marking, and the words


def test_everybody_who_signs_in_reads_how_worksheets_are_marked(ana: Client, ivo: Client) -> None:
    for client in (ana, ivo):
        shown = client.get("/marking/").content.decode()
        assert "missed incident" in shown
        assert "Facts, 45" in shown
        assert "True Positive Without Impact" in shown
    assert Client().get("/marking/").status_code == 302


def test_the_result_says_how_other_products_call_it_and_the_worksheet_uses_the_cohorts_words(
    ana: Client, ticket: Ticket
) -> None:
    result = f"/tickets/{ticket.pk}/grade/"
    assert "False Positive - incorrect data" in ana.get(result).content.decode()
    Cohort.objects.update(profile="secops")
    other = make.make_ticket()
    assert "NOT_MALICIOUS" in ana.get(f"/tickets/{other.pk}/").content.decode()


# The other ticket beside a wrong idea


def test_a_wrong_idea_is_shown_beside_a_ticket_where_the_records_say_otherwise(
    ana: Client, ticket: Ticket
) -> None:
    result = f"/tickets/{ticket.pk}/grade/"
    assert "Compare it with" not in ana.get(result).content.decode()
    other = make_graded(**make.RIGHT_ANSWERS)
    CriterionResult.objects.filter(grade__submission__ticket=other).delete()
    make_line(other, expected="no")
    shown = ana.get(result).content.decode()
    assert "Compare it with" in shown
    assert other.code in shown


def test_a_ticket_whose_result_is_not_shown_yet_is_never_named(ana: Client, ticket: Ticket) -> None:
    other = make_graded(**make.RIGHT_ANSWERS)
    CriterionResult.objects.filter(grade__submission__ticket=other).delete()
    make_line(other, expected="no")
    assert other.item.assignment_id != ticket.item.assignment_id
    Assignment.objects.filter(pk=other.item.assignment_id).update(reveal="manual")
    assert other.code not in ana.get(f"/tickets/{ticket.pk}/grade/").content.decode()


def make_line(ticket: Ticket, expected: str) -> None:
    CriterionResult.objects.create(
        grade=ticket.submission.grades.get(is_current=True),
        position=1,
        criterion="reversed",
        label="Is the alert reversed?",
        result="correct",
        given=expected,
        expected=expected,
        points=8,
        max_points=8,
    )
