"""The history of a ticket: what was done, by whom and when, and earlier drafts to be read and put back."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from tests import factories as make
from tests.actions.test_appeals import ask
from tests.actions.test_overrides import make_graded
from tickets.models import Assignment, DraftVersion, Ticket, Worksheet

pytestmark = pytest.mark.django_db

LONG = "The workstation sent the SYN, so the alert is reversed."


@pytest.fixture
def ticket(db: None) -> Ticket:
    return make.make_ticket()


def history(client: Client, ticket: Ticket) -> str:
    page = client.get(f"/tickets/{ticket.pk}/history/").content.decode()
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page.partition("<ol")[2].partition("</ol")[0]))


def save(client: Client, ticket: Ticket, version: int, **answers: str) -> None:
    response = client.post(f"/tickets/{ticket.pk}/worksheet/", {"version": version, **answers})
    assert response.status_code == 302


def test_each_save_says_what_was_changed_and_leads_to_the_draft(ana: Client, ticket: Ticket) -> None:
    ana.get(f"/tickets/{ticket.pk}/")
    save(ana, ticket, 0, reason=LONG)
    save(ana, ticket, 1, outcome="refused", evidence="capture.pcap:1")
    told = history(ana, ticket)
    assert "Saved draft 2: facts, pins, reason" in told
    assert "Saved draft 1: reason" in told
    assert told.index("draft 2") < told.index("draft 1") < told.index("Opened the ticket")
    page = ana.get(f"/tickets/{ticket.pk}/history/1/").content.decode()
    assert LONG in page
    assert "Put this draft back" in page
    assert "Put this draft back" not in ana.get(f"/tickets/{ticket.pk}/history/2/").content.decode()


def test_an_earlier_draft_is_put_back_and_the_later_one_stays(ana: Client, ticket: Ticket) -> None:
    ana.get(f"/tickets/{ticket.pk}/")
    save(ana, ticket, 0, reason=LONG, outcome="refused", evidence="capture.pcap:1", actions="close")
    save(ana, ticket, 1, reason="Anew.")
    page = ana.get(f"/tickets/{ticket.pk}/history/1/").content.decode().partition("Put this draft back")[0]
    posted: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page):
        posted.setdefault(name, []).append(value)
    ana.post(f"/tickets/{ticket.pk}/worksheet/", posted)
    stored = Worksheet.objects.get(ticket=ticket)
    assert (stored.version, stored.reason, stored.outcome) == (3, LONG, "refused")
    assert (stored.evidence, stored.actions) == (["capture.pcap:1"], ["close"])
    reasons = DraftVersion.objects.filter(worksheet=stored).values_list("answers__reason", flat=True)
    assert "Anew." in list(reasons)


def test_ivo_reads_it_and_puts_nothing_back(ana: Client, ivo: Client, zoe: Client, ticket: Ticket) -> None:
    ana.get(f"/tickets/{ticket.pk}/")
    save(ana, ticket, 0, reason=LONG)
    save(ana, ticket, 1, reason="")
    page = ivo.get(f"/tickets/{ticket.pk}/history/1/").content.decode()
    assert LONG in page
    assert "Put this draft back" not in page
    assert "Saved draft 1" in history(ivo, ticket)
    assert zoe.get(f"/tickets/{ticket.pk}/history/1/").status_code == 404
    assert ana.get(f"/tickets/{ticket.pk}/history/7/").status_code == 404


def test_what_came_after_the_grade_is_told_with_the_result(ana: Client, ivo: Client) -> None:
    ticket = make_graded()
    ask(ticket, "intent")
    told = history(ana, ticket)
    assert "Submitted the worksheet" in told
    assert "Graded the worksheet." in told
    assert "Asked about a mark" in told
    Assignment.objects.update(reveal="manual", revealed_at=None)
    told = history(ana, ticket)
    assert "Graded the worksheet." in told
    assert "Asked about a mark" not in told
    assert "Asked about a mark" in history(ivo, ticket)


def test_the_desk_says_since_when_a_ticket_is_as_it_is_and_by_whom(ana: Client, ticket: Ticket) -> None:
    ana.get(f"/tickets/{ticket.pk}/")
    assert "since" in ana.get(f"/tickets/{ticket.pk}/").content.decode().partition("<main")[0]
    make.make_submission(ticket, with_job=False)
    assert "handed in by ana" in ana.get(f"/tickets/{ticket.pk}/").content.decode().partition("<main")[0]


def test_the_desk_leads_there(ana: Client, ticket: Ticket) -> None:
    assert f'href="/tickets/{ticket.pk}/history/"' in ana.get(f"/tickets/{ticket.pk}/").content.decode()
