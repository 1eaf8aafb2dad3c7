"""The question before the worked path: what is withheld until then, and what is said afterwards."""

from __future__ import annotations

import re
from html import unescape
from typing import Any
from urllib.parse import unquote

import pytest
from django.test import Client

from tests import factories as make
from tests.actions.test_picks import LAST, SYN, SYN_ACK, make_graded
from tests.views.conftest import client_of
from tickets.models import CriterionResult, Grade, RecordPick, Ticket
from tickets.reports.grades import current_grade

pytestmark = pytest.mark.django_db


@pytest.fixture
def ticket() -> Ticket:
    return make_graded(**{**make.FACE_VALUE_ANSWERS, "supporting_evidence": "None cited."})


def page_of(client: Client, ticket: Ticket, query: str = "", **headers: str) -> str:
    response = client.get(f"/tickets/{ticket.pk}/grade/{query}", headers=headers)
    assert response.status_code == 200
    return response.content.decode()


def pick(client: Client, ticket: Ticket, **data: str) -> Any:
    return client.post(f"/tickets/{ticket.pk}/pick/", data)


def reasons(ticket: Ticket) -> set[str]:
    """Every sentence that would tell which record decides."""
    lines = CriterionResult.objects.filter(grade__submission__ticket=ticket, grade__is_current=True)
    told = {text for line in lines for text in (line.explanation, line.rule, line.next_time) if text}
    lesson = lines[0].grade.lesson
    told |= {step["sentence"] for step in lesson["path"]} | {step["rule"] for step in lesson["path"]} - {""}
    return told | {text for text in lesson["model"].values() if isinstance(text, str) and len(text) > 30}


def test_before_the_pick_neither_page_nor_fragment_tells_a_reason_or_the_record(
    ana: Client, ticket: Ticket
) -> None:
    for query, target in (
        ("", ""),
        ("", "grade"),
        ("?tab=raw", "which"),
        ("?q=packet", "which"),
        ("?tab=pinned", ""),
    ):
        headers = {"HX-Request": "true", "HX-Target": target} if target else {}
        page = page_of(ana, ticket, query, **headers)
        text = unescape(re.sub(r"<[^>]+>", "", page))
        assert [told for told in reasons(ticket) if told in text] == []
        assert "data-proof" not in page
        assert "Worked path" not in page
        assert "model worksheet" not in page
        # A record is named where it can be picked, and nowhere else.
        rest = re.sub(r'(?s)<section class="sec which".*?</section>', "", page)
        assert "capture.pcap:" not in rest


def test_other_tools_read_no_reason_and_no_record_before_the_pick(
    ana: Client, ivo: Client, ticket: Ticket
) -> None:
    place = f"/tickets/{ticket.pk}/grade.json"
    waiting = ana.get(place)
    assert [told for told in reasons(ticket) if told in str(waiting.json())] == []
    assert "capture.pcap" not in waiting.content.decode()
    reversal = waiting.json()["criteria"][0]
    assert (reversal["expected"], reversal["misconception"]) == ("yes", "M01")
    everything = ivo.get(place).json()
    assert everything["criteria"][0]["records"]
    pick(ana, ticket, show="1")
    assert ana.get(place).json() == everything


def test_marks_truth_and_the_wrong_idea_are_told_at_once(ana: Client, ticket: Ticket) -> None:
    page = page_of(ana, ticket)
    assert 'data-whose="truth" data-way="back"' in page
    assert 'id="idea-M01"' in page
    assert "Which record decides?" in page


def test_the_right_record_opens_the_worked_path_and_says_why(ana: Client, ticket: Ticket) -> None:
    response = pick(ana, ticket, place=SYN)
    assert response.headers["Location"] == f"/tickets/{ticket.pk}/grade/#which"
    page = page_of(ana, ticket)
    assert "Right." in page
    assert "sent a SYN without ACK" in page
    assert "Worked path" in page
    assert "The model worksheet" in page
    assert "ask for flow:to_server in the rule" in page  # what its author would do
    assert page.count("<tr data-proof>") == 1


def test_another_proof_is_right_too_and_the_strongest_is_named(ana: Client, ticket: Ticket) -> None:
    pick(ana, ticket, place=SYN_ACK)
    page = page_of(ana, ticket)
    assert "sent a SYN-ACK" in page
    assert f"The strongest proof is {SYN}" in page


def test_a_wrong_record_is_answered_with_the_one_that_decides(ana: Client, ticket: Ticket) -> None:
    pick(ana, ticket, place=LAST)
    page = page_of(ana, ticket)
    assert f"{LAST} does not say who opened the conversation." in page
    assert f"record={SYN.replace(':', '%3A')}#here" in page
    assert "sent a SYN without ACK" in page


def test_the_table_of_records_marks_the_one_of_the_claim_that_was_asked_for(ana: Client) -> None:
    ticket = make_graded(outcome="refused")
    grade = current_grade(ticket.submission)
    assert grade is not None
    assert grade.lesson["strip"]["record"] == SYN
    grade.lesson["proofs"]["outcome"] = [SYN_ACK]
    Grade.objects.filter(pk=grade.pk).update(lesson=grade.lesson)
    pick(ana, ticket, show="1")
    page = page_of(ana, ticket)
    assert "The record that shows what the outcome was" in page
    marked = re.findall(r"(?s)<tr data-proof>.*?record=([^#\"]*)#here", page)
    assert [unquote(place) for place in marked] == [told_record(page)] == [SYN_ACK]


def told_record(page: str) -> str:
    """The record that the answer to a wrong pick names."""
    found = re.search(r'record=([^#"]*)#here"><bdi>[^<]*</bdi></a> shows what the outcome was', page)
    assert found is not None
    return unquote(found[1])


def test_the_wrong_ideas_come_right_after_the_marks_and_before_what_was_written(
    ana: Client, ticket: Ticket
) -> None:
    pick(ana, ticket, show="1")
    page = page_of(ana, ticket)
    order = [page.index(part) for part in ('class="marks"', 'id="idea-M01"', 'id="path"', "What you wrote")]
    assert order == sorted(order)


def test_show_me_opens_it_as_well(ana: Client, ticket: Ticket) -> None:
    pick(ana, ticket, show="1", place=SYN)
    assert RecordPick.objects.get().place == ""
    assert "You asked to be shown." in page_of(ana, ticket)


def test_a_pick_without_a_record_says_what_to_do(ana: Client, ticket: Ticket) -> None:
    response = pick(ana, ticket)
    assert response.status_code == 422
    assert "Choose one record, or ask to be shown." in response.content.decode()
    assert not RecordPick.objects.exists()


def test_the_records_can_be_searched_and_those_that_were_pinned_come_first(ana: Client) -> None:
    ticket = make_graded(**{**make.FACE_VALUE_ANSWERS, "evidence": ["capture.pcap:5"]})
    offered = re.findall(r'name="place"[^>]* value="([^"]*)"', page_of(ana, ticket))
    assert offered == ["capture.pcap:5"]
    found = re.findall(r'name="place"[^>]* value="([^"]*)"', page_of(ana, ticket, "?tab=packet&q=packet+3"))
    assert found == ["capture.pcap:3"]
    every = re.findall(r'name="place"[^>]* value="([^"]*)"', page_of(ana, ticket, "?tab=packet"))
    assert len(every) == 7


def test_nothing_is_asked_where_direction_and_outcome_are_right(ana: Client) -> None:
    page = page_of(ana, make_graded(disposition="benign", reason_code="BN1"))
    assert "Which record decides?" not in page
    assert "Worked path" in page


def test_an_instructor_is_asked_nothing_and_reads_what_was_picked(
    ivo: Client, ana: Client, ticket: Ticket
) -> None:
    assert "Worked path" in page_of(ivo, ticket)
    pick(ana, ticket, place=LAST)
    assert "The trainee picked" in page_of(ivo, ticket)


def test_who_may_pick(nobody: Client, ana: Client, zoe: Client, ivo: Client, ticket: Ticket) -> None:
    assert pick(nobody, ticket, place=SYN).status_code == 302
    ines = client_of(make.make_instructor("ines"))
    for client in (zoe, ivo, ines):
        assert pick(client, ticket, place=SYN).status_code == 404
    assert ana.get(f"/tickets/{ticket.pk}/pick/").status_code == 405
    assert not RecordPick.objects.exists()
    assert pick(ana, ticket, place=SYN).status_code == 302


def test_a_ticket_without_a_submission_takes_no_pick(ana: Client) -> None:
    assert pick(ana, make.make_ticket(), place=SYN).status_code == 404
