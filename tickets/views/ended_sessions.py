"""A worksheet that is sent after its session has ended: it is carried through the log-in and sent on from there.

Without this the log-in would lead to an address that takes only a POST, and what was typed since the last save would be
gone. With a script the desk says that the session has ended before anything is sent, and keeps the text itself.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import Resolver404, ResolverMatch, resolve, reverse
from django.views.csrf import csrf_failure

from tickets.forms.accounts import LogInForm
from tickets.views.htmx import is_htmx, wants_json

View = Callable[..., HttpResponse]

# What brings a worksheet along. Of a hint or a check only the worksheet is sent on: what costs is asked for anew.
SENT_ON = ("worksheet", "submission", "hints", "checks")


class Carried(NamedTuple):
    """What was sent: to which address (a path, perhaps with a query), and the form's fields."""

    to: str
    fields: list[tuple[str, str]]


def login_keeps_text(view: View) -> View:
    """As `login_required`; but a browser's POST that brings a worksheet gets the log-in page with it."""
    guarded = login_required(view)

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated or not _brings_text(request):
            return guarded(request, *args, **kwargs)
        return _ask_to_log_in(request, _carry(request))

    return answer


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Somebody who logged in again in another window has a page whose token no longer counts. Nothing is done by this
    POST; the worksheet that it brought stands behind a button of our own page, to be sent again by hand."""
    carried = _carry(request)
    if not _brings_text(request) or _match(carried.to) is None:
        return csrf_failure(request, reason=reason)
    if not request.user.is_authenticated:
        return _ask_to_log_in(request, carried)
    return go_on(request, carried, status=403)


def _brings_text(request: HttpRequest) -> bool:
    return "version" in request.POST and not is_htmx(request) and not wants_json(request)


def _carry(request: HttpRequest) -> Carried:
    fields = [(name, str(value)) for name, values in request.POST.lists() for value in values]
    return Carried(request.get_full_path(), [field for field in fields if field[0] != "csrfmiddlewaretoken"])


def _ask_to_log_in(request: HttpRequest, carried: Carried) -> HttpResponse:
    context = {
        "form": LogInForm(request),
        "carried": json.dumps(carried.fields),
        "carried_to": carried.to,
    }
    return render(request, "registration/login.html", context, status=401)


def read_carried(post: QueryDict) -> Carried | None:
    """What a log-in form carries; None where it carries nothing, or to where nothing is carried."""
    to, text = post.get("carried_to", ""), post.get("carried", "")
    if not to or _match(to) is None:
        return None
    try:
        fields = [(str(name), str(value)) for name, value in json.loads(text)]
    except (TypeError, ValueError):
        return None
    return Carried(to, fields)


def go_on(request: HttpRequest, carried: Carried, status: int = 200) -> HttpResponse:
    """The page that sends it on, by one button."""
    match = _match(carried.to)
    assert match is not None  # `read_carried` asked
    draft_url = reverse("worksheet", kwargs=match.kwargs)
    is_submission = match.url_name == "submission"
    context = {
        "carried": carried,
        "is_submission": is_submission,
        "draft_url": draft_url,
        "to": carried.to if match.url_name in ("worksheet", "submission") else draft_url,
    }
    return render(request, "registration/go_on.html", context, status=status)


def _match(to: str) -> ResolverMatch | None:
    url = urlsplit(to)
    if url.scheme or url.netloc or not to.startswith("/"):
        return None
    try:
        match = resolve(url.path)
    except Resolver404:
        return None
    return match if match.url_name in SENT_ON else None
