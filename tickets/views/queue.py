"""The queue: a list of tickets that is narrowed, ordered and turned by its address, and one of them beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from tickets.models import SavedView, User
from tickets.reports.marks import unread_notices
from tickets.reports.queue import find_queue_row, read_queue
from tickets.reports.queue_preview import read_preview
from tickets.reports.queue_wanted import (
    INSTRUCTORS_VIEWS,
    STATUSES,
    TRAINEES_VIEWS,
    Wanted,
    read_wanted,
)
from tickets.reports.shifts import running_shift
from tickets.views.guards import signed_in_user
from tickets.views.htmx import asks_for


@require_GET
@login_required
def queue(request: HttpRequest) -> HttpResponse:
    """The tickets that I work, or of those whom I teach. Without a query, my default view of them."""
    user, now = signed_in_user(request), timezone.now()
    views = list(user.saved_views.all())
    wanted = read_wanted(request.GET, default_view(user, views))
    if asks_for(request, "preview"):
        looked_at = {"preview": read_preview(user, find_queue_row(user, now, wanted.ticket))}
        return _answer(request, "tickets/queue_preview.html", looked_at, replace=wanted.query())
    read = read_queue(user, now, wanted)
    as_view = read.wanted.query(page=1)
    built_in = [(name, each.query()) for name, each in _built_in(user)]
    names = {query: name for name, query in built_in} | {view.query: view.name for view in views}
    context = {
        "queue": read,
        "here": read.wanted.query(page=read.wanted.page),
        "as_view": as_view,
        "now": now,
        "preview": read_preview(user, read.selected),
        "views": views,
        "built_in": built_in,
        "view": names.get(as_view, ""),
        "heading": gettext("%(view)s - Queue") % {"view": names.get(as_view) or STATUSES[read.wanted.status]},
        "running_shift": running_shift(user, now),
        "told": unread_notices(user, now),
    }
    if asks_for(request, "queue"):
        return _answer(request, "tickets/queue_parts.html", context, push=read.wanted.query())
    return _answer(request, "tickets/queue.html", context)


def default_view(user: User, views: Sequence[SavedView]) -> Wanted:
    """What the queue opens with: the view that this person chose, else the product's."""
    usual = _built_in(user)[0][1]
    chosen = next((view for view in views if view.is_default), None)
    return read_wanted(QueryDict(chosen.query), usual) if chosen else usual


def _built_in(user: User) -> Sequence[tuple[str, Wanted]]:
    views = INSTRUCTORS_VIEWS if user.is_instructor else TRAINEES_VIEWS
    return [(str(name), wanted) for name, wanted in views]


def _answer(
    request: HttpRequest, template: str, context: Mapping[str, object], *, push: str = "", replace: str = ""
) -> HttpResponse:
    """The page or a part of it. A part tells the browser its address: a new one, or another for the same place."""
    response = render(request, template, dict(context))
    patch_vary_headers(response, ("HX-Request", "HX-Target"))
    if push:
        response["HX-Push-Url"] = f"{reverse('queue')}?{push}"
    if replace:
        response["HX-Replace-Url"] = f"{reverse('queue')}?{replace}"
    return response
