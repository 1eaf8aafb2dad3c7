"""Ways to look at the queue that somebody keeps under a name."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from tickets.actions.saved_views import (
    MOST_VIEWS,
    TooManyViewsError,
    remove_view,
    save_view,
    set_default_view,
)
from tickets.forms.saved_views import SavedViewForm
from tickets.models import SavedView
from tickets.reports.queue_wanted import Wanted, read_wanted
from tickets.views.guards import signed_in_user


@require_POST
@login_required
def saved_views(request: HttpRequest) -> HttpResponse:
    """Keep the queue as it is seen under a name."""
    form = SavedViewForm(request.POST)
    wanted = read_wanted(QueryDict(form.data.get("query", "")), Wanted())
    query = wanted.query(page=1)
    if not form.is_valid():
        messages.error(request, gettext("The view was not saved: it needs a name of at most 60 characters."))
        return _to_the_queue(query)
    try:
        view = save_view(
            signed_in_user(request),
            form.cleaned_data["name"],
            query,
            is_default=form.cleaned_data["is_default"],
        )
    except TooManyViewsError:
        messages.error(
            request,
            gettext("You have %(most)s views already: remove one to save another.") % {"most": MOST_VIEWS},
        )
    else:
        said = (
            gettext("Saved as “%(name)s”, and the queue opens with it.")
            if view.is_default
            else gettext("Saved as “%(name)s”.")
        )
        messages.success(request, said % {"name": view.name})
    return _to_the_queue(query)


@require_POST
@login_required
def default(request: HttpRequest, view_id: UUID) -> HttpResponse:
    """Open the queue with this view from now on; `off` takes that back."""
    view = _own_view(request, view_id)
    is_default = request.POST.get("off") != "1"
    set_default_view(view, is_default=is_default)
    messages.success(
        request,
        gettext("The queue opens with “%(name)s”.") % {"name": view.name}
        if is_default
        else gettext("The queue opens as it did at first."),
    )
    return _to_the_queue(view.query)


@require_POST
@login_required
def removal(request: HttpRequest, view_id: UUID) -> HttpResponse:
    view = _own_view(request, view_id)
    remove_view(view)
    messages.success(
        request,
        gettext("The view “%(name)s” is removed. Your tickets are as they were.") % {"name": view.name},
    )
    return _to_the_queue(view.query)


def _own_view(request: HttpRequest, view_id: UUID) -> SavedView:
    return get_object_or_404(SavedView, user=signed_in_user(request), pk=view_id)


def _to_the_queue(query: str) -> HttpResponse:
    return redirect(f"{reverse('queue')}?{query}")
