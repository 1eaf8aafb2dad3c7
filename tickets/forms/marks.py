"""What is typed about marks: a question, an answer, an override, a regrading and its approval.

Whether it may be done is for the actions to say; here it is only brought into shape.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tickets.models import Regrading


class AppealForm(forms.Form):
    criterion = forms.CharField(
        max_length=40, error_messages={"required": _("Choose the mark that you question.")}
    )
    text = forms.CharField(max_length=4000, strip=True)


class PointsForm(forms.Form):
    """Points that may be left out: blank, they are None."""

    points = forms.DecimalField(required=False, min_value=Decimal(0), max_digits=6, decimal_places=2)

    def first_error(self) -> str:
        name, errors = next(iter(self.errors.items()))
        return f"{name.capitalize()}: {errors[0]}"


class OverrideForm(PointsForm):
    criterion = forms.CharField(max_length=40)
    reason = forms.CharField(max_length=2000)
    take_back = forms.BooleanField(required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not cleaned.get("take_back") and cleaned.get("points") is None and "points" not in self.errors:
            self.add_error("points", gettext("Say how many, or take the mark back."))
        return cleaned


class AnswerForm(PointsForm):
    text = forms.CharField(max_length=4000)
    outcome = forms.ChoiceField(choices=[("kept", "kept"), ("overridden", "overridden")])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        is_set = cleaned.get("outcome") == "overridden"
        if is_set and cleaned.get("points") is None and "points" not in self.errors:
            self.add_error("points", gettext("Say how many."))
        return cleaned

    @property
    def set_points(self) -> Decimal | None:
        """The points of a mark that is changed; None where it stays."""
        points: Decimal | None = self.cleaned_data["points"]
        return points if self.cleaned_data["outcome"] == "overridden" else None


class RegradingForm(forms.Form):
    """`scenario`, `erratum` and `variant` are ids; which of them count depends on the cause."""

    cause = forms.ChoiceField(choices=Regrading.Cause.choices)
    scenario = forms.UUIDField(required=False)
    erratum = forms.UUIDField(required=False)
    ticket = forms.CharField(required=False, max_length=12)
    remedy = forms.ChoiceField(required=False, choices=Regrading.Remedy.choices)
    reason = forms.CharField(
        max_length=2000, error_messages={"required": _("Say why: the trainees concerned are told.")}
    )


class ApprovalForm(forms.Form):
    marks_may_fall = forms.BooleanField(required=False)
