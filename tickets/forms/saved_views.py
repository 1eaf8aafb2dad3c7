"""The name under which a way to look at the queue is kept."""

from __future__ import annotations

from django import forms


class SavedViewForm(forms.Form):
    name = forms.CharField(max_length=60, strip=True)
    query = forms.CharField(max_length=2000, required=False)
    is_default = forms.BooleanField(required=False)
