"""The guide in plain HTML: offered on the home page, moved and left by buttons that save, read again on the result."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from tests import factories as make
from tickets.actions.tours import end_tour, move_tour, take_tour
from tickets.models import Ticket, Tour, Variant, Worksheet
from tickets.tours import STOPS

pytestmark = pytest.mark.django_db
NOW = make.NOON
START = "Start the guided first ticket"
HTMX = {"HX-Request": "true", "HX-Target": "guide-stop"}


def text_of(client: Client, path: str = "/") -> str:
    return " ".join(str(client.get(path).content.decode()).split())


def desk_of(ticket: Ticket) -> str:
    return f"/tickets/{ticket.pk}/"


def go(client: Client, ticket: Ticket, stop: str = "", query: str = "", **more: Any) -> Any:
    posted = {"stop": stop} if stop else {}
    return client.post(f"{desk_of(ticket)}tour/{query}", posted | more)


@pytest.fixture
def guided(ana: Client) -> Ticket:
    """Ana's guided first ticket, begun."""
    make.make_guided()
    ana.post("/tour/")
    return Ticket.objects.get()


# -- Home -----------------------------------------------------------------------------------------


def test_a_newcomer_is_offered_the_guided_ticket_and_gets_it_by_one_button(ana: Client) -> None:
    make.make_guided()
    page = text_of(ana)
    assert START in page
    assert page.count('data-kind="primary"') == 1
    assert "Nothing is set for you yet" not in page
    response = ana.post("/tour/")
    ticket = Ticket.objects.get()
    assert response.headers["Location"] == desk_of(ticket)
    assert f"1 of {len(STOPS)}" in text_of(ana, desk_of(ticket))


def test_with_other_tickets_the_guided_one_stays_the_first_thing_to_do(ana: Client) -> None:
    make.make_ticket()
    make.make_guided()
    page = text_of(ana)
    assert page.index(START) < page.index("Open the ticket")
    assert page.count('data-kind="primary"') == 1


def test_a_class_without_a_guided_ticket_offers_none(ana: Client) -> None:
    make.make_ticket()
    assert START not in text_of(ana)
    assert ana.post("/tour/").status_code == 404


def test_a_guided_ticket_without_evidence_left_is_told_on_the_home_page(ana: Client) -> None:
    make.make_guided()
    Variant.objects.update(state=Variant.State.RETIRED)
    answer = ana.post("/tour/", follow=True)
    assert answer.redirect_chain == [("/", 302)]
    assert "no evidence left for the guided first ticket" in " ".join(answer.content.decode().split())
    assert not Ticket.objects.exists()


def test_home_goes_on_with_a_guide_that_was_begun_and_names_its_ticket_once(
    ana: Client, guided: Ticket
) -> None:
    move_tour(guided, "pin", NOW)
    page = text_of(ana)
    assert "Go on with the guide" in page
    assert "Pin what proves it" in page
    assert page.count("Your first ticket") == 0
    assert ana.post("/tour/").headers["Location"] == desk_of(guided)


def test_who_has_left_the_guide_or_submitted_is_offered_none(ana: Client, guided: Ticket) -> None:
    end_tour(guided, NOW)
    assert "guide" not in text_of(ana)
    Tour.objects.all().delete()
    make.make_submission(guided, with_job=False)
    assert START not in text_of(ana)


def test_a_guided_ticket_with_broken_evidence_is_offered_no_more(ana: Client, guided: Ticket) -> None:
    Ticket.objects.update(excluded_at=NOW)
    page = text_of(ana)
    assert START not in page
    assert "Go on with the guide" not in page


def test_zoe_and_ivo_are_offered_none_and_get_none(zoe: Client, ivo: Client) -> None:
    make.make_guided()
    for client in (zoe, ivo):
        assert START not in text_of(client)
        assert client.post("/tour/").status_code == 404
    assert not Ticket.objects.exists()


def test_starting_is_a_post_of_somebody_who_is_logged_in(ana: Client, nobody: Client) -> None:
    make.make_guided()
    assert ana.get("/tour/").status_code == 405
    assert nobody.post("/tour/").headers["Location"].startswith("/accounts/login/")
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(make.make_user("ana"), backend="django.contrib.auth.backends.ModelBackend")
    assert strict.post("/tour/").status_code == 403
    assert not Ticket.objects.exists()


# -- The desk -------------------------------------------------------------------------------------


def test_every_stop_speaks_of_something_that_the_desk_has(ana: Client, guided: Ticket) -> None:
    for stop in STOPS:
        go(ana, guided, stop.name)
        page = ana.get(desk_of(guided)).content.decode()
        ids = set(re.findall(r'\bid="([\w-]+)"', page))
        named = {stop.target, *(name for group in stop.filled for name in group.split("|"))}
        named |= set(re.findall(r"#([\w-]+)", stop.until))
        assert named <= ids, stop.name
        assert len(ids) == len(re.findall(r'\bid="[\w-]+"', page)), "an id stands twice"
        assert f'href="#{stop.target}"' in page


def test_next_and_back_lead_through_all_stops_and_the_ends_have_one_way(ana: Client, guided: Ticket) -> None:
    seen = []
    while True:
        page = ana.get(desk_of(guided)).content.decode()
        seen.append(Tour.objects.get().stop)
        found = re.search(r'id="guide-next"[^>]*name="stop" value="(\w+)"', page)
        assert ('id="guide-back"' in page) == (len(seen) > 1)
        if found is None:
            break
        assert go(ana, guided, found[1]).headers["Location"] == f"{desk_of(guided)}#guide"
    assert seen == [stop.name for stop in STOPS]


def test_a_button_of_the_guide_saves_what_is_typed_and_keeps_the_tab(ana: Client, guided: Ticket) -> None:
    ana.get(desk_of(guided))
    response = go(ana, guided, "reason", "?tab=flow&step=3", version=0, reason="It fired on a port.")
    assert response.headers["Location"] == f"{desk_of(guided)}?tab=flow#guide"
    assert Worksheet.objects.get().reason == "It fired on a port."
    again = go(ana, guided, "analysis", version=0, reason="Written elsewhere.")
    assert again.status_code == 409
    assert Tour.objects.get().stop == "reason"


def test_the_step_that_the_guide_speaks_of_stands_open(ana: Client, guided: Ticket) -> None:
    opened = re.compile(r'<details class="step" name="step" id="step-(\d)" open>')
    assert opened.findall(ana.get(desk_of(guided)).content.decode()) == []
    go(ana, guided, "conclusion")
    assert opened.findall(ana.get(desk_of(guided)).content.decode()) == ["4"]
    assert opened.findall(ana.get(f"{desk_of(guided)}?step=2").content.decode()) == ["2"]


def test_htmx_gets_the_stop_and_its_buttons_and_no_page(ana: Client, guided: Ticket) -> None:
    response = ana.post(f"{desk_of(guided)}tour/", {"stop": "why"}, headers=HTMX)
    part = response.content.decode()
    assert response.status_code == 200
    assert "<html" not in part
    assert 'data-until="#why[open]"' in part
    assert 'hx-swap-oob="true"' in part
    assert Tour.objects.get().stop == "why"


def test_the_guide_is_left_with_the_text_saved_and_found_again_on_the_same_desk(
    ana: Client, guided: Ticket
) -> None:
    ana.get(desk_of(guided))
    response = ana.post(f"{desk_of(guided)}tour/end/?tab=flow", {"version": 0, "reason": "So far."})
    assert response.headers["Location"] == f"{desk_of(guided)}?tab=flow"
    assert Worksheet.objects.get().reason == "So far."
    page = text_of(ana, desk_of(guided))
    assert "guided-tour" not in page
    assert "Take the guide on this ticket" in page
    assert go(ana, guided).headers["Location"] == f"{desk_of(guided)}#guide"
    assert "1 of" in text_of(ana, desk_of(guided))


def test_any_open_ticket_can_be_taken_with_the_guide_but_none_of_an_assessment(ana: Client) -> None:
    ticket = make.make_ticket()
    assert "Take the guide on this ticket" in text_of(ana, desk_of(ticket))
    go(ana, ticket)
    assert 'id="guide"' in text_of(ana, desk_of(ticket))
    exam = make.make_ticket(assignment=make.make_assignment(reveal="manual"))
    assert "Take the guide" not in text_of(ana, desk_of(exam))
    assert go(ana, exam).status_code == 404


def test_a_stop_that_there_is_not_is_not_found(ana: Client, guided: Ticket) -> None:
    assert go(ana, guided, "nonsense").status_code == 404


def test_ivo_reads_the_desk_without_the_guide(ivo: Client, guided: Ticket) -> None:
    page = text_of(ivo, desk_of(guided))
    assert 'id="guide"' not in page
    assert "Take the guide" not in page


def test_enter_in_a_field_saves_and_does_not_move_the_guide(ana: Client, guided: Ticket) -> None:
    """A browser presses the form's first button: it must have no address of its own."""
    page = ana.get(desk_of(guided)).content.decode()
    first = page.index('<button form="worksheet"')
    assert page[first:].startswith('<button form="worksheet" hidden>Save draft</button>')
    assert 'form="worksheet" formaction' not in page[:first]


def test_the_guide_costs_the_desk_no_query(
    ana: Client, guided: Ticket, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    end_tour(guided, NOW)
    ana.get(desk_of(guided))
    with CaptureQueriesContext(connection) as without:
        ana.get(desk_of(guided))
    take_tour(guided, NOW)
    with django_assert_num_queries(len(without)):
        page = ana.get(desk_of(guided)).content.decode()
    assert 'id="guide"' in page
    assert len(without) <= 15


# -- The result -----------------------------------------------------------------------------------


def test_the_first_result_says_how_to_read_it_and_leads_on_to_the_queue(ana: Client, guided: Ticket) -> None:
    make.make_grade(make.make_submission(guided, with_job=False))
    assert "how to read it" in text_of(ana, f"{desk_of(guided)}grade/")
    assert ana.post(f"{desk_of(guided)}tour/end/").headers["Location"] == "/tickets/"
    assert Tour.objects.get().ended_at is not None
    assert "how to read it" not in text_of(ana, f"{desk_of(guided)}grade/")


def test_a_result_without_a_guide_has_no_such_word_nor_has_the_instructors(ana: Client, ivo: Client) -> None:
    ticket = make.make_ticket()
    make.make_grade(make.make_submission(ticket, with_job=False))
    assert "how to read it" not in text_of(ana, f"{desk_of(ticket)}grade/")
    guided = make.make_ticket()
    take_tour(guided, NOW)
    make.make_grade(make.make_submission(guided, with_job=False))
    assert "how to read it" not in text_of(ivo, f"{desk_of(guided)}grade/")


def test_a_submitted_ticket_takes_no_guide_any_more(ana: Client, guided: Ticket) -> None:
    make.make_submission(guided, with_job=False)
    assert go(ana, guided, "why").headers["Location"] == desk_of(guided)
    assert Tour.objects.get().stop == STOPS[0].name
    assert 'id="guide"' not in text_of(ana, desk_of(guided))
