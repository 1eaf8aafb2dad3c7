"""The log-in form."""

from __future__ import annotations

from django.contrib.auth.forms import AuthenticationForm
from django.utils.translation import gettext_lazy as _


class LogInForm(AuthenticationForm):
    """Django's own, with one sentence for every reason why a log-in fails, so that none names an account."""

    error_messages = {
        **AuthenticationForm.error_messages,
        "invalid_login": _(
            "This name and password do not belong together. Capital letters count in the password."
        ),
    }
