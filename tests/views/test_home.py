"""The start: one thing to do next and why, what is due, what is new, what waits."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from tests import factories as make
from tests.views.conftest import client_of
from tickets.models import AnalysisJob, Assignment, GradeJob, Notice, Ticket, User
from tickets.reports.home import Why, read_home
from tickets.reports.progress import read_progress
from tickets.tasks.grading import record_grade
from tickets.tasks.jobs import drain

pytestmark = pytest.mark.django_db
NOW = timezone.now()
TRAINEE_QUERIES, INSTRUCTOR_QUERIES = 12, 12


@pytest.fixture
def person() -> User:
    return make.make_user("ana")


def given(*, due: datetime | None = None, **assignment: Any) -> Ticket:
    return make.make_ticket(assignment=make.make_assignment(due_at=due, **assignment))


def next_of(user: User) -> tuple[str, Why]:
    found = read_home(user, NOW).next
    assert found is not None
    return found.ticket.code, found.why


def text_of(client: Client) -> str:
    return " ".join(str(client.get("/").content.decode()).split())


# -- What to do next ------------------------------------------------------------------------------


def test_what_is_late_comes_first_and_may_still_be_handed_in(ana: Client, person: User) -> None:
    given()
    late = given(due=NOW - timedelta(days=2), closes_at=NOW + timedelta(days=5))
    given(due=NOW + timedelta(hours=2))
    assert next_of(person) == (late.code, Why.LATE)
    assert "Late by 2 d." in text_of(ana)


def test_what_is_due_within_a_day_comes_before_a_draft(ana: Client, person: User) -> None:
    draft = make.make_ticket(opened_at=NOW)
    make.make_worksheet(draft)
    soon = given(due=NOW + timedelta(hours=5))
    assert next_of(person) == (soon.code, Why.SOON)
    assert "before all others" in text_of(ana)


def test_a_draft_comes_before_what_is_due_in_a_week(ana: Client, person: User) -> None:
    given(due=NOW + timedelta(days=6))
    draft = make.make_ticket(opened_at=NOW)
    make.make_worksheet(draft)
    assert next_of(person) == (draft.code, Why.DRAFT)
    assert "Your draft waits here" in text_of(ana)


def test_the_draft_that_was_saved_last_is_the_one(person: User) -> None:
    older, newer = make.make_ticket(opened_at=NOW), make.make_ticket(opened_at=NOW)
    for ticket, days in ((older, 2), (newer, 1)):
        sheet = make.make_worksheet(ticket)
        sheet.saved_at = NOW - timedelta(days=days)
        sheet.save()
    assert next_of(person) == (newer.code, Why.DRAFT)


def make_due_again(person: User) -> None:
    """Ten right answers of three scenarios on three days, mixed and of two kinds, long ago: then nothing."""
    cohort = make.make_cohort("Spring class", trainees=[person])
    versions = [
        make.make_version(make.make_scenario(f"story-{number}"), skills=["S02"]) for number in range(4)
    ]
    assignment = make.make_assignment(cohort)
    for number in range(12):
        version = versions[number % 4]
        ticket = Ticket.objects.create(
            item=make.make_item(assignment, version),
            trainee=person,
            variant=make.make_variant(version),
        )
        make.make_grade(
            make.make_submission(ticket, with_job=False, received_at=NOW - timedelta(days=60 - number)),
            results={"reversed": "correct"},
            told={"reversed": {"expected": "no" if number % 3 == 0 else "yes"}},
        )


def test_a_skill_that_is_due_again_brings_a_ticket_that_practises_it(ana: Client, person: User) -> None:
    make_due_again(person)
    assert [line.skill.code for line in read_progress(person, NOW).skills if line.label == "Due again"] == [
        "S02"
    ]
    given(due=NOW + timedelta(days=6))
    version = make.make_version(make.make_scenario("again"), skills=["S02"])
    other = make.make_version(make.make_scenario("other"), skills=["S09"])
    for each in (other, version):
        make.make_ticket(assignment=make.make_assignment(), variant=make.make_variant(each))
    wanted = Ticket.objects.get(variant__version=version)
    assert next_of(person) == (wanted.code, Why.REVIEW)
    assert "who opened the connection" in text_of(ana)


def test_a_mixed_assignment_does_not_tell_what_its_tickets_practise(person: User) -> None:
    make_due_again(person)
    version = make.make_version(make.make_scenario("again"), skills=["S02"])
    make.make_ticket(assignment=make.make_assignment(order="mixed"), variant=make.make_variant(version))
    assert next_of(person)[1] is Why.GIVEN


def test_without_dates_and_drafts_it_is_the_first_that_was_given(ana: Client, person: User) -> None:
    assignment = make.make_assignment()
    first = make.make_ticket(assignment=assignment)
    make.make_ticket(assignment=assignment)
    assert next_of(person) == (first.code, Why.GIVEN)
    assert "The first of your newest assignment" in text_of(ana)


def test_what_has_closed_is_not_to_do_next(ana: Client, person: User) -> None:
    given(due=NOW - timedelta(days=3), closes_at=NOW - timedelta(days=1))
    assert read_home(person, NOW).next is None
    assert "Nothing can be handed in now" in text_of(ana)


def test_when_all_is_handed_in_it_says_so(ana: Client) -> None:
    make.make_submission(make.make_ticket())
    page = text_of(ana)
    assert "All is handed in" in page
    assert "0 of 1 ticket to do" in page


def test_a_newcomer_is_told_what_happens_next(ana: Client) -> None:
    page = text_of(ana)
    assert "Nothing is set for you yet" in page
    assert "worksheet of five steps" in page


# -- What stands around it ------------------------------------------------------------------------


def test_dates_of_what_is_left_stand_soonest_first(ana: Client, person: User) -> None:
    later, sooner = given(due=NOW + timedelta(days=9)), given(due=NOW + timedelta(days=2))
    make.make_submission(given(due=NOW + timedelta(days=1)))
    assert [line.assignment.pk for line in read_home(person, NOW).due] == [
        sooner.item.assignment_id,
        later.item.assignment_id,
    ]


def test_newest_results_are_those_that_may_be_seen(ana: Client, person: User) -> None:
    shown, withheld = make.make_ticket(), given(reveal="manual")
    for ticket in (shown, withheld):
        make.make_grade(make.make_submission(ticket, with_job=False))
    assert [grade.submission.ticket.code for grade in read_home(person, NOW).newest] == [shown.code]
    assert f"/tickets/{withheld.pk}/grade/" not in text_of(ana)


@pytest.mark.parametrize("reveal", Assignment.Reveal.values)
def test_nothing_of_a_grade_shows_before_its_reveal(ana: Client, reveal: str) -> None:
    ticket = given(reveal=reveal, closes_at=timezone.now() + timedelta(days=1))
    make.make_submission(ticket, **make.FACE_VALUE_ANSWERS)
    drain(GradeJob, record_grade)
    Notice.objects.create(ticket=ticket, kind="regraded", text="The truth is otherwise.")
    page = text_of(ana)
    is_shown = reveal in ("on_grade", "coached")
    for told in (f"/tickets/{ticket.pk}/grade/", "The truth is otherwise.", "Establish who opened"):
        assert (told in page) is is_shown


def test_open_and_repaired_ideas_stand_apart(ana: Client, person: User) -> None:
    cohort = make.make_cohort("Spring class", trainees=[person])
    assignment, version = make.make_assignment(cohort), make.make_version()
    for number, answers in enumerate((make.FACE_VALUE_ANSWERS, *[make.RIGHT_ANSWERS] * 3)):
        ticket = make.make_ticket(person, assignment=assignment, variant=make.make_variant(version))
        make.make_submission(ticket, received_at=make.NOON + timedelta(hours=number), **answers)
        if number == 0:
            drain(GradeJob, record_grade)
            assert "M01" in [idea.code for idea in read_home(person, NOW).open_ideas]
    drain(GradeJob, record_grade)
    home = read_home(person, NOW)
    assert "M01" in [idea.code for idea in home.repaired_ideas]
    assert "Repaired" in text_of(ana)


def test_time_is_of_one_sitting_and_what_was_put_aside_is_only_counted(ana: Client, person: User) -> None:
    for minutes in (10, 20, 30, 60 * 9):
        ticket = make.make_ticket(opened_at=make.NOON - timedelta(minutes=minutes))
        make.make_submission(ticket)
    time = read_home(person, NOW).time
    assert (time.sittings, time.usual, time.interrupted, time.lately) == (3, 20, 1, None)
    assert "20 min, the median of 3" in text_of(ana)


def test_lately_is_held_against_ones_own_time_before_and_nobody_elses(person: User) -> None:
    for number, minutes in enumerate((40, 50, 10, 10, 10, 10, 10)):
        at = make.NOON + timedelta(days=number)
        make.make_submission(make.make_ticket(opened_at=at - timedelta(minutes=minutes)), received_at=at)
    time = read_home(person, NOW).time
    assert (time.lately, time.before) == (10, 45)


def test_a_notice_stands_on_the_start(ana: Client) -> None:
    Notice.objects.create(ticket=make.make_ticket(), kind="excluded", text="Its capture is broken.")
    assert "Its capture is broken." in text_of(ana)


def test_zoes_start_shows_nothing_of_anas(ana: Client, zoe: Client) -> None:
    ticket = make.make_ticket()
    assert f"/tickets/{ticket.pk}/" in text_of(ana)
    assert str(ticket.pk) not in text_of(zoe)


def test_a_trainees_start_asks_as_often_whatever_was_worked(
    ana: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    def work(count: int) -> None:
        for _ in range(count):
            make.make_grade(make.make_submission(given(due=NOW + timedelta(days=3)), with_job=False))
            given(due=NOW + timedelta(days=3))

    work(1)
    ana.get("/")
    with django_assert_num_queries(TRAINEE_QUERIES):
        ana.get("/")
    work(6)
    with django_assert_num_queries(TRAINEE_QUERIES):
        ana.get("/")


# -- An instructor's ------------------------------------------------------------------------------


def test_ivo_sees_what_waits_for_him_with_the_way_to_it(ivo: Client) -> None:
    ticket, failed = make.make_ticket(), make.make_ticket()
    line = make.make_grade(make.make_submission(ticket, with_job=False)).criteria.all()[0]
    ticket.submission.appeals.create(about=line, text="Why is this wrong?")
    make.make_submission(failed).jobs.update(state="dead")
    make.make_upload()
    AnalysisJob.objects.update(state="dead")
    page = text_of(ivo)
    for sentence in (
        '<b>1</b><a href="/marks/">question about a mark</a>',
        "worksheet whose grading gave up",
        "worksheet with texts to judge",
        "other job that gave up",
    ):
        assert sentence in page


def test_an_instructor_of_another_class_sees_nothing_of_it() -> None:
    ticket = make.make_ticket()
    line = make.make_grade(make.make_submission(ticket, with_job=False)).criteria.all()[0]
    ticket.submission.appeals.create(about=line, text="Why is this wrong?")
    ines = make.make_instructor("ines")
    make.make_cohort("Elsewhere", instructors=[ines])
    page = text_of(client_of(ines))
    assert "Nothing waits." in page
    assert "Spring class" not in page


def test_an_instructor_without_a_cohort_is_told_how_to_begin(ivo: Client) -> None:
    assert "You teach no cohort yet" in text_of(ivo)


def test_dates_of_a_cohort_say_how_many_have_handed_in(ivo: Client) -> None:
    assignment = make.make_assignment(due_at=NOW + timedelta(days=3))
    make.make_submission(make.make_ticket(assignment=assignment))
    make.make_ticket(assignment=assignment)
    assert "Spring class, 1 of 2 handed in" in text_of(ivo)


def test_an_instructors_start_asks_as_often_for_many_cohorts_as_for_one(
    ivo: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make.make_ticket()
    ivo.get("/")
    with django_assert_num_queries(INSTRUCTOR_QUERIES):
        ivo.get("/")
    for number in range(4):
        cohort = make.make_cohort(f"Class {number}", instructors=[make.make_instructor()])
        make.make_ticket(
            make.make_user(f"t{number}"),
            assignment=make.make_assignment(cohort, due_at=NOW + timedelta(days=1)),
        )
    with django_assert_num_queries(INSTRUCTOR_QUERIES):
        ivo.get("/")
