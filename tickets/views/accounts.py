"""Log in, log out."""

from __future__ import annotations

from django.contrib.auth import logout
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from tickets.forms.accounts import LogInForm

log_in = LoginView.as_view(redirect_authenticated_user=True, authentication_form=LogInForm)


@require_POST
def log_out(request: HttpRequest) -> HttpResponse:
    """End the session; on a shared machine the browser keeps no page and no unsaved text of it either."""
    logout(request)
    response = redirect("login")
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response
