"""Who gets which page: every address of a ticket, as everybody."""

from __future__ import annotations

import uuid

import pytest
from django.test import Client

from tests import factories as make
from tests.views.conftest import client_of
from tickets.models import Assignment, HintTaken, Submission, Ticket

pytestmark = pytest.mark.django_db

READS = ("", "grade/", "grade.json", "history/")
POSTS = ("worksheet/", "submission/", "hints/", "checks/", "tour/", "tour/end/")


@pytest.fixture
def graded() -> Ticket:
    """A ticket of ana's in ivo's class, graded and revealed."""
    ticket = make.make_ticket()
    make.make_grade(make.make_submission(ticket, with_job=False))
    return ticket


def path(ticket: Ticket, page: str = "") -> str:
    return f"/tickets/{ticket.pk}/{page}"


@pytest.mark.parametrize("page", [*READS, *POSTS])
def test_a_stranger_is_sent_to_the_log_in_page(nobody: Client, graded: Ticket, page: str) -> None:
    response = nobody.post(path(graded, page)) if page in POSTS else nobody.get(path(graded, page))
    assert response.status_code == 302
    assert response.headers["Location"].startswith("/accounts/login/?next=")


@pytest.mark.parametrize("page", READS)
def test_ana_reads_her_own_ticket(ana: Client, graded: Ticket, page: str) -> None:
    assert ana.get(path(graded, page)).status_code == 200


@pytest.mark.parametrize("page", READS)
def test_zoes_look_at_anas_ticket_is_answered_as_a_ticket_that_is_not_there(
    zoe: Client, graded: Ticket, page: str
) -> None:
    hers = zoe.get(path(graded, page))
    missing = zoe.get(f"/tickets/{uuid.uuid4()}/{page}")
    assert hers.status_code == missing.status_code == 404
    assert _without_token(hers.content) == _without_token(missing.content)


@pytest.mark.parametrize("page", POSTS)
def test_zoe_cannot_write_into_anas_ticket(zoe: Client, page: str) -> None:
    ticket = make.make_ticket()
    assert zoe.post(path(ticket, page), {"version": 0, "reason": "zoe was here"}).status_code == 404
    assert not Submission.objects.exists()


@pytest.mark.parametrize("page", READS)
def test_ivo_reads_the_ticket_of_a_trainee_he_teaches(ivo: Client, graded: Ticket, page: str) -> None:
    assert ivo.get(path(graded, page)).status_code == 200


@pytest.mark.parametrize("page", POSTS)
def test_ivo_does_not_write_for_a_trainee(ivo: Client, page: str) -> None:
    ticket = make.make_ticket()
    assert ivo.post(path(ticket, page), {"version": 0, "reason": "ivo was here"}).status_code == 404


@pytest.mark.parametrize("page", READS)
def test_an_instructor_of_another_class_finds_nothing(graded: Ticket, page: str) -> None:
    ines = make.make_instructor("ines")
    make.make_cohort("Autumn class", instructors=[ines])
    assert client_of(ines).get(path(graded, page)).status_code == 404


def test_a_trainee_who_has_left_the_class_finds_nothing(ana: Client, graded: Ticket) -> None:
    graded.trainee.enrollments.update(is_active=False)
    assert ana.get(path(graded)).status_code == 404


def test_a_ticket_is_not_there_before_its_assignment_opens(ana: Client) -> None:
    ticket = make.make_ticket()
    Assignment.objects.update(opens_at="2999-01-01T00:00Z")
    assert ana.get(path(ticket)).status_code == 404
    assert ticket.code not in ana.get("/tickets/").content.decode()


@pytest.mark.parametrize("page", POSTS)
def test_what_is_a_post_is_not_a_get(ana: Client, graded: Ticket, page: str) -> None:
    assert ana.get(path(graded, page)).status_code == 405


@pytest.mark.parametrize("page", READS)
def test_what_is_a_get_is_not_a_post(ana: Client, graded: Ticket, page: str) -> None:
    assert ana.post(path(graded, page)).status_code == 405


def test_a_post_without_the_pages_token_changes_nothing(graded: Ticket) -> None:
    ticket = make.make_ticket(graded.trainee)
    make.make_hints(ticket.variant)
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ticket.trainee, backend="django.contrib.auth.backends.ModelBackend")
    for page in POSTS:
        assert strict.post(path(ticket, page), {"version": 0, "level": 1}).status_code == 403
    assert not Submission.objects.filter(ticket=ticket).exists()
    assert not HintTaken.objects.exists()


def test_the_start_shows_each_their_own_work_and_asks_a_stranger_to_log_in(
    ana: Client, ivo: Client, nobody: Client
) -> None:
    assert next(template.name for template in ana.get("/").templates) == "home/trainee.html"
    assert next(template.name for template in ivo.get("/").templates) == "home/instructor.html"
    assert nobody.get("/").headers["Location"].startswith("/accounts/login/")


def _without_token(body: bytes) -> list[str]:
    return [line for line in body.decode().splitlines() if "csrfmiddlewaretoken" not in line]
