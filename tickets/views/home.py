"""The start: what to do next."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from tickets.reports.home import read_home
from tickets.reports.shifts import running_shift
from tickets.reports.teaching import read_teaching
from tickets.reports.tours import read_offer
from tickets.views.guards import signed_in_user


@require_GET
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """A trainee's next ticket, dates and progress; an instructor's cohorts and what waits."""
    user, now = signed_in_user(request), timezone.now()
    if user.is_instructor:
        return render(request, "home/instructor.html", {"teaching": read_teaching(user, now)})
    read = read_home(user, now)
    context = {
        "home": read,
        "guide": None if read.submitted else read_offer(user, now),
        "running_shift": running_shift(user, now),
        "now": now,
    }
    return render(request, "home/trainee.html", context)
