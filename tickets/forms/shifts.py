"""What a shift is to be like: how long, how fast, how many tickets, of which lessons, in which mix."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext

from tickets.actions.shifts import offered_versions
from tickets.models import MIX_NAMES, Cohort, Enrollment, ScenarioVersion, User
from tickets.shifts import FEWEST_TICKETS, LONGEST_MIN, MOST_TICKETS, SHORTEST_MIN, SPEEDS, Mix

LENGTHS_MIN = (SHORTEST_MIN, 30, 45, 60, 90, LONGEST_MIN)


def _lengths() -> list[tuple[int, str]]:
    return [(minutes, gettext("%(minutes)s minutes") % {"minutes": minutes}) for minutes in LENGTHS_MIN]


class ShiftForm(forms.Form):
    """For an instructor the cohort is asked for; for a trainee only where there are several."""

    cohort = forms.ModelChoiceField(Cohort.objects.none(), required=False)
    minutes = forms.TypedChoiceField(choices=_lengths, coerce=int, initial=30)
    speed = forms.TypedChoiceField(
        choices=[(speed, f"{speed}×") for speed in SPEEDS], coerce=int, initial=SPEEDS[0]
    )
    tickets_each = forms.IntegerField(min_value=FEWEST_TICKETS, max_value=MOST_TICKETS, initial=6)
    mix = forms.TypedChoiceField(choices=list(MIX_NAMES.items()), coerce=Mix, initial=Mix.REAL)
    lessons = forms.MultipleChoiceField()

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offered = offered_versions(user)
        lessons = sorted({version.scenario.lesson for version in self.offered})
        self.fields["lessons"] = forms.MultipleChoiceField(
            choices=[(lesson, lesson or gettext("Other scenarios")) for lesson in lessons],
            initial=lessons,
            error_messages={"required": gettext("Choose one lesson at least.")},
        )
        self.cohorts = _cohorts(user)
        has_several = self.cohorts.count() > 1
        self.fields["cohort"] = forms.ModelChoiceField(
            self.cohorts, required=has_several, empty_label=None, initial=self.cohorts.first()
        )
        self.asks_cohort = user.is_instructor or has_several

    def clean_cohort(self) -> Cohort | None:
        """The only one where none was asked for."""
        chosen: Cohort | None = self.cleaned_data["cohort"]
        return chosen or self.cohorts.first()

    def versions(self) -> list[ScenarioVersion]:
        wanted = set(self.cleaned_data["lessons"])
        return [version for version in self.offered if version.scenario.lesson in wanted]


def _cohorts(user: User) -> QuerySet[Cohort]:
    """Whose shift it may be: a cohort that one teaches, or one in which one is a trainee."""
    if user.is_instructor:
        return Cohort.objects.taught_by(user).order_by("name")
    mine = Enrollment.objects.trainees().filter(user=user).values("cohort")
    return Cohort.objects.filter(pk__in=mine).order_by("-created_at")
