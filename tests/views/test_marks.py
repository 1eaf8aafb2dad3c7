"""Pages about marks: who gets which, what they show, and what a trainee is told."""

from __future__ import annotations

import uuid

import pytest
from django.test import Client

from tests import factories as make
from tests.actions.test_appeals import ASKS, ask
from tests.actions.test_overrides import make_graded, override
from tests.regrading import apply, dry_run, make_class, shown_grade
from tests.views.conftest import client_of
from tickets.actions.regradings import bring_on_here, draft_for_broken
from tickets.models import (
    Appeal,
    AppealAnswer,
    Assignment,
    Grade,
    Notice,
    Override,
    Regrading,
    RegradingJob,
    Ticket,
)
from tickets.tasks import bring_on
from tickets.tasks.jobs import drain

pytestmark = pytest.mark.django_db

FORMS = {
    "appeals": {"criterion": "reversed", "text": ASKS},
    "overrides": {"criterion": "reversed", "points": "1", "reason": "Half of it is fair."},
    "answer": {"outcome": "kept", "text": "The field says no."},
    "approval": {"marks_may_fall": "on"},
    "abandonment": {},
    "regradings": {"cause": "engine", "reason": "A new engine."},
}


@pytest.fixture
def work() -> dict[str, str]:
    """Every address of this part, with work of ana's in ivo's class behind it."""
    ticket = make_graded()
    appeal = ask(ticket, "intent")
    regrading = dry_run()
    old = shown_grade(ticket)
    return {
        "appeals": f"/tickets/{ticket.pk}/appeals/",
        "overrides": f"/tickets/{ticket.pk}/overrides/",
        "earlier": f"/tickets/{ticket.pk}/grades/{old.pk}/",
        "answer": f"/appeals/{appeal.pk}/answer/",
        "marks": "/marks/",
        "regradings": "/regradings/",
        "regrading": f"/regradings/{regrading.pk}/",
        "approval": f"/regradings/{regrading.pk}/approval/",
        "abandonment": f"/regradings/{regrading.pk}/abandonment/",
    }


READS = ("earlier", "marks", "regradings", "regrading")
INSTRUCTORS = ("overrides", "answer", "marks", "regradings", "regrading", "approval", "abandonment")


def call(client: Client, work: dict[str, str], page: str) -> int:
    address = work[page]
    answer = client.get(address) if page in READS else client.post(address, FORMS[page])
    return answer.status_code


# -- Who gets which -------------------------------------------------------------------------------


@pytest.mark.parametrize("page", [*READS, "appeals", "overrides", "answer", "approval", "abandonment"])
def test_a_stranger_is_sent_to_the_log_in_page(nobody: Client, work: dict[str, str], page: str) -> None:
    assert call(nobody, work, page) == 302
    assert nobody.get(work[page]).headers.get("Location", "/accounts/login/").startswith("/accounts/login/")


@pytest.mark.parametrize("page", INSTRUCTORS)
def test_a_trainee_finds_nothing_of_what_is_the_instructors(
    ana: Client, work: dict[str, str], page: str
) -> None:
    assert call(ana, work, page) == 404
    assert ana.post(work["regradings"], FORMS["regradings"]).status_code == 404
    assert not Override.objects.exists()
    assert Regrading.objects.get().state == "computed"


@pytest.mark.parametrize("page", ["appeals", "overrides", "earlier", "answer", "regrading", "approval"])
def test_zoe_finds_nothing_of_anas(zoe: Client, work: dict[str, str], page: str) -> None:
    assert call(zoe, work, page) == 404
    assert Appeal.objects.count() == 1


@pytest.mark.parametrize("page", ["overrides", "earlier", "answer", "regrading", "approval", "abandonment"])
def test_an_instructor_of_another_class_finds_nothing(work: dict[str, str], page: str) -> None:
    ines = make.make_instructor("ines")
    make.make_cohort("Evening class", instructors=[ines])
    assert call(client_of(ines), work, page) == 404
    assert not Override.objects.exists()
    assert not AppealAnswer.objects.exists()
    assert Regrading.objects.get().state == "computed"


def test_an_instructor_does_not_ask_in_a_trainees_name(ivo: Client, work: dict[str, str]) -> None:
    assert call(ivo, work, "appeals") == 404


@pytest.mark.parametrize("page", ["earlier", "marks", "regradings", "regrading"])
def test_ivo_reads_what_concerns_his_classes(ivo: Client, work: dict[str, str], page: str) -> None:
    assert call(ivo, work, page) == 200


@pytest.mark.parametrize("page", ["appeals", "overrides", "answer", "approval", "abandonment"])
def test_what_is_a_post_is_not_a_get(ivo: Client, work: dict[str, str], page: str) -> None:
    assert ivo.get(work[page]).status_code == 405


@pytest.mark.parametrize("page", ["overrides", "answer", "approval", "abandonment", "regradings"])
def test_a_post_without_the_pages_token_changes_nothing(work: dict[str, str], page: str) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(make.make_instructor("ivo"), backend="django.contrib.auth.backends.ModelBackend")
    assert strict.post(work[page], FORMS[page]).status_code == 403
    assert Regrading.objects.get().state == "computed"


def test_a_run_of_a_regrading_that_was_not_applied_is_not_there_for_anybody(
    ana: Client, ivo: Client, work: dict[str, str]
) -> None:
    ticket = Ticket.objects.get()
    dry = Grade.objects.get(kind="regrading")
    for client in (ana, ivo):
        assert client.get(f"/tickets/{ticket.pk}/grades/{dry.pk}/").status_code == 404


def test_an_earlier_run_of_another_ticket_is_not_there(ana: Client, work: dict[str, str]) -> None:
    assert (
        ana.get(work["earlier"].replace(str(Ticket.objects.get().pk), str(uuid.uuid4()))).status_code == 404
    )


def test_an_earlier_run_waits_for_the_reveal_as_well(ana: Client, ivo: Client, work: dict[str, str]) -> None:
    Assignment.objects.update(reveal="manual")
    assert call(ana, work, "earlier") == 404
    assert call(ivo, work, "earlier") == 200
    assert call(ana, work, "appeals") == 422
    assert Appeal.objects.count() == 1


# -- The trainee's side ---------------------------------------------------------------------------


def test_ana_questions_a_mark_and_reads_the_answer(ana: Client, ivo: Client) -> None:
    ticket = make_graded()
    page = f"/tickets/{ticket.pk}/grade/"
    assert (
        ana.post(f"/tickets/{ticket.pk}/appeals/", FORMS["appeals"]).headers["Location"]
        == f"{page}#questions"
    )
    assert "Waits for an instructor" in ana.get(page).content.decode()
    appeal = Appeal.objects.get()
    assert ASKS in ivo.get("/marks/").content.decode()
    said = {"outcome": "overridden", "points": "1", "text": "You are half right."}
    assert ivo.post(f"/appeals/{appeal.pk}/answer/", said).status_code == 302
    queue = ana.get("/tickets/").content.decode()
    assert "Your question was answered" in queue
    shown = ana.get(page).content.decode()
    assert "You are half right." in shown
    assert "gave 0 of 8" in shown
    assert "Your question was answered" not in ana.get("/tickets/").content.decode()


def test_a_question_that_is_refused_gives_back_what_was_typed(ana: Client) -> None:
    ticket = make_graded()
    answer = ana.post(f"/tickets/{ticket.pk}/appeals/", {"criterion": "reversed", "text": "why <b>?"})
    assert answer.status_code == 422
    assert "why &lt;b&gt;?" in answer.content.decode()


def test_the_reason_of_a_regrading_is_told_in_the_queue_until_it_was_read(ana: Client) -> None:
    anas, _ = make_class()
    regrading = apply(dry_run())
    assert regrading.reason in ana.get("/tickets/").content.decode()
    assert regrading.reason in ana.get(f"/tickets/{anas.pk}/grade/").content.decode()
    assert regrading.reason not in ana.get("/tickets/").content.decode()
    assert regrading.reason in ana.get(f"/tickets/{anas.pk}/grade/").content.decode()


def test_what_is_told_about_marks_waits_for_their_reveal(ana: Client) -> None:
    anas, _ = make_class()
    Assignment.objects.update(reveal="manual")
    regrading = apply(dry_run())
    assert regrading.reason not in ana.get("/tickets/").content.decode()
    assert regrading.reason not in ana.get(f"/tickets/{anas.pk}/grade/").content.decode()
    assert Notice.objects.filter(read_at=None).count() == 2


def test_an_instructors_look_does_not_count_as_the_trainees(ivo: Client) -> None:
    anas, _ = make_class()
    apply(dry_run())
    ivo.get(f"/tickets/{anas.pk}/grade/")
    assert not Notice.objects.exclude(read_at=None).exists()


def test_every_earlier_run_can_be_read_as_it_was(ana: Client) -> None:
    anas, _ = make_class()
    old = shown_grade(anas)
    apply(dry_run())
    page = ana.get(f"/tickets/{anas.pk}/grade/").content.decode()
    address = f"/tickets/{anas.pk}/grades/{old.pk}/"
    assert address in page
    earlier = ana.get(address).content.decode()
    assert "This is an earlier result" in earlier
    assert "graded by engine 0.9.0" in earlier
    assert "Question a mark" not in earlier


def test_an_excluded_ticket_says_so_in_queue_and_result(ana: Client) -> None:
    anas, _ = make_class()
    apply(
        bring_on_here(draft_for_broken(anas.variant, "exclude", "No handshake.", make.make_instructor("ivo")))
    )
    assert "does not count" in ana.get("/tickets/").content.decode()
    page = ana.get(f"/tickets/{anas.pk}/grade/").content.decode()
    assert "This ticket does not count.</b> <bdi>No handshake." in page


def test_a_ticket_that_was_not_handed_in_says_on_its_desk_that_it_does_not_count(ana: Client) -> None:
    ticket = make.make_ticket()
    apply(
        bring_on_here(
            draft_for_broken(ticket.variant, "exclude", "No handshake.", make.make_instructor("ivo"))
        )
    )
    assert "No handshake." in ana.get("/tickets/").content.decode()
    desk = ana.get(f"/tickets/{ticket.pk}/").content.decode()
    assert "This ticket does not count." in desk
    assert not Notice.objects.filter(read_at=None).exists()


# -- The instructor's side ------------------------------------------------------------------------


def test_ivo_sets_a_mark_and_takes_it_back(ivo: Client) -> None:
    ticket = make_graded()
    address = f"/tickets/{ticket.pk}/overrides/"
    assert ivo.post(address, FORMS["overrides"]).status_code == 302
    assert "Half of it is fair." in ivo.get(f"/tickets/{ticket.pk}/grade/").content.decode()
    back = {"criterion": "reversed", "take_back": "on", "reason": "That was a mistake of mine."}
    assert ivo.post(address, back).status_code == 302
    assert shown_grade(ticket).criteria.get(criterion="reversed").override is None


@pytest.mark.parametrize(
    "change",
    [
        {"points": ""},
        {"points": "9"},
        {"points": "many"},
        {"reason": "no"},
        {"criterion": "colour"},
        {"points": "-1"},
    ],
)
def test_an_override_that_cannot_be_is_told_on_the_page(ivo: Client, change: dict[str, str]) -> None:
    ticket = make_graded()
    answer = ivo.post(f"/tickets/{ticket.pk}/overrides/", {**FORMS["overrides"], **change})
    assert answer.status_code == 422
    assert 'id="err_override"' in answer.content.decode()
    assert not Override.objects.exists()


def test_a_stale_override_is_on_the_page_of_marks(ivo: Client) -> None:
    _, umas = make_class()
    override(umas, "1.5", "disposition")
    assert "Every mark that was set by hand stands" in ivo.get("/marks/").content.decode()
    apply(dry_run())
    page = ivo.get("/marks/").content.decode()
    assert umas.code in page
    assert "1 mark to look at again" in page


def test_an_answer_that_is_refused_stands_where_it_was_typed(ivo: Client) -> None:
    appeal = ask(make_graded())
    answer = ivo.post(f"/appeals/{appeal.pk}/answer/", {"outcome": "overridden", "points": "9", "text": ASKS})
    assert answer.status_code == 422
    assert "0 to 8 points" in answer.content.decode()
    assert not AppealAnswer.objects.exists()


def test_a_regrading_goes_from_the_form_to_its_application(ivo: Client) -> None:
    _, umas = make_class()
    address = ivo.post("/regradings/", FORMS["regradings"]).headers["Location"]
    assert "Being computed" in ivo.get(address).content.decode()
    drain(RegradingJob, bring_on)
    page = ivo.get(address).content.decode()
    assert umas.code in page
    assert "Something else is expected." in page
    assert ivo.post(f"{address}approval/", {}).status_code == 409
    assert ivo.post(f"{address}approval/", {"marks_may_fall": "on"}).status_code == 302
    assert "Being applied" in ivo.get(address).content.decode()
    drain(RegradingJob, bring_on)
    assert "What changed" in ivo.get(address).content.decode()
    assert ivo.post(f"{address}abandonment/").status_code == 409


@pytest.mark.parametrize(
    "typed",
    [
        {"cause": "engine", "reason": ""},
        {"cause": "luck", "reason": "A new engine."},
        {"cause": "engine", "reason": "A new engine.", "scenario": str(uuid.uuid4())},
        {"cause": "erratum", "reason": "Corrected."},
        {"cause": "broken", "reason": "Broken.", "ticket": "T-NOBODY", "remedy": "exclude"},
        {"cause": "broken", "reason": "Broken.", "remedy": "exclude"},
    ],
)
def test_a_regrading_that_cannot_be_is_told_on_the_form(ivo: Client, typed: dict[str, str]) -> None:
    make_class()
    answer = ivo.post("/regradings/", typed)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    assert not Regrading.objects.exists()


def test_broken_evidence_is_named_by_a_ticket_of_ones_own_classes(ivo: Client) -> None:
    anas, _ = make_class()
    typed = {
        "cause": "broken",
        "reason": "No handshake.",
        "ticket": anas.code.lower(),
        "remedy": "full_marks",
    }
    assert ivo.post("/regradings/", typed).status_code == 302
    assert Regrading.objects.get().variant == anas.variant
    ines = make.make_instructor("ines")
    make.make_cohort("Evening class", instructors=[ines])
    assert client_of(ines).post("/regradings/", typed).status_code == 422


def test_tickets_are_listed_by_kind_of_change(ivo: Client) -> None:
    anas, umas = make_class()
    address = f"/regradings/{dry_run().pk}/"
    falls = ivo.get(f"{address}?change=falls").content.decode()
    assert umas.code in falls
    assert anas.code not in falls
    assert ivo.get(f"{address}?change=nonsense&page=x").status_code == 200
