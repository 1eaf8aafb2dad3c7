"""Cohort reports, for the instructors of the cohort and nobody else."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from tickets.models import Assignment, Cohort
from tickets.reports.cohorts import first_attempts, read_taught, report_on
from tickets.reports.completion import is_state, sentence_for, tickets_behind
from tickets.reports.foreign import count_foreign
from tickets.reports.spreadsheets import FIGURES, all_tables, as_csv, as_xlsx, figure_table
from tickets.reports.worksheets import Filter, one_per_ticket, worksheets_behind
from tickets.views.guards import signed_in_user

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_GET
@login_required
def cohorts(request: HttpRequest) -> HttpResponse:
    """The cohorts that this instructor teaches."""
    user = signed_in_user(request)
    if not user.is_instructor:
        raise Http404
    return render(request, "reports/cohorts.html", {"rows": read_taught(user)})


@require_GET
@login_required
def cohort(request: HttpRequest, cohort_id: UUID) -> HttpResponse:
    taught, assignment = _scope(request, cohort_id)
    context = {
        "report": report_on(taught, assignment),
        "foreign": count_foreign(first_attempts(taught, assignment)),
        "assignments": taught.assignments.all(),
        "scope": f"assignment={assignment.pk}" if assignment else "",
    }
    return render(request, "reports/cohort.html", context)


@require_GET
@login_required
def cohort_csv(request: HttpRequest, cohort_id: UUID, figure: str) -> HttpResponse:
    """One figure's table; 404 for a figure that the report does not have."""
    taught, assignment = _scope(request, cohort_id)
    if figure not in FIGURES:
        raise Http404
    # The byte order mark tells Excel that the file is UTF-8.
    text = "\ufeff" + as_csv(figure_table(report_on(taught, assignment), figure))
    return _download(text.encode(), "text/csv; charset=utf-8", f"cohort-{figure}.csv")


@require_GET
@login_required
def cohort_xlsx(request: HttpRequest, cohort_id: UUID) -> HttpResponse:
    taught, assignment = _scope(request, cohort_id)
    return _download(as_xlsx(all_tables(report_on(taught, assignment))), XLSX, "cohort-report.xlsx")


@require_GET
@login_required
def cohort_worksheets(request: HttpRequest, cohort_id: UUID) -> HttpResponse:
    """The worksheets behind a figure."""
    taught, assignment = _scope(request, cohort_id)
    wanted = Filter(
        criterion=request.GET.get("criterion", ""),
        misconception=request.GET.get("misconception", ""),
        truth=request.GET.get("truth", ""),
        chosen=request.GET.get("chosen", ""),
        skill=request.GET.get("skill", ""),
        help=request.GET.get("help", ""),
        missed=request.GET.get("missed") == "1",
        foreign=request.GET.get("foreign") == "1",
    )
    context = {
        "cohort": taught,
        "assignment": assignment,
        "wanted": wanted,
        "results": one_per_ticket(worksheets_behind(taught, assignment, wanted)),
    }
    return render(request, "reports/worksheets.html", context)


@require_GET
@login_required
def cohort_tickets(request: HttpRequest, cohort_id: UUID) -> HttpResponse:
    """The tickets behind a bar of the completion figure: `?reached=` a state, or `?stopped=` at one."""
    taught, assignment = _scope(request, cohort_id)
    wanted = {name: request.GET.get(name, "") for name in ("reached", "stopped")}
    if any(word and not is_state(word) for word in wanted.values()):
        raise BadRequest("reached and stopped are new, open, submitted or graded")
    context = {
        "cohort": taught,
        "assignment": assignment,
        "sentence": sentence_for(**wanted),
        "rows": tickets_behind(taught, assignment, **wanted),
    }
    return render(request, "reports/tickets.html", context)


def _scope(request: HttpRequest, cohort_id: UUID) -> tuple[Cohort, Assignment | None]:
    """The cohort, if this user teaches it, and the assignment to which the figures are narrowed, if any."""
    user = signed_in_user(request)
    if not user.is_instructor:
        raise Http404
    taught = get_object_or_404(Cohort.objects.taught_by(user), pk=cohort_id)
    wanted = request.GET.get("assignment", "")
    if not wanted:
        return taught, None
    try:
        return taught, get_object_or_404(taught.assignments, pk=UUID(wanted))
    except ValueError as error:
        raise BadRequest("assignment is not an id") from error


def _download(data: bytes, content_type: str, name: str) -> HttpResponse:
    return HttpResponse(
        data, content_type=content_type, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )
