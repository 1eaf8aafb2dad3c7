"""The pages of the tickets app. Names are nouns; a POST makes one."""

from __future__ import annotations

from django.urls import path

from tickets.views import (
    accounts,
    grades,
    hints,
    home,
    marks,
    matrix,
    picks,
    progress,
    queue,
    regradings,
    reports,
    rubric,
    saved_views,
    tickets,
    worksheets,
)

urlpatterns = [
    path("", home.home, name="home"),
    path("accounts/login/", accounts.log_in, name="login"),
    path("accounts/logout/", accounts.log_out, name="logout"),
    path("tickets/", queue.queue, name="queue"),
    path("tickets/views/", saved_views.saved_views, name="saved_views"),
    path("tickets/views/<uuid:view_id>/default/", saved_views.default, name="saved_view_default"),
    path("tickets/views/<uuid:view_id>/removal/", saved_views.removal, name="saved_view_removal"),
    path("tickets/<uuid:ticket_id>/", tickets.desk, name="desk"),
    path("tickets/<uuid:ticket_id>/records/<uuid:record_id>/", tickets.record, name="record"),
    path("tickets/<uuid:ticket_id>/worksheet/", worksheets.worksheet, name="worksheet"),
    path("tickets/<uuid:ticket_id>/submission/", worksheets.submission, name="submission"),
    path("tickets/<uuid:ticket_id>/hints/", hints.hints, name="hints"),
    path("tickets/<uuid:ticket_id>/grade/", grades.grade, name="grade"),
    path("tickets/<uuid:ticket_id>/grade.json", grades.grade_json, name="grade_json"),
    path("tickets/<uuid:ticket_id>/grades/<uuid:grade_id>/", grades.earlier_grade, name="earlier_grade"),
    path("tickets/<uuid:ticket_id>/pick/", picks.pick, name="pick"),
    path("tickets/<uuid:ticket_id>/appeals/", marks.appeals, name="appeals"),
    path("tickets/<uuid:ticket_id>/overrides/", marks.overrides, name="overrides"),
    path("appeals/<uuid:appeal_id>/answer/", marks.answer, name="answer"),
    path("marks/", marks.marks, name="marks"),
    path("regradings/", regradings.regradings, name="regradings"),
    path("regradings/<uuid:regrading_id>/", regradings.regrading, name="regrading"),
    path("regradings/<uuid:regrading_id>/approval/", regradings.approval, name="regrading_approval"),
    path("regradings/<uuid:regrading_id>/abandonment/", regradings.abandonment, name="regrading_abandonment"),
    path("tickets/<uuid:ticket_id>/rubric/", rubric.rubric, name="rubric"),
    path("marking/", matrix.matrix, name="matrix"),
    path("progress/", progress.progress, name="progress"),
    path("reports/", reports.cohorts, name="cohort_reports"),
    path("reports/cohorts/<uuid:cohort_id>/", reports.cohort, name="cohort_report"),
    path(
        "reports/cohorts/<uuid:cohort_id>/worksheets/",
        reports.cohort_worksheets,
        name="cohort_report_worksheets",
    ),
    path("reports/cohorts/<uuid:cohort_id>/tickets/", reports.cohort_tickets, name="cohort_report_tickets"),
    path("reports/cohorts/<uuid:cohort_id>/report.xlsx", reports.cohort_xlsx, name="cohort_report_xlsx"),
    path("reports/cohorts/<uuid:cohort_id>/<slug:figure>.csv", reports.cohort_csv, name="cohort_report_csv"),
]
