"""The instructor's judgement as a form: a level and a comment a step. A step without a level is left as it is."""

from __future__ import annotations

from django import forms

from tickets.actions.rubric import Judgement
from tickets.methodology import MOST_LEVEL, STEP_NAMES


class RubricForm(forms.Form):
    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        for step in STEP_NAMES:
            self.fields[f"level_{step}"] = forms.IntegerField(
                min_value=0, max_value=MOST_LEVEL, required=False
            )
            self.fields[f"comment_{step}"] = forms.CharField(max_length=2000, required=False)

    def judgements(self) -> dict[str, Judgement]:
        given = self.cleaned_data
        return {
            step: Judgement(given[f"level_{step}"], given[f"comment_{step}"])
            for step in STEP_NAMES
            if given[f"level_{step}"] is not None
        }
