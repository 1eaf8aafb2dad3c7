"""The cohort report's figures, each with its n, and the worksheets behind them."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl

import openpyxl
import pytest
from django.test import Client
from pytest_django.fixtures import DjangoAssertNumQueries

from tests import factories as make
from tickets.models import Cohort, Grade, GradeJob, Ticket, User
from tickets.reports.cohorts import read_taught, report_on
from tickets.reports.completion import tickets_behind
from tickets.reports.spreadsheets import FIGURES, Table, all_tables, as_csv, as_xlsx, figure_table
from tickets.reports.worksheets import Filter, one_per_ticket, worksheets_behind
from tickets.skills import SKILLS
from tickets.tasks.grading import record_grade
from tickets.tasks.jobs import drain

pytestmark = [pytest.mark.django_db]

PEOPLE = ("ana", "ben", "cem")


@pytest.fixture
def ivo() -> User:
    return make.make_instructor("ivo")


@pytest.fixture
def cohort(ivo: User) -> Cohort:
    """Ana works the seed ticket rightly, Ben takes it at face value, Cem has not opened his."""
    ana, ben, cem = (make.make_user(name) for name in PEOPLE)
    cohort = make.make_cohort("Spring class", trainees=[ana, ben, cem], instructors=[ivo])
    item = make.make_item(make.make_assignment(cohort))
    variant = make.make_variant(item.version)
    tickets = [Ticket.objects.create(item=item, trainee=user, variant=variant) for user in (ana, ben, cem)]
    for ticket, answers in zip(tickets, (make.RIGHT_ANSWERS, make.FACE_VALUE_ANSWERS), strict=False):
        Ticket.objects.filter(pk=ticket.pk).update(opened_at=make.NOON)
        make.make_submission(ticket, **answers)
    drain(GradeJob, record_grade)
    return cohort


def test_the_list_of_reports_says_how_far_each_cohort_has_come(cohort: Cohort, ivo: User) -> None:
    (row,) = read_taught(ivo)
    assert (row.cohort, row.trainees, row.assignments) == (cohort, 3, 1)
    assert (row.tickets, row.submitted, row.graded) == (3, 2, 2)


def test_completion_counts_tickets_and_names_who_waits(cohort: Cohort) -> None:
    steps = report_on(cohort).steps
    assert (steps[0].label, steps[0].count, steps[0].of) == ("Given", 3, 3)
    assert [step.count for step in steps][-2:] == [2, 2]
    assert steps[1].waiting == ("cem",)


def test_each_bar_leads_to_its_tickets_and_to_those_that_stand_before_it(cohort: Cohort) -> None:
    given, opened, *_ = report_on(cohort).steps
    assert len(tickets_behind(cohort, None, **dict(parse_qsl(given.query)))) == given.count == 3
    assert len(tickets_behind(cohort, None, **dict(parse_qsl(opened.query)))) == opened.count == 2
    (row,) = tickets_behind(cohort, None, **dict(parse_qsl(opened.waiting_query)))
    assert (str(row.ticket.trainee), row.state) == ("cem", "new")


def test_each_field_says_how_many_were_right_of_how_many(cohort: Cohort) -> None:
    fields = {figure.key: figure.share for figure in report_on(cohort).fields}
    assert (fields["reversed"].k, fields["reversed"].n) == (1, 2)
    assert (fields["protocol"].k, fields["protocol"].n) == (2, 2)


def test_two_answers_are_shown_as_counts_and_not_as_a_percentage(cohort: Cohort) -> None:
    assert {figure.share.display for figure in report_on(cohort).fields} == {"counts"}


def test_the_confusion_matrix_holds_truth_against_choice(cohort: Cohort) -> None:
    row = next(row for row in report_on(cohort).confusion if row.truth == "false_positive")
    assert {cell.chosen: cell.count for cell in row.cells if cell.count} == {
        "false_positive": 1,
        make.FACE_VALUE_ANSWERS["disposition"]: 1,
    }


def test_the_wrong_idea_is_counted_by_trainee_and_named(cohort: Cohort) -> None:
    [idea] = [figure for figure in report_on(cohort).ideas if figure.key == "M01"]
    assert (idea.share.k, idea.share.n) == (1, 2)
    assert idea.label == "The alert's direction at face value"


def test_the_matrix_holds_every_trainee_and_the_state_of_each_ticket(cohort: Cohort) -> None:
    rows = {row.trainee.username: row.cells[0] for row in report_on(cohort).work}
    assert {name: cell.state for name, cell in rows.items()} == {
        "ana": "graded",
        "ben": "graded",
        "cem": "new",
    }
    assert rows["ana"].points == rows["ana"].max_points


def test_a_figure_leads_to_the_worksheets_behind_it(cohort: Cohort) -> None:
    missed = one_per_ticket(worksheets_behind(cohort, None, Filter(criterion="reversed", missed=True)))
    assert [result.grade.submission.ticket.trainee.username for result in missed] == ["ben"]


def test_each_skill_says_how_many_mastered_it_of_how_many_who_met_it_and_how_many_answers_were_right(
    cohort: Cohort,
) -> None:
    line = next(line for line in report_on(cohort).skills if line.skill.code == "S01")
    assert (line.trainees, line.mastered.k, line.slipped) == (2, 0, 0)
    assert (line.shown.k, line.shown.n) == (1, 2)
    assert line.mastered.display == line.shown.display == "counts"


def test_a_skill_that_nobody_met_has_no_line(cohort: Cohort) -> None:
    met = {line.skill.code for line in report_on(cohort).skills}
    assert met < {skill.code for skill in SKILLS}
    Grade.objects.update(is_current=False)
    assert report_on(cohort).skills == ()


def test_who_has_mastered_a_skill_is_counted_once_however_many_answers_it_took(ivo: User) -> None:
    people = [make.make_user(name) for name in ("ana", "ben")]
    cohort = make.make_cohort(trainees=people, instructors=[ivo])
    assignment = make.make_assignment(cohort)
    for number in range(12):
        version = make.make_version(make.make_scenario(f"scenario-{number}"))
        item, variant = make.make_item(assignment, version), make.make_variant(version)
        for person in people:
            ticket = Ticket.objects.create(item=item, trainee=person, variant=variant)
            wrong: dict[str, Any] = {} if person is people[0] else {"evidence": []}
            make.make_submission(ticket, received_at=make.NOON + timedelta(days=number), **wrong)
    drain(GradeJob, record_grade, budget_s=600)
    line = next(line for line in report_on(cohort).skills if line.skill.criteria == ("evidence",))
    assert (line.mastered.k, line.trainees) == (1, 2)
    assert (line.shown.k, line.shown.n) == (12, 24)


def test_the_spreadsheet_of_skills_holds_what_the_page_shows(cohort: Cohort) -> None:
    report = report_on(cohort)
    [header, *rows] = csv.reader(io.StringIO(as_csv(figure_table(report, "skills"))))
    assert [(row[0], row[2:4], row[7:9]) for row in rows] == [
        (
            line.skill.code,
            [str(line.mastered.k), str(line.mastered.n)],
            [str(line.shown.k), str(line.shown.n)],
        )
        for line in report.skills
    ]
    book = openpyxl.load_workbook(io.BytesIO(as_xlsx(all_tables(report))))
    sheet = list(book["Skills"].values)
    assert list(sheet[0]) == header
    assert [[number(cell) for cell in row] for row in sheet[1:]] == [
        [number(cell) for cell in row] for row in rows
    ]


def number(cell: object) -> object:
    """A cell as a number where it is one, whatever the format that it was read from."""
    try:
        return float(str(cell))
    except ValueError:
        return cell or None


def test_a_trainee_who_left_is_not_counted(cohort: Cohort) -> None:
    cohort.enrollments.filter(user__username="ben").update(is_active=False)
    assert report_on(cohort).graded == 1


def test_the_report_takes_the_same_queries_however_many_there_are(
    cohort: Cohort, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(10):
        report_on(cohort)


def test_every_figure_has_a_table(cohort: Cohort) -> None:
    report = report_on(cohort)
    for figure in FIGURES:
        table = figure_table(report, figure)
        assert table.rows
        assert {len(row) for row in table.rows} == {len(table.header)}


FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "＝1+1", "  =cmd|' /C calc'!A0"]


@pytest.mark.parametrize("text", FORMULAS)
def test_a_cell_that_looks_like_a_formula_is_text_in_csv(text: str) -> None:
    [_, [cell]] = csv.reader(io.StringIO(as_csv(Table("t", ("name",), ((text,),)))))
    assert cell.startswith("'")


@pytest.mark.parametrize("text", [*FORMULAS, "\x1b[2Jhidden", "x" * 40_000])
def test_a_cell_that_looks_like_a_formula_is_text_in_xlsx(text: str) -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(as_xlsx([Table("t", ("name",), ((text,),))]))).active
    assert sheet is not None
    assert sheet["A2"].data_type == "s"


class TestPages:
    def paths(self, cohort: Cohort) -> list[str]:
        base = f"/reports/cohorts/{cohort.pk}/"
        return [
            "/reports/",
            base,
            f"{base}worksheets/?criterion=reversed&missed=1",
            f"{base}tickets/?reached=submitted",
            f"{base}report.xlsx",
            *(f"{base}{figure}.csv" for figure in FIGURES),
        ]

    def test_ivo_reads_them_all(self, client: Client, cohort: Cohort, ivo: User) -> None:
        client.force_login(ivo)
        assert {client.get(path).status_code for path in self.paths(cohort)} == {200}

    def test_ana_finds_none_of_them(self, client: Client, cohort: Cohort) -> None:
        client.force_login(User.objects.get(username="ana"))
        assert {client.get(path).status_code for path in self.paths(cohort)} == {404}

    def test_an_instructor_of_another_cohort_finds_none_of_this_one(
        self, client: Client, cohort: Cohort
    ) -> None:
        eva = make.make_instructor("eva")
        make.make_cohort("Another class", instructors=[eva])
        client.force_login(eva)
        statuses = {client.get(path).status_code for path in self.paths(cohort) if path != "/reports/"}
        assert statuses == {404}
        assert "Spring class" not in client.get("/reports/").content.decode()

    def test_anonymous_is_asked_to_log_in(self, client: Client, cohort: Cohort) -> None:
        assert {client.get(path).status_code for path in self.paths(cohort)} == {302}

    def test_an_assignment_that_is_no_id_is_a_bad_request(
        self, client: Client, cohort: Cohort, ivo: User
    ) -> None:
        client.force_login(ivo)
        assert client.get(f"/reports/cohorts/{cohort.pk}/?assignment=x").status_code == 400
        assert client.get(f"/reports/cohorts/{cohort.pk}/unknown.csv").status_code == 404
        assert client.get(f"/reports/cohorts/{cohort.pk}/tickets/?stopped=x").status_code == 400
