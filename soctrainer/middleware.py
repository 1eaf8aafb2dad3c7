"""Small middleware, each one rule. Their order is in settings.MIDDLEWARE."""

from __future__ import annotations

import time
from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseForbidden
from django.middleware.gzip import GZipMiddleware
from django.shortcuts import resolve_url
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext

from tickets.reports.spelling import spelled_page

GetResponse = Callable[[HttpRequest], HttpResponse]

_REFRESH_AFTER_S = 300
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class PagesPacked(GZipMiddleware):
    """Pages as gzip for whoever takes it: a desk is a sixth of its size, some 2 ms of work.

    What a page tells about a secret by its packed length (BREACH) is little here: tokens are masked anew for each answer
    (CsrfViewMiddleware), another site can make a browser ask with its cookies only by leaving for our page, in sight
    (SameSite=Lax), and up to a hundred random bytes stand in the header of each answer. Evidence is sent as it is: its length and bytes are part
    of what one downloads.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        is_page = response.headers.get("Content-Type", "").startswith("text/html")
        return super().process_response(request, response) if is_page else response


def resource_policy(get_response: GetResponse) -> GetResponse:
    """No other site may embed or read what we send (Fetch standard, Cross-Origin-Resource-Policy)."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response

    return answer


def no_store(get_response: GetResponse) -> GetResponse:
    """Pages hold trainees' work: no cache keeps them, and a fragment is never taken for its page."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Cache-Control", "no-store, private")
        patch_vary_headers(response, ("HX-Request",))
        return response

    return answer


def nothing_hidden(get_response: GetResponse) -> GetResponse:
    """No page holds a character that hides, moves or covers others, whoever wrote it and whatever shows it.

    Pages spell what strangers wrote by themselves, and mark it; this stands behind them, for names, titles and the admin.
    """

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if not response.streaming and response.headers.get("Content-Type", "").startswith("text/html"):
            page = response.content.decode(response.charset)
            shown = spelled_page(page)
            if shown is not page:
                response.content = shown
        return response

    return answer


def fetch_metadata(get_response: GetResponse) -> GetResponse:
    """A browser that says another site sent this POST is believed; CSRF tokens stay the real guard."""

    def answer(request: HttpRequest) -> HttpResponse:
        comes_from_elsewhere = request.headers.get("Sec-Fetch-Site") == "cross-site"
        if comes_from_elsewhere and request.method not in _SAFE_METHODS:
            return HttpResponseForbidden("This request was sent by another site.", content_type="text/plain")
        return get_response(request)

    return answer


def session_lifetime(get_response: GetResponse) -> GetResponse:
    """Idle sessions end after SESSION_COOKIE_AGE, all sessions after SESSION_ABSOLUTE_AGE.

    The session is renewed at most every five minutes, not with each request: a page that polls
    would otherwise write a row each time.
    """

    def answer(request: HttpRequest) -> HttpResponse:
        session = request.session
        if settings.SESSION_COOKIE_NAME in request.COOKIES and SESSION_KEY in session:
            now = int(time.time())
            if now - session.setdefault("began", now) > settings.SESSION_ABSOLUTE_AGE:
                session.flush()
            elif now - session.get("renewed", 0) > _REFRESH_AFTER_S:
                session["renewed"] = now
        return get_response(request)

    return answer


def htmx_session_expired(get_response: GetResponse) -> GetResponse:
    """To htmx, an ended session is 401 and an event: a redirect would put the log-in page into a fragment."""
    login_path = resolve_url(settings.LOGIN_URL)

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        sends_to_login = urlsplit(response.headers.get("Location", "")).path == login_path
        if sends_to_login and "HX-Request" in request.headers and not request.user.is_authenticated:
            return HttpResponse(
                gettext("Your session has ended. Log in again; what you typed is still on this page."),
                status=401,
                content_type="text/plain; charset=utf-8",
                headers={"HX-Trigger": "session-expired"},
            )
        return response

    return answer
