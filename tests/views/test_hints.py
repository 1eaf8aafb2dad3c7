"""The hints on the desk: the price first, the text only when it was taken, by browser, htmx and tool."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests import factories as make
from tests.views.conftest import client_of
from tickets.actions.hints import take_hint
from tickets.models import Assignment, HintTaken, Ticket, Worksheet

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true", "HX-Target": "hints"}
JSON = {"Accept": "application/json"}


@pytest.fixture
def ticket() -> Ticket:
    ticket = make.make_ticket(variant=make.make_variant(make.make_version(skills=["S07"])))
    make.make_hints(ticket.variant)
    return ticket


def desk(client: Client, ticket: Ticket) -> str:
    return client.get(f"/tickets/{ticket.pk}/").content.decode()


def ask(client: Client, ticket: Ticket, headers: dict[str, str] | None = None, **data: Any) -> Any:
    return client.post(f"/tickets/{ticket.pk}/hints/", data, headers=headers or {})


def take(ticket: Ticket, *levels: int) -> None:
    """As if some minutes had passed between them."""
    for level in levels:
        take_hint(ticket, level, timezone.now() - timedelta(minutes=5 - level))


def test_the_desk_names_the_price_before_a_hint_is_opened_and_holds_no_hint(
    ana: Client, ticket: Ticket
) -> None:
    page = desk(ana, ticket)
    assert "Hint 1 costs no marks." in page
    assert "These hints are about: outcome, evidence cited." in page
    assert "hint-" not in page
    take(ticket, 1)
    page = desk(ana, ticket)
    assert "Hint 2 takes 10 % of what the fields below earn, 1.4 marks at most" in page
    assert "hint-one" in page
    assert "hint-two" not in page
    take(ticket, 2)
    page = desk(ana, ticket)
    assert "Hint 3 takes 50 % of what the fields below earn, 7 marks at most, in place of the 10 %" in page
    assert "hint-three" not in page


def test_a_browser_takes_a_hint_with_its_worksheet_saved_and_is_sent_back(
    ana: Client, ticket: Ticket
) -> None:
    response = ask(ana, ticket, level=1, version=0, reason="The rule looks for ACK.")
    assert response.status_code == 302
    assert response.headers["Location"] == f"/tickets/{ticket.pk}/#hints"
    assert Worksheet.objects.get(ticket=ticket).reason == "The rule looks for ACK."
    page = desk(ana, ticket)
    assert "hint-one" in page
    assert "1 of 3 taken" in page


def test_a_conflict_is_shown_before_a_hint_is_taken(ana: Client, ticket: Ticket) -> None:
    make.make_worksheet(ticket)
    assert ask(ana, ticket, level=1, version=0, reason="Other words.").status_code == 409
    assert not HintTaken.objects.exists()


def test_htmx_gets_the_hints_alone_and_the_worksheet_is_left_to_its_own_saving(
    ana: Client, ticket: Ticket
) -> None:
    page = ask(ana, ticket, HTMX, level=1).content.decode()
    assert page.lstrip().startswith("<details")
    assert 'id="hints"' in page
    assert "hint-one" in page
    assert "look at the records first" in page
    assert "hint-two" not in page


def test_a_tool_gets_the_hint_and_its_price(ana: Client, ticket: Ticket) -> None:
    response = ask(ana, ticket, JSON, level=1)
    assert (response.status_code, response.json()) == (201, {"level": 1, "text": "hint-one", "percent": 0})


@pytest.mark.parametrize("level", ["2", "4", "-1", "", "one", "1" * 5000])
def test_what_is_no_next_hint_is_refused_in_words(ana: Client, ticket: Ticket, level: str) -> None:
    for headers in ({}, HTMX, JSON):
        response = ask(ana, ticket, headers, level=level)
        assert response.status_code == 409
        assert "hint-" not in response.content.decode()
    assert "Hint 1 comes first." in ask(ana, ticket, level=2).content.decode()
    assert not HintTaken.objects.exists()


def test_who_posts_thrice_has_one_row(ana: Client, ticket: Ticket) -> None:
    assert [ask(ana, ticket, level=1).status_code for _ in range(3)] == [302, 302, 302]
    assert HintTaken.objects.count() == 1


def test_an_instructor_sees_what_was_taken_and_takes_none(ivo: Client, ana: Client, ticket: Ticket) -> None:
    assert "No hint was taken." in desk(ivo, ticket)
    take(ticket, 1)
    page = desk(ivo, ticket)
    assert "hint-one" in page
    assert 'name="level"' not in page
    assert "hint-two" not in page
    assert ask(ivo, ticket, level=2).status_code == 404


def test_nobody_else_sees_or_takes_a_hint(zoe: Client, nobody: Client, ticket: Ticket) -> None:
    take(ticket, 1)
    assert ask(zoe, ticket, level=2).status_code == 404
    assert ask(nobody, ticket, level=2).status_code == 302
    ines = make.make_instructor("ines")
    make.make_cohort("Autumn class", instructors=[ines])
    assert ask(client_of(ines), ticket, level=2).status_code == 404
    for client in (zoe, nobody, client_of(ines)):
        assert "hint-one" not in desk(client, ticket)
    assert HintTaken.objects.count() == 1


def test_after_the_submission_what_was_taken_is_read_and_nothing_is_offered(
    ana: Client, ticket: Ticket
) -> None:
    take(ticket, 1)
    make.make_grade(make.make_submission(ticket, with_job=False))
    page = desk(ana, ticket)
    assert "hint-one" in page
    assert 'name="level"' not in page
    assert "has been submitted" in ask(ana, ticket, level=2).content.decode()


@pytest.mark.parametrize("reveal", ["on_close", "manual"])
def test_an_assessment_says_that_there_are_no_hints_and_gives_none(
    ana: Client, ticket: Ticket, reveal: str
) -> None:
    Assignment.objects.update(reveal=reveal)
    page = desk(ana, ticket)
    assert "This is an assessment: there are no hints." in page
    assert 'name="level"' not in page
    for headers in ({}, HTMX, JSON):
        response = ask(ana, ticket, headers, level=1)
        assert (response.status_code, "hint-" in response.content.decode()) == (409, False)


def test_a_ticket_without_hints_says_so(ana: Client) -> None:
    page = desk(ana, make.make_ticket())
    assert "This ticket has no hints: none were written for its evidence." in page
    assert 'name="level"' not in page


def test_the_desk_says_what_feedback_there_is_and_when(ana: Client, ticket: Ticket) -> None:
    assert "Practice, result after this ticket" in desk(ana, ticket)
    Assignment.objects.update(reveal="on_close", closes_at="2999-03-02T12:00Z")
    page = desk(ana, ticket)
    assert "Assessment, result when it closes, " in page
    assert "2999-03-02" in page
    Assignment.objects.update(reveal="manual")
    assert "Assessment, result when your instructor releases it" in desk(ana, ticket)


def test_the_price_stands_in_the_result_beside_the_mark(ana: Client, ticket: Ticket) -> None:
    told = "Hint 2 was taken: −0.80 of 8.00, 10 % of what this field earned."
    lesson = {"helped": [{"criterion": "outcome", "lost": 0.8, "told": told}], "assisted": ["outcome"]}
    make.make_grade(
        make.make_submission(ticket, with_job=False), results={"outcome": "correct"}, lesson=lesson
    )
    assert told in ana.get(f"/tickets/{ticket.pk}/grade/").content.decode()
    assert ana.get(f"/tickets/{ticket.pk}/grade.json").json()["criteria"][0]["explanation"] == told


def test_enter_in_a_field_saves_and_neither_submits_nor_takes_a_hint(ana: Client, ticket: Ticket) -> None:
    """A browser presses the form's first button: it must have no address of its own."""
    page = desk(ana, ticket)
    first = page.index("<button", page.index('id="worksheet"'))
    assert page[first:].startswith("<button hidden>Save draft</button>")
    # Without a script the evidence's tabs are buttons of the form too, and stand before it.
    first_of_all = page.index('<button form="worksheet"')
    assert page[first_of_all:].startswith('<button form="worksheet" hidden>Save draft</button>')
    assert 'form="worksheet" formaction' not in page[:first_of_all]


def test_the_result_names_the_fields_that_had_help_though_it_cost_nothing(
    ana: Client, ticket: Ticket
) -> None:
    make.make_grade(
        make.make_submission(ticket, with_job=False),
        results={"outcome": "correct", "protocol": "correct"},
        lesson={"helped": [], "assisted": ["outcome"]},
    )
    page = ana.get(f"/tickets/{ticket.pk}/grade/").content.decode()
    assert '<span class="tag">outcome</span>' in page
    assert '<span class="tag">protocol</span>' not in page
    assert "These fields are no evidence of a skill, right or wrong." in page
