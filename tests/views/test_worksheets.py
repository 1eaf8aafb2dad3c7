"""Saving and submitting, by browser, htmx and tool."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.test import Client

from tests import factories as make
from tickets.models import Assignment, Submission, Ticket, Worksheet

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
JSON = {"Accept": "application/json"}


@pytest.fixture
def ticket(ana: Client) -> Ticket:
    return make.make_ticket()


def post(
    client: Client, ticket: Ticket, page: str, headers: dict[str, str] | None = None, **data: Any
) -> Any:
    return client.post(f"/tickets/{ticket.pk}/{page}/", data, headers=headers or {})


def test_a_browser_saves_and_is_sent_back_to_the_desk(ana: Client, ticket: Ticket) -> None:
    data = {**make.RIGHT_ANSWERS, "version": 0}
    response = post(ana, ticket, "worksheet", **data)
    assert response.status_code == 302
    assert response.headers["Location"] == f"/tickets/{ticket.pk}/"
    assert response.headers["X-Worksheet-Version"] == "1"
    stored = Worksheet.objects.get(ticket=ticket)
    assert stored.answers() == make.RIGHT_ANSWERS


def test_a_tool_saves_and_gets_the_new_version(ana: Client, ticket: Ticket) -> None:
    saved = post(ana, ticket, "worksheet", JSON, version=0, reason="first").json()
    assert (saved["version"], saved["problems"]) == (1, {})
    saved = post(ana, ticket, "worksheet", JSON, version=saved["version"], reason="second").json()
    assert saved["version"] == 2
    assert Worksheet.objects.get(ticket=ticket).reason == "second"


def test_htmx_gets_the_parts_that_changed_with_the_time_of_saving(ana: Client, ticket: Ticket) -> None:
    response = post(ana, ticket, "worksheet", HTMX, version=0, reason="The rule looks for ACK.")
    page = response.content.decode()
    assert "Draft saved" in page
    assert '<input type="hidden" name="version" id="id_version" value="1">' in page
    assert "<html" not in page
    assert "written" in page


def test_a_value_that_cannot_be_read_is_kept_and_said_at_its_field(ana: Client, ticket: Ticket) -> None:
    response = post(ana, ticket, "worksheet", HTMX, version=0, originator_ip="10.20.30.400", outcome="maybe")
    page = response.content.decode()
    assert response.status_code == 200
    assert "This is not an IP address" in page.split('id="err_originator_ip"')[1]
    desk = ana.get(f"/tickets/{ticket.pk}/").content.decode()
    assert 'value="10.20.30.400"' in desk
    assert 'aria-invalid="true"' in desk
    assert '<option value="maybe" selected>' in desk


def test_what_is_still_empty_is_named_with_a_link_to_its_field(ana: Client, ticket: Ticket) -> None:
    data = {**make.RIGHT_ANSWERS, "version": 0, "disposition": "", "evidence": []}
    post(ana, ticket, "worksheet", **data)
    desk = ana.get(f"/tickets/{ticket.pk}/").content.decode()
    still = desk.split('id="still"')[1].split("</span>")[0]
    assert still.count("<a ") == 2
    assert '<a href="#id_disposition">disposition</a>' in still
    assert '<a href="#id_evidence">pinned records</a>' in still
    assert 'id="id_disposition"' in desk
    assert 'id="id_evidence"' in desk


def test_an_older_version_overwrites_nothing_and_both_texts_are_shown(ana: Client, ticket: Ticket) -> None:
    make.make_worksheet(ticket, analysis="from the other window")
    data = {
        **make.RIGHT_ANSWERS,
        "version": 0,
        "analysis": "from this window",
        "evidence": ["capture.pcap:3"],
    }
    response = post(ana, ticket, "worksheet", **data)
    page = response.content.decode()
    assert response.status_code == 409
    assert Worksheet.objects.get(ticket=ticket).analysis == "from the other window"
    assert page.count('type="radio" name="analysis"') == 2
    assert "from the other window" in page
    assert "from this window" in page
    assert 'name="version" value="1"' in page
    assert page.count('type="checkbox" name="evidence"') == 3

    data |= {"version": 1}
    assert post(ana, ticket, "worksheet", **data).status_code == 302
    assert Worksheet.objects.get(ticket=ticket).analysis == "from this window"


def test_htmx_is_told_of_a_conflict_and_offered_to_compare(ana: Client, ticket: Ticket) -> None:
    make.make_worksheet(ticket)
    response = post(ana, ticket, "worksheet", HTMX, version=0, reason="mine")
    assert response.status_code == 409
    assert "Nothing was overwritten" in response.content.decode()
    assert "Compare" in response.content.decode()


def test_a_tool_is_told_of_a_conflict_with_the_stored_draft(ana: Client, ticket: Ticket) -> None:
    make.make_worksheet(ticket)
    response = post(ana, ticket, "worksheet", JSON, version=0, reason="mine")
    assert response.status_code == 409
    assert response.json()["version"] == 1
    assert response.json()["stored"]["reason"] == make.RIGHT_ANSWERS["reason"]


@pytest.mark.parametrize("version", ["", "x", "-1", "9" * 30])
@pytest.mark.parametrize("page", ["worksheet", "submission"])
def test_a_worksheet_without_a_version_is_not_understood(
    ana: Client, ticket: Ticket, page: str, version: str
) -> None:
    assert post(ana, ticket, page, version=version, reason="x").status_code == 400


@pytest.mark.parametrize("page", ["worksheet", "submission"])
def test_a_closed_assignment_takes_nothing_and_says_so(ana: Client, ticket: Ticket, page: str) -> None:
    Assignment.objects.update(closes_at="2020-01-01T00:00Z")
    response = post(ana, ticket, page, version=0, reason="too late")
    assert response.status_code == 409
    assert "This assignment is closed" in response.content.decode()
    assert not Worksheet.objects.filter(reason="too late").exists()


def test_a_pin_of_a_record_that_is_not_there_is_named(ana: Client, ticket: Ticket) -> None:
    response = post(ana, ticket, "worksheet", HTMX, version=0, evidence=["capture.pcap:999"])
    assert response.status_code == 422
    assert "capture.pcap:999" in response.content.decode()


def test_text_with_nul_and_any_script_is_saved_and_shown_harmlessly(ana: Client, ticket: Ticket) -> None:
    post(ana, ticket, "worksheet", version=0, reason="a\x00b<script>alert(1)</script>")
    desk = ana.get(f"/tickets/{ticket.pk}/").content.decode()
    assert "a␀b&lt;script&gt;" in desk
    assert "<script>alert" not in desk


def test_columns_that_are_not_the_trainees_are_not_written(ana: Client, ticket: Ticket) -> None:
    post(
        ana,
        ticket,
        "worksheet",
        version=0,
        reason="x",
        trainee="zoe",
        points="99",
        saved_at="1999-01-01",
        id="1",
    )
    post(
        ana,
        ticket,
        "submission",
        version=1,
        reason="x",
        is_simulated="1",
        received_at="1999-01-01",
        points="99",
    )
    submission = Submission.objects.get(ticket=ticket)
    assert not submission.is_simulated
    assert submission.received_at.year > 2020


# -- Submitting --------------------------------------------------------------------------------


def test_a_submit_freezes_what_was_posted_and_leads_to_the_grade(ana: Client, ticket: Ticket) -> None:
    response = post(ana, ticket, "submission", version=0, key=uuid.uuid4(), **make.RIGHT_ANSWERS)
    assert response.headers["Location"] == f"/tickets/{ticket.pk}/grade/"
    assert Submission.objects.get(ticket=ticket).answers == make.RIGHT_ANSWERS


def test_a_submit_with_empty_fields_asks_nothing_more(ana: Client, ticket: Ticket) -> None:
    assert post(ana, ticket, "submission", version=0, reason="only this").status_code == 302
    assert Submission.objects.get(ticket=ticket).answers["reason"] == "only this"


@pytest.mark.parametrize("key", [{}, {"key": "5f0c9f3e-5f7f-4c86-93d4-1d4fb9b2c001"}])
def test_the_same_submit_sent_twice_is_one_submission(
    ana: Client, ticket: Ticket, key: dict[str, str]
) -> None:
    data = {**make.RIGHT_ANSWERS, "version": 0, **key}
    locations = [post(ana, ticket, "submission", **data).headers["Location"] for _ in range(2)]
    assert locations == [f"/tickets/{ticket.pk}/grade/"] * 2
    assert Submission.objects.count() == 1


def test_a_submit_with_a_value_that_cannot_be_read_names_it_and_keeps_the_text(
    ana: Client, ticket: Ticket
) -> None:
    data = {**make.RIGHT_ANSWERS, "version": 0, "originator_port": "ninety", "analysis": "Keep me."}
    response = post(ana, ticket, "submission", **data)
    page = response.content.decode()
    assert response.status_code == 422
    assert "Please look at originator&#x27;s port" in page
    assert "Keep me." in page
    assert 'value="ninety"' in page
    assert not Submission.objects.exists()


def test_after_the_submit_nothing_is_saved_any_more(ana: Client, ticket: Ticket) -> None:
    make.make_submission(ticket)
    assert post(ana, ticket, "worksheet", HTMX, version=1, reason="afterthought").status_code == 409
    assert post(ana, ticket, "worksheet", version=1, reason="afterthought").status_code == 302
    assert not Worksheet.objects.filter(reason="afterthought").exists()


def test_chosen_next_steps_are_kept_in_one_order_and_an_unknown_one_is_refused(
    ana: Client, ticket: Ticket
) -> None:
    post(ana, ticket, "worksheet", version=0, actions=["tune", "close"])
    assert Worksheet.objects.get(ticket=ticket).actions == ["close", "tune"]
    desk = ana.get(f"/tickets/{ticket.pk}/").content.decode()
    assert 'value="tune"  checked' in desk or 'value="tune" checked' in desk
    response = post(ana, ticket, "worksheet", JSON, version=1, actions=["panic"])
    assert response.status_code == 422
    assert response.json()["problems"]["actions"].startswith("A next step is one of close, tune")
    assert Worksheet.objects.get(ticket=ticket).version == 1


def test_both_drafts_next_steps_are_offered_where_two_windows_chose_differently(
    ana: Client, ticket: Ticket
) -> None:
    post(ana, ticket, "worksheet", version=0, actions=["close"])
    page = post(ana, ticket, "worksheet", version=0, actions=["close", "escalate"]).content.decode()
    assert "Chosen next steps" in page
    assert page.split('value="escalate"')[1].split("</label>")[0].count("only here") == 1
    assert page.split('value="close"')[1].split("</label>")[0].count("in both") == 1
