"""Log in, log out."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import logout
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from tickets.forms.accounts import LogInForm
from tickets.views.ended_sessions import go_on, read_carried


class LogIn(LoginView):
    """Django's own; what was sent after a session had ended goes through it and on."""

    redirect_authenticated_user = True
    authentication_form = LogInForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        post = self.request.POST
        carried = {name: post.get(name, "") for name in ("carried", "carried_to")}
        return super().get_context_data(**kwargs) | (carried if read_carried(post) else {})

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        carried = read_carried(self.request.POST)
        response = super().form_valid(form)
        return go_on(self.request, carried) if carried else response


log_in = LogIn.as_view()


@require_POST
def log_out(request: HttpRequest) -> HttpResponse:
    """End the session; on a shared machine the browser keeps no page and no unsaved text of it either."""
    logout(request)
    response = redirect("login")
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response
