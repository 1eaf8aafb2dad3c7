"""Enrolling somebody by user name."""

from __future__ import annotations

from django import forms
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.utils.translation import gettext_lazy as _

from tickets.actions.cohorts import EnrollError, find_trainee
from tickets.models import Enrollment


class EnrollForm(forms.ModelForm[Enrollment]):
    """A user name that nobody has becomes a new account."""

    username = forms.CharField(
        max_length=150,
        validators=[UnicodeUsernameValidator()],
        help_text=_("A new account is made if nobody has this name; its first password is then shown once."),
    )
    first_name = forms.CharField(max_length=150, required=False, help_text=_("Only for a new account."))
    last_name = forms.CharField(max_length=150, required=False, help_text=_("Only for a new account."))

    class Meta:
        model = Enrollment
        fields = ["cohort"]

    def clean_username(self) -> str:
        username = str(self.cleaned_data["username"])
        try:
            find_trainee(username)
        except EnrollError as error:
            raise forms.ValidationError(str(error)) from error
        return username
