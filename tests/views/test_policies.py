"""What each feedback policy lets out, to whom and from when: every page, part, file and export, as everybody."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests import factories as make
from tests.views.conftest import client_of
from tests.views.test_grades import CANARY, make_graded
from tickets.models import Appeal, AppealAnswer, Assignment, CriterionResult, Grade, Notice, Ticket

pytestmark = pytest.mark.django_db

OPEN = ("on_grade", "coached")
ASSESSMENT = ("on_close", "manual")
TARGETS = ("", "grade", "preview", "records", "record-rows", "more", "which", "hints", "queue", "results")
# What no trainee has: an address that answers 404 says nothing.
INSTRUCTORS = ("marks/", "regradings/", "reports/")


def make_told(reveal: str) -> Ticket:
    """Ana's ticket, graded badly, with hints that nobody took, an earlier run, a question answered and a notice unread:
    every row that tells of the truth holds the canary."""
    ticket = make_graded(reveal=reveal, worst=True)
    Assignment.objects.update(closes_at=timezone.now() + timedelta(days=1))
    make.make_hints(ticket.variant)
    current = Grade.objects.get()
    make.make_grade(
        ticket.submission,
        results={"reversed": "correct"},
        told={"": {"explanation": CANARY, "expected": CANARY}},
        kind="override",
        is_current=False,
    )
    ivo = make.make_instructor()
    appeal = Appeal.objects.create(
        submission=ticket.submission, about=current.criteria.get(position=1), text="Why is this wrong?"
    )
    AppealAnswer.objects.create(appeal=appeal, outcome="kept", text=f"{CANARY} answer", by=ivo)
    Notice.objects.create(ticket=ticket, kind="answered", text=f"{CANARY} notice")
    return Ticket.objects.get(pk=ticket.pk)


def reveal_now() -> None:
    past = timezone.now() - timedelta(minutes=1)
    Assignment.objects.update(closes_at=past, revealed_at=past)


def addresses(ticket: Ticket) -> Iterator[str]:
    """Every address that could speak of the ticket."""
    own = f"/tickets/{ticket.pk}/"
    cohort = f"/reports/cohorts/{ticket.item.assignment.cohort_id}/"
    yield from ("/", "/tickets/", f"/tickets/?ticket={ticket.code}", f"/tickets/?q={ticket.code}")
    yield from ("/tickets/?status=graded", "/tickets/?sort=points", "/progress/", "/marking/")
    yield from (
        own,
        f"{own}?tab=context",
        f"{own}?tab=raw",
        f"{own}?step=2",
        f"{own}grade/",
        f"{own}grade.json",
    )
    yield from (f"{own}grades/{grade.pk}/" for grade in Grade.objects.all())
    yield from (f"{own}records/{record.pk}/" for record in ticket.variant.bundle.records.all()[:2])
    yield from (f"{own}files/{file.pk}/" for file in ticket.variant.bundle.files.all())
    yield from (f"{own}rubric/", *(f"/{page}" for page in INSTRUCTORS))
    yield from (cohort, f"{cohort}worksheets/", f"{cohort}tickets/", f"{cohort}report.xlsx")
    yield from (
        f"{cohort}{figure}.csv"
        for figure in ("completion", "fields", "ideas", "dispositions", "trainees", "help")
    )


def everything_seen(client: Client, ticket: Ticket) -> dict[str, str]:
    """By address and part, all that this client is answered: body and headers, a spreadsheet unpacked."""
    seen = {}
    for address in addresses(ticket):
        for target in TARGETS if address.startswith("/tickets/") else ("",):
            headers = {"HX-Request": "true", "HX-Target": target} if target else {}
            response = client.get(address, headers=headers)
            assert response.status_code in (200, 302, 401, 403, 404), address
            seen[f"{address} {target}"] = f"{response.status_code} {_text(response)} {response.headers}"
    return seen


def _text(response: Any) -> str:
    body: bytes = b"".join(response) if response.streaming else response.content
    if not body.startswith(b"PK"):
        return str(body, "utf-8", "replace")
    with zipfile.ZipFile(io.BytesIO(body)) as book:
        return " ".join(book.read(name).decode("utf-8", "replace") for name in book.namelist())


def told_in(seen: dict[str, str]) -> list[str]:
    """Where the truth, the name of a wrong idea, a hint or the marks stand. M01 as a word: a token may hold any letters."""
    pattern = re.compile(rf"{CANARY}|\bM01\b|hint-(one|two|three)|0 (<small>)?of 30")
    # What every trainee may read: how marking works, told of no ticket.
    return [
        place for place, text in seen.items() if pattern.search(text) and not place.startswith("/marking/")
    ]


@pytest.mark.parametrize("reveal", ASSESSMENT)
def test_in_an_assessment_ana_is_told_nothing_anywhere_before_its_moment(ana: Client, reveal: str) -> None:
    ticket = make_told(reveal)
    assert told_in(everything_seen(ana, ticket)) == []
    for page in ("hints", "checks", "appeals", "pick"):
        answer = ana.post(
            f"/tickets/{ticket.pk}/{page}/",
            {
                "level": 1,
                "step": "reason",
                "criterion": "outcome",
                "text": "Why is this so?",
                "place": "capture.pcap:1",
            },
        )
        assert answer.status_code >= 400, page
        assert told_in({page: answer.content.decode()}) == []
    assert Appeal.objects.count() == 1


@pytest.mark.parametrize("reveal", ASSESSMENT)
def test_an_assessment_says_when_and_then_tells_all_but_the_hints(ana: Client, reveal: str) -> None:
    ticket = make_told(reveal)
    page = ana.get(f"/tickets/{ticket.pk}/grade/").content.decode()
    when = "when the assignment closes" if reveal == "on_close" else "when your instructor releases it"
    assert f"The result is shown {when}" in page
    reveal_now()
    seen = everything_seen(ana, ticket)
    assert any(CANARY in seen[f"/tickets/{ticket.pk}/grade/ {target}"] for target in ("", "grade"))
    assert CANARY in seen[f"/tickets/{ticket.pk}/grade.json "]
    assert not [place for place, text in seen.items() if re.search("hint-(one|two|three)", text)]


@pytest.mark.parametrize("reveal", OPEN)
def test_in_practice_and_coached_ana_is_told_as_soon_as_it_is_graded(ana: Client, reveal: str) -> None:
    ticket = make_told(reveal)
    seen = everything_seen(ana, ticket)
    assert CANARY in seen[f"/tickets/{ticket.pk}/grade/ "]
    assert CANARY in seen[f"/tickets/{ticket.pk}/grade.json "]
    assert not [place for place, text in seen.items() if re.search("hint-(one|two|three)", text)]


@pytest.mark.parametrize("reveal", OPEN)
def test_before_the_submission_practice_and_coached_tell_nothing_unasked(ana: Client, reveal: str) -> None:
    ticket = make.make_ticket(assignment=make.make_assignment(reveal=reveal))
    make.make_hints(ticket.variant)
    make.make_worksheet(ticket, **make.FACE_VALUE_ANSWERS)
    assert told_in(everything_seen(ana, ticket)) == []


@pytest.mark.parametrize("reveal", [*OPEN, *ASSESSMENT])
def test_nobody_else_is_told_anything_at_any_time(zoe: Client, nobody: Client, reveal: str) -> None:
    ticket = make_told(reveal)
    ines = make.make_instructor("ines")
    make.make_cohort("Autumn class", instructors=[ines])
    reveal_now()
    for client in (zoe, nobody, client_of(ines)):
        assert told_in(everything_seen(client, ticket)) == []


@pytest.mark.parametrize("reveal", [*OPEN, *ASSESSMENT])
def test_who_teaches_the_class_sees_the_result_whenever_and_no_hint_that_was_not_taken(
    ivo: Client, reveal: str
) -> None:
    ticket = make_told(reveal)
    seen = everything_seen(ivo, ticket)
    cohort = f"/reports/cohorts/{ticket.item.assignment.cohort_id}/"
    assert CANARY in seen[f"/tickets/{ticket.pk}/grade/ "]
    assert "M01" in seen[f"{cohort}ideas.csv "]
    assert "M01" in seen[f"{cohort}report.xlsx "]
    assert not [place for place, text in seen.items() if re.search("hint-(one|two|three)", text)]


def test_the_rows_that_the_canary_stands_in_are_those_that_tell(ana: Client) -> None:
    """The test's own eyes: were the truth let out, it would be seen."""
    ticket = make_told("on_grade")
    assert CriterionResult.objects.filter(expected=CANARY).count() == 4
    places = told_in(everything_seen(ana, ticket))
    assert {f"/tickets/{ticket.pk}/grade/ ", f"/tickets/{ticket.pk}/grade.json ", "/tickets/ "} <= set(places)
