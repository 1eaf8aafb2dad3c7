"""A trainee's own page: skills with dots and intervals, what is due, which wrong ideas are repaired."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import DjangoAssertNumQueries

from tests import factories as make
from tests.views.conftest import client_of
from tickets.measures import IdeaState, State
from tickets.models import Assignment, GradeJob, HintTaken, Ticket, User
from tickets.reports.progress import Progress, SkillLine, read_progress
from tickets.tasks.grading import record_grade
from tickets.tasks.jobs import drain

pytestmark = pytest.mark.django_db
NOW = make.NOON + timedelta(days=1)


@pytest.fixture
def ana() -> User:
    return make.make_user("ana")


def work(user: User, *worksheets: dict[str, Any], **assignment: Any) -> list[Ticket]:
    """One graded ticket a worksheet, in one assignment of the seed ticket's scenario."""
    cohort = make.make_cohort("Spring class", trainees=[user])
    set_to = make.make_assignment(cohort, **assignment)
    version = make.make_version()
    tickets = []
    for number, answers in enumerate(worksheets):
        item = make.make_item(set_to, version)
        tickets.append(Ticket.objects.create(item=item, trainee=user, variant=make.make_variant(version)))
        make.make_submission(tickets[-1], received_at=make.NOON + timedelta(hours=number), **answers)
    drain(GradeJob, record_grade)
    return tickets


def test_a_scenario_that_names_its_skills_gives_evidence_of_no_others(ana: User) -> None:
    version = make.make_version(skills=["S02", "S09"])
    ticket = make.make_ticket(ana, variant=make.make_variant(version))
    make.make_submission(ticket, received_at=make.NOON)
    drain(GradeJob, record_grade)
    met = {line.skill.code for line in read_progress(ana, NOW).skills if line.mastery.share.n}
    assert met == {"S02", "S09"}


def skill(progress: Progress, code: str) -> SkillLine:
    return next(line for line in progress.skills if line.skill.code == code)


def test_every_skill_is_named_and_none_is_met_before_the_first_grade(ana: User) -> None:
    progress = read_progress(ana, NOW)
    assert (len(progress.unmet), progress.met, progress.graded) == (17, [], 0)


def test_a_right_and_a_wrong_worksheet_are_two_dots_in_the_order_of_time(ana: User) -> None:
    work(ana, make.FACE_VALUE_ANSWERS, make.RIGHT_ANSWERS)
    line = skill(read_progress(ana, NOW), "S02")
    assert [dot.is_right for dot in line.dots] == [False, True]
    assert (line.mastery.share.k, line.mastery.share.n) == (1, 2)
    low, high = line.mastery.share.low, line.mastery.share.high
    assert low is not None
    assert high is not None
    assert 0 < low < 0.5 < high < 1


def test_it_says_what_mastered_still_asks_for(ana: User) -> None:
    work(ana, make.RIGHT_ANSWERS)
    line = skill(read_progress(ana, NOW), "S02")
    assert line.mastery.state is State.LEARNING
    assert "ten answers" in line.wanting
    assert "nine of the last ten right" not in line.wanting


def test_a_wrong_idea_is_open_until_tickets_that_could_show_it_did_not(ana: User) -> None:
    first, *_ = work(ana, make.FACE_VALUE_ANSWERS)
    [idea] = [idea for idea in read_progress(ana, NOW).ideas if idea.code == "M01"]
    assert (idea.state, idea.shown, idea.last) == (IdeaState.OPEN, 1, first)


def test_three_tickets_without_it_repair_an_idea(ana: User) -> None:
    work(ana, make.FACE_VALUE_ANSWERS, *[make.RIGHT_ANSWERS] * 3)
    [idea] = [idea for idea in read_progress(ana, NOW).ideas if idea.code == "M01"]
    assert (idea.state, idea.since) == (IdeaState.REPAIRED, 3)


def test_a_field_with_help_is_no_evidence_of_a_skill_right_or_wrong(ana: User) -> None:
    for outcome in ("established", "refused"):
        ticket = make.make_ticket(ana, variant=make.make_variant(make.make_version(skills=["S02", "S07"])))
        make.make_submission(ticket, outcome=outcome)
        HintTaken.objects.create(
            ticket=ticket, level=1, percent=0, lines=["outcome"], taken_by=ana, taken_at=make.NOON
        )
    drain(GradeJob, record_grade)
    progress = read_progress(ana, NOW)
    assert {code: skill(progress, code).mastery.share.n for code in ("S02", "S07")} == {"S02": 2, "S07": 0}


def test_nothing_moves_before_the_assignment_reveals_its_results(ana: User) -> None:
    work(ana, make.FACE_VALUE_ANSWERS, reveal=Assignment.Reveal.MANUAL)
    progress = read_progress(ana, NOW)
    assert (progress.graded, progress.withheld, progress.met, progress.ideas) == (0, 1, [], ())


def test_a_second_attempt_counts_for_nothing(ana: User) -> None:
    [ticket] = work(ana, make.RIGHT_ANSWERS)
    Ticket.objects.filter(pk=ticket.pk).update(attempt=2)
    assert read_progress(ana, NOW).graded == 0


def test_the_page_takes_the_same_queries_however_many_tickets_there_are(
    ana: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    work(ana, *[make.RIGHT_ANSWERS] * 4)
    with django_assert_max_num_queries(2):
        read_progress(ana, NOW)


class TestThePage:
    def test_ana_sees_her_own_tickets_and_zoe_none_of_them(self, ana: User) -> None:
        [ticket] = work(ana, make.FACE_VALUE_ANSWERS)
        hers = client_of(ana).get("/progress/").content.decode()
        assert f"/tickets/{ticket.pk}/grade/" in hers
        assert "Establish who opened the connection" in hers
        zoe = client_of(make.make_user("zoe")).get("/progress/")
        assert zoe.status_code == 200
        assert str(ticket.pk) not in zoe.content.decode()

    def test_a_stranger_is_sent_to_the_log_in_page(self, client: Client) -> None:
        assert client.get("/progress/").headers["Location"].startswith("/accounts/login/?next=")

    def test_it_is_only_read(self, ana: User) -> None:
        assert client_of(ana).post("/progress/").status_code == 405
