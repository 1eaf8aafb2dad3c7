"""What there is to click around the queue: counts, headings, menus of filters, and the filters that stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext

from tickets.models import Assignment, User
from tickets.reports.queue_wanted import DONE, DUE, RESULTS, SEVERITIES, SORTS, STATUSES, TODO, WAITS, Wanted

_SHARED_COLUMNS = ("source", "destination", "due", "status", "result")


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to click: a count, a column's heading, a filter that stands. `query` is where it leads."""

    value: str
    label: str
    query: str
    is_chosen: bool = False
    count: int = 0
    # Of a column: "ascending", "descending" or "none".
    order: str = "none"


@dataclass(frozen=True, slots=True)
class Select:
    """A filter with its choices: value, text, and whether it stands."""

    name: str
    label: str
    choices: list[tuple[str, str, bool]]


def read_statuses(wanted: Wanted, counts: dict[str, int], user: User) -> list[Choice]:
    """A trainee asks what is to do, an instructor what was handed in."""
    left_out = TODO if user.is_instructor else DONE
    return [
        Choice(name, str(label), wanted.query(status=name), wanted.status == name, counts[f"status_{name}"])
        for name, label in STATUSES.items()
        if name != left_out or wanted.status == name
    ]


def read_severities(wanted: Wanted, counts: dict[str, int]) -> list[Choice]:
    """One that is chosen leads back to all of them."""
    return [
        Choice(
            name.value,
            str(name.label),
            wanted.query(severity="" if wanted.severity == name else name.value),
            wanted.severity == name,
            counts[f"severity_{name.value}"],
        )
        for name in SEVERITIES
    ]


def read_columns(wanted: Wanted, user: User) -> list[Choice]:
    return [_column(wanted, name) for name in _column_names(user)]


def _column_names(user: User) -> tuple[str, ...]:
    if user.is_instructor:
        return (
            "severity",
            "code",
            "trainee",
            "title",
            *_SHARED_COLUMNS[:2],
            "received",
            *_SHARED_COLUMNS[2:],
        )
    return ("severity", "code", "title", *_SHARED_COLUMNS[:2], "age", *_SHARED_COLUMNS[2:])


def _column(wanted: Wanted, name: str) -> Choice:
    is_chosen = wanted.sorted_by == name
    turned = f"-{name}" if is_chosen and not wanted.is_turned else name
    order = ("descending" if wanted.is_turned else "ascending") if is_chosen else "none"
    return Choice(name, str(SORTS[name]), wanted.query(sort=turned), is_chosen, order=order)


def read_narrowed(wanted: Wanted, assignments: Sequence[Assignment]) -> list[Choice]:
    """The filters that stand, in words; each leads to the queue without it."""
    titles = {str(each.pk): each.title for each in assignments}
    cohorts = {str(each.cohort_id): each.cohort.name for each in assignments}
    told = {
        "q": f"“{wanted.q}”",
        "lesson": wanted.lesson,
        "sensor": wanted.sensor,
        "cohort": cohorts.get(wanted.cohort, gettext("another cohort")),
        "assignment": titles.get(wanted.assignment, gettext("another assignment")),
        "due": gettext("due: %(choice)s") % {"choice": DUE.get(wanted.due, "").lower()},
        "result": gettext("result: %(choice)s") % {"choice": RESULTS.get(wanted.result, "").lower()},
        "waits": gettext("waits: %(choice)s") % {"choice": WAITS.get(wanted.waits, "").lower()},
    }
    return [
        Choice(name, text, wanted.query(**{name: ""})) for name, text in told.items() if getattr(wanted, name)
    ]


def read_selects(
    wanted: Wanted,
    user: User,
    assignments: Sequence[Assignment],
    lessons: Sequence[str],
    sensors: Sequence[str],
) -> list[Select]:
    """Those that leave a choice."""
    cohorts = {str(each.cohort_id): each.cohort.name for each in assignments}
    titles = {
        str(each.pk): f"{each.title} ({each.cohort.name})" if len(cohorts) > 1 else each.title
        for each in assignments
    }
    orders = {name: str(label) for name, label in SORTS.items() if name != "trainee" or user.is_instructor}
    if wanted.is_turned:
        orders[wanted.sort] = gettext("%(order)s, turned round") % {"order": SORTS[wanted.sorted_by]}
    offered = (
        ("cohort", gettext("Cohort"), cohorts if len(cohorts) > 1 else {}),
        ("assignment", gettext("Assignment"), titles if len(titles) > 1 else {}),
        ("lesson", gettext("Lesson"), {name: name for name in lessons}),
        ("sensor", gettext("Sensor"), {name: name for name in sensors} if len(sensors) > 1 else {}),
        ("due", gettext("Due"), DUE),
        ("result", gettext("Result"), RESULTS),
        ("waits", gettext("Waits for you"), WAITS if user.is_instructor else {}),
        ("sort", gettext("Order"), orders),
    )
    return [
        Select(
            name,
            label,
            [(value, str(text), getattr(wanted, name) == value) for value, text in choices.items()],
        )
        for name, label, choices in offered
        if choices
    ]
