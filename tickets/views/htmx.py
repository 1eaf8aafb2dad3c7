"""What htmx asks for: a part of a page, named by the element that it means to replace."""

from __future__ import annotations

from django.http import HttpRequest


def is_htmx(request: HttpRequest) -> bool:
    """Not when htmx asks for a whole page again because its history has lost it."""
    return "HX-Request" in request.headers and "HX-History-Restore-Request" not in request.headers


def asks_for(request: HttpRequest, *targets: str) -> bool:
    return is_htmx(request) and request.headers.get("HX-Target") in targets


def wants_json(request: HttpRequest) -> bool:
    """A tool says so. A browser's `*/*` at the end of its list does not count."""
    return request.headers.get("Accept", "").startswith("application/json")
