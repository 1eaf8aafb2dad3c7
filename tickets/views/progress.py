"""A trainee's own page."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from tickets.reports.progress import read_progress
from tickets.views.guards import signed_in_user


@require_GET
@login_required
def progress(request: HttpRequest) -> HttpResponse:
    """My skills and my wrong ideas: one's own, whoever asks."""
    return render(
        request, "tickets/progress.html", {"progress": read_progress(signed_in_user(request), timezone.now())}
    )
