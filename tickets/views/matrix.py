"""How worksheets are marked: open to everybody who signs in, and the same for every ticket."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from tickets.reports.matrix import read_matrix


@require_GET
@login_required
def matrix(request: HttpRequest) -> HttpResponse:
    return render(request, "tickets/matrix.html", {"matrix": read_matrix()})
