"""A session that ended while somebody wrote: what is sent then goes through the log-in and on, and nothing is lost."""

from __future__ import annotations

import html
import re
from urllib.parse import urlsplit

import pytest
from django.test import Client

from tests import factories as make
from tickets.models import HintTaken, Submission, Ticket, Worksheet

pytestmark = pytest.mark.django_db

TEXT = 'Typed "after" the end,\nwith <b>two</b> lines & more.'
FORM = {
    "version": "0",
    "reason": TEXT,
    "outcome": "refused",
    "evidence": ["capture.pcap:1", "capture.pcap:2"],
}


@pytest.fixture
def ticket(db: None) -> Ticket:
    ticket = make.make_ticket()
    make.make_hints(ticket.variant)
    return ticket


def fields_of(page: str) -> dict[str, list[str]]:
    """The hidden fields of the page's own form."""
    found: dict[str, list[str]] = {}
    main = page.partition("<main")[2]
    for name, value in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', main):
        found.setdefault(name, []).append(html.unescape(value))
    return found


def send(client: Client, ticket: Ticket, page: str = "worksheet/") -> dict[str, list[str]]:
    """The form as it comes without a session; what the log-in page carries."""
    response = client.post(f"/tickets/{ticket.pk}/{page}", FORM)
    assert response.status_code == 401
    told = response.content.decode()
    assert "Your session has ended" in told
    assert 'action="/accounts/login/"' in told
    return fields_of(told)


def log_in(client: Client, carried: dict[str, list[str]], password: str = make.PASSWORD) -> str:
    sent = {"username": "ana", "password": password, **carried}
    return str(client.post("/accounts/login/", sent).content.decode())


def action_of(page: str) -> str:
    found = re.search(r'<form method="post" action="([^"]*)">', page.partition("<main")[2])
    assert found
    return html.unescape(found[1])


def test_a_save_after_the_end_is_saved_after_the_log_in(nobody: Client, ticket: Ticket) -> None:
    page = log_in(nobody, send(nobody, ticket, "worksheet/?tab=context"))
    assert "Logged in again" in page
    response = nobody.post(action_of(page), fields_of(page))
    assert response.headers["Location"] == f"/tickets/{ticket.pk}/?tab=context"
    stored = Worksheet.objects.get(ticket=ticket)
    assert (stored.reason, stored.outcome) == (TEXT, "refused")
    assert stored.evidence == ["capture.pcap:1", "capture.pcap:2"]


def test_a_submit_after_the_end_is_asked_about_once_more(nobody: Client, ticket: Ticket) -> None:
    page = log_in(nobody, send(nobody, ticket, "submission/"))
    assert not Submission.objects.exists()
    assert f'formaction="/tickets/{ticket.pk}/worksheet/"' in page
    nobody.post(action_of(page), fields_of(page))
    assert Submission.objects.get(ticket=ticket).answers["reason"] == TEXT


@pytest.mark.parametrize("page", ["hints/", "checks/"])
def test_of_a_hint_or_a_check_only_the_worksheet_goes_on(nobody: Client, ticket: Ticket, page: str) -> None:
    told = log_in(nobody, send(nobody, ticket, page))
    assert action_of(told) == f"/tickets/{ticket.pk}/worksheet/"
    nobody.post(action_of(told), fields_of(told))
    assert Worksheet.objects.get(ticket=ticket).reason == TEXT
    assert not HintTaken.objects.exists()


def test_a_wrong_password_loses_nothing(nobody: Client, ticket: Ticket) -> None:
    carried = send(nobody, ticket)
    again = log_in(nobody, carried, "wrong")
    assert fields_of(again)["carried"] == carried["carried"]
    page = log_in(nobody, fields_of(again))
    nobody.post(action_of(page), fields_of(page))
    assert Worksheet.objects.get(ticket=ticket).reason == TEXT


def test_a_newer_draft_is_a_conflict_here_too(nobody: Client, ticket: Ticket) -> None:
    carried = send(nobody, ticket)
    make.make_worksheet(ticket, reason="from another machine")
    page = log_in(nobody, carried)
    response = nobody.post(action_of(page), fields_of(page))
    assert response.status_code == 409
    assert "from another machine" in response.content.decode()
    assert Worksheet.objects.get(ticket=ticket).reason == "from another machine"


def test_somebody_else_who_logs_in_writes_nothing_into_it(nobody: Client, ticket: Ticket) -> None:
    make.make_user("zoe")
    carried = send(nobody, ticket)
    page = nobody.post(
        "/accounts/login/", {"username": "zoe", "password": make.PASSWORD, **carried}
    ).content.decode()
    assert nobody.post(action_of(page), fields_of(page)).status_code == 404
    assert not Worksheet.objects.exclude(reason="").exists()


@pytest.mark.parametrize(
    "to", ["//evil.example/", "https://evil.example/tickets/", "/accounts/logout/", "/nowhere/", "tickets/"]
)
def test_nothing_is_carried_to_anywhere_else(nobody: Client, ticket: Ticket, to: str) -> None:
    carried = {**send(nobody, ticket), "carried_to": [to]}
    response = nobody.post("/accounts/login/", {"username": "ana", "password": make.PASSWORD, **carried})
    assert response.status_code == 302
    assert urlsplit(response.headers["Location"]).netloc == ""
    assert not to.startswith(response.headers["Location"]) or response.headers["Location"] == "/"


@pytest.mark.parametrize("carried", ["", "no json", "[1]", '[["reason"]]', "{}x"])
def test_a_form_that_carries_nonsense_is_a_plain_log_in(nobody: Client, ticket: Ticket, carried: str) -> None:
    to = f"/tickets/{ticket.pk}/worksheet/"
    sent = {"username": "ana", "password": make.PASSWORD, "carried_to": to, "carried": carried}
    assert nobody.post("/accounts/login/", sent).status_code == 302


def strict_client(ticket: Ticket | None = None) -> Client:
    client = Client(enforce_csrf_checks=True)
    if ticket is not None:
        client.force_login(ticket.trainee, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_a_page_from_before_another_log_in_is_sent_again_by_hand(ticket: Ticket) -> None:
    client = strict_client(ticket)
    path = f"/tickets/{ticket.pk}/worksheet/"
    response = client.post(path, {**FORM, "csrfmiddlewaretoken": "of another log-in"})
    assert response.status_code == 403
    assert not Worksheet.objects.exclude(reason="").exists()
    page = response.content.decode()
    token = fields_of(page)
    assert token["csrfmiddlewaretoken"] != ["of another log-in"]
    assert client.post(action_of(page), token).status_code == 302
    assert Worksheet.objects.get(ticket=ticket).reason == TEXT


def test_without_a_session_and_without_a_token_the_text_goes_through_the_log_in(ticket: Ticket) -> None:
    client = strict_client()
    response = client.post(f"/tickets/{ticket.pk}/submission/", FORM)
    assert response.status_code == 401
    page = log_in(client, fields_of(response.content.decode()))
    assert client.post(action_of(page), fields_of(page)).status_code == 302
    assert Submission.objects.get(ticket=ticket).answers["reason"] == TEXT


@pytest.mark.parametrize("path", ["/accounts/logout/", "/tickets/views/"])
def test_anything_else_without_a_token_is_refused_as_ever(ticket: Ticket, path: str) -> None:
    response = strict_client(ticket).post(path, FORM)
    assert response.status_code == 403
    assert "Please try again" in response.content.decode()


def test_a_tool_and_a_script_are_told_in_their_own_way(nobody: Client, ticket: Ticket) -> None:
    path = f"/tickets/{ticket.pk}/worksheet/"
    assert nobody.post(path, FORM, headers={"HX-Request": "true"}).status_code == 401
    assert nobody.post(path, FORM, headers={"Accept": "application/json"}).status_code == 302
