"""The pages of shifts, as everybody: who may see, start and end what, and what is told when."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests import factories as make
from tests.views.conftest import client_of
from tickets.actions.shifts import plan_shift, start_shift
from tickets.models import Cohort, Shift, Ticket, User
from tickets.tasks.shifts import run_shifts_at

pytestmark = pytest.mark.django_db

POSTS = ("start/", "end/", "abandonment/")
TITLE = "Web page on a high port"


@pytest.fixture
def cohort(db: None) -> Cohort:
    """Ana's class, which ivo teaches; zoe is in another one."""
    make.make_cohort("Autumn class", trainees=[make.make_user("zoe")])
    version = make.make_version(make.make_scenario(lesson="L1 Who started it"), title=TITLE)
    for _ in range(12):
        make.make_variant(version)
    return make.make_cohort(trainees=[make.make_user("ana")], instructors=[make.make_instructor()])


def make_shift(cohort: Cohort, *, own: bool = False, minutes_ago: int | None = None) -> Shift:
    """A shift of 30 minutes and six tickets, planned; or started so long ago, with what has come since."""
    by = make.make_user("ana") if own else make.make_instructor()
    version = make.make_scenario().versions.get()
    now = timezone.now()
    shift = plan_shift(
        cohort, by, [version], minutes=30, tickets_each=6, trainee=by if own else None, now=now
    )
    if minutes_ago is not None:
        start_shift(shift, by, now - timedelta(minutes=minutes_ago))
        run_shifts_at(min(now, now - timedelta(minutes=minutes_ago - 29)) if minutes_ago > 29 else now)
        run_shifts_at(now)
    shift.refresh_from_db()
    return shift


def path(shift: Shift, page: str = "") -> str:
    return f"/shifts/{shift.pk}/{page}"


def asked(**changes: object) -> dict[str, object]:
    lessons = ["L1 Who started it"]
    return {"minutes": 15, "speed": 10, "tickets_each": 3, "mix": "real", "lessons": lessons, **changes}


def close(ticket: Ticket) -> None:
    make.make_grade(make.make_submission(ticket, with_job=False, received_at=timezone.now()))


# -- Planning ------------------------------------------------------------------------------------


def test_ana_plans_a_shift_of_her_own_and_starts_it(ana: Client, cohort: Cohort) -> None:
    assert b"A shift of your own" in ana.get("/shifts/").content
    response = ana.post("/shifts/", asked())
    shift = Shift.objects.get()
    assert (response.status_code, response.headers["Location"]) == (302, path(shift))
    assert (shift.trainee, shift.cohort, shift.minutes, shift.speed) == (
        User.objects.get(username="ana"),
        cohort,
        15,
        10,
    )
    assert b"Start the shift" in ana.get(path(shift)).content
    ana.post(path(shift, "start/"))
    page = ana.get(path(shift)).content.decode()
    assert TITLE in page
    assert Ticket.objects.first().code in page  # type: ignore[union-attr]


def test_ivo_plans_a_shift_for_his_class(ivo: Client, cohort: Cohort) -> None:
    response = ivo.post("/shifts/", asked(cohort=str(cohort.pk)))
    shift = Shift.objects.get()
    assert response.status_code == 302
    assert (shift.trainee, shift.cohort) == (None, cohort)


def test_ivo_cannot_plan_for_a_class_that_he_does_not_teach(ivo: Client, cohort: Cohort) -> None:
    other = Cohort.objects.get(name="Autumn class")
    make.enroll(make.make_cohort("Third class"), make.make_instructor(), "instructor")
    assert ivo.post("/shifts/", asked(cohort=str(other.pk))).status_code == 422
    assert not Shift.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [{"minutes": 20}, {"speed": 3}, {"tickets_each": 2}, {"tickets_each": 61}, {"mix": "x"}, {"lessons": []}],
)
def test_what_no_shift_can_be_is_a_form_error(ana: Client, cohort: Cohort, wrong: dict[str, object]) -> None:
    assert ana.post("/shifts/", asked(**wrong)).status_code == 422
    assert not Shift.objects.exists()


def test_a_second_shift_of_ones_own_is_refused_in_words(ana: Client, cohort: Cohort) -> None:
    make_shift(cohort, own=True)
    response = ana.post("/shifts/", asked())
    assert response.status_code == 422
    assert b"You have a shift already" in response.content


def test_a_pool_that_is_short_is_told_before_the_start(ana: Client, cohort: Cohort) -> None:
    ana.post("/shifts/", asked(tickets_each=15))
    page = ana.get(path(Shift.objects.get())).content.decode()
    assert "12 of 15 tickets can come" in page
    assert "Start the shift" in page


def test_somebody_without_a_cohort_is_told_so(cohort: Cohort) -> None:
    response = client_of(make.make_user("nora")).post("/shifts/", asked())
    assert response.status_code == 422
    assert b"You belong to no cohort yet" in response.content


# -- Who gets what -------------------------------------------------------------------------------


@pytest.mark.parametrize("minutes_ago", [None, 5, 40])
def test_each_stage_as_everybody(
    nobody: Client, ana: Client, zoe: Client, ivo: Client, cohort: Cohort, minutes_ago: int | None
) -> None:
    ines = make.make_instructor("ines")
    shift = make_shift(cohort, minutes_ago=minutes_ago)
    assert nobody.get(path(shift)).status_code == 302
    assert ana.get(path(shift)).status_code == 200
    assert ivo.get(path(shift)).status_code == 200
    assert zoe.get(path(shift)).status_code == 404
    assert client_of(ines).get(path(shift)).status_code == 404
    assert zoe.get(f"/shifts/{uuid.uuid4()}/").status_code == 404


@pytest.mark.parametrize("page", POSTS)
def test_only_who_set_a_shift_directs_it(
    nobody: Client, ana: Client, zoe: Client, ivo: Client, cohort: Cohort, page: str
) -> None:
    own, for_all = make_shift(cohort, own=True), make_shift(cohort)
    assert nobody.post(path(own, page)).status_code == 302
    assert [zoe.post(path(each, page)).status_code for each in (own, for_all)] == [404, 404]
    assert ana.post(path(for_all, page)).status_code == 404
    assert ivo.post(path(own, page)).status_code == 404
    assert ana.get(path(own, page)).status_code == 405
    states = set(Shift.objects.values_list("state", flat=True))
    assert states == {"planned"}
    assert ana.post(path(own, page)).status_code == 302
    assert ivo.post(path(for_all, page)).status_code == 302


def test_a_trainees_report_is_for_who_teaches_him(
    ana: Client, zoe: Client, ivo: Client, cohort: Cohort
) -> None:
    shift = make_shift(cohort, minutes_ago=40)
    page = path(shift, f"trainees/{make.make_user('ana').pk}/")
    assert ivo.get(page).status_code == 200
    assert ana.get(page).status_code == zoe.get(page).status_code == 404
    assert ivo.get(path(shift, f"trainees/{make.make_user('zoe').pk}/")).status_code == 404


def test_a_planned_shift_has_no_trainees_report(ivo: Client, cohort: Cohort) -> None:
    shift = make_shift(cohort)
    assert ivo.get(path(shift, f"trainees/{make.make_user('ana').pk}/")).status_code == 404


def test_who_has_left_the_class_finds_nothing(ana: Client, cohort: Cohort) -> None:
    shift = make_shift(cohort, minutes_ago=5)
    make.make_user("ana").enrollments.update(is_active=False)
    assert ana.get(path(shift)).status_code == 404


def test_starting_twice_is_told_and_not_done(ana: Client, cohort: Cohort) -> None:
    shift = make_shift(cohort, own=True, minutes_ago=1)
    response = ana.post(path(shift, "start/"))
    assert response.status_code == 409
    assert b"started or given up already" in response.content


# -- While it runs -------------------------------------------------------------------------------


def poll(client: Client, shift: Shift, seen: str, target: str = "shift-work") -> tuple[int, str]:
    response = client.get(f"{path(shift)}?seen={seen}", HTTP_HX_REQUEST="true", HTTP_HX_TARGET=target)
    return response.status_code, response.content.decode()


def test_the_queue_asks_again_and_gets_a_new_one_only_when_something_is_new(
    ana: Client, cohort: Cohort
) -> None:
    shift = make_shift(cohort, minutes_ago=0)
    shift.arrivals.filter(number__gt=1).update(due_at=timezone.now() + timedelta(minutes=9))
    assert poll(ana, shift, "1-1-0") == (204, "")
    shift.arrivals.filter(number=2).update(due_at=timezone.now())
    run_shifts_at(timezone.now())
    status, body = poll(ana, shift, "1-1-0")
    assert status == 200
    assert "1 new ticket:" in body
    assert "<html" not in body
    assert "seen=2-2-0" in body


def test_a_first_look_and_a_submission_change_the_queue(ana: Client, cohort: Cohort) -> None:
    shift = make_shift(cohort, minutes_ago=0)
    shift.arrivals.filter(number__gt=1).update(due_at=timezone.now() + timedelta(minutes=9))
    ticket = Ticket.objects.get()
    ana.get(f"/tickets/{ticket.pk}/")
    assert "seen=1-0-0" in poll(ana, shift, "1-1-0")[1]
    close(ticket)
    assert "seen=1-0-1" in poll(ana, shift, "1-0-0")[1]


def test_the_first_look_is_kept_and_the_second_changes_nothing(ana: Client, cohort: Cohort) -> None:
    make_shift(cohort, minutes_ago=0)
    ticket = Ticket.objects.order_by("position")[0]
    ana.get(f"/tickets/{ticket.pk}/")
    ticket.refresh_from_db()
    first = ticket.opened_at
    ana.get(f"/tickets/{ticket.pk}/")
    ticket.refresh_from_db()
    assert first == ticket.opened_at


def test_the_queue_of_a_shift_that_is_over_becomes_its_report(ana: Client, cohort: Cohort) -> None:
    shift = make_shift(cohort, own=True, minutes_ago=1)
    ana.post(path(shift, "end/"))
    response = ana.get(f"{path(shift)}?seen=1-1-0", HTTP_HX_REQUEST="true", HTTP_HX_TARGET="shift-work")
    assert (response.status_code, response.headers["HX-Refresh"]) == (204, "true")
    assert b"Ticket by ticket" in ana.get(path(shift)).content


def test_who_waits_for_the_start_is_told_of_it(ana: Client, ivo: Client, cohort: Cohort) -> None:
    shift = make_shift(cohort)
    assert b"Your instructor starts it" in ana.get(path(shift)).content
    waiting = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "shift-waiting"}
    assert "HX-Refresh" not in ana.get(path(shift), **waiting).headers  # type: ignore[arg-type]
    ivo.post(path(shift, "start/"))
    assert ana.get(path(shift), **waiting).headers["HX-Refresh"] == "true"  # type: ignore[arg-type]


def test_the_desk_the_queue_and_the_home_page_lead_back_to_the_shift(ana: Client, cohort: Cohort) -> None:
    shift = make_shift(cohort, minutes_ago=5)
    ticket = Ticket.objects.order_by("position")[0]
    for page in ("/tickets/", "/", f"/tickets/{ticket.pk}/"):
        assert path(shift) in ana.get(page).content.decode(), page
    status, body = poll(ana, shift, "", target="shift-strip")
    assert status == 200
    assert "Shift:" in body


def test_no_result_is_shown_before_the_end_and_all_are_after_it(
    ana: Client, ivo: Client, cohort: Cohort
) -> None:
    shift = make_shift(cohort, minutes_ago=5)
    ticket = Ticket.objects.order_by("position")[0]
    close(ticket)
    before = ana.get(f"/tickets/{ticket.pk}/grade/").content.decode()
    assert "when the shift ends" in before
    assert "Your answers" not in before
    assert ana.get(f"/tickets/{ticket.pk}/grade.json").status_code == 404
    assert "It was" not in ana.get(path(shift)).content.decode()
    ivo.post(path(shift, "end/"))
    assert ana.get(f"/tickets/{ticket.pk}/grade.json").status_code == 200
    assert "It was" in ana.get(path(shift)).content.decode()


def test_of_a_ticket_that_is_still_open_the_report_tells_nothing(ana: Client, cohort: Cohort) -> None:
    shift = make_shift(cohort, own=True, minutes_ago=5)
    came = Ticket.objects.count()
    ana.post(path(shift, "end/"))
    page = ana.get(path(shift)).content.decode()
    assert page.count(">not told yet<") == came
    assert "False positive" not in page


def test_the_report_takes_as_many_queries_for_a_class_as_for_one(
    ivo: Client, cohort: Cohort, django_assert_max_num_queries: object
) -> None:
    for name in ("ben", "eva", "lea"):
        make.enroll(cohort, make.make_user(name))
    shift = make_shift(cohort, minutes_ago=40)
    with django_assert_max_num_queries(15):  # type: ignore[operator]
        assert ivo.get(path(shift)).status_code == 200


def test_a_shift_that_ana_works_alone_is_not_in_the_report_of_her_class(ivo: Client, cohort: Cohort) -> None:
    shift = make_shift(cohort, own=True, minutes_ago=40)
    assert shift.assignment is not None
    report = f"/reports/cohorts/{cohort.pk}/"
    assert TITLE not in ivo.get(report).content.decode()
    assert TITLE in ivo.get(f"{report}?assignment={shift.assignment.pk}").content.decode()
