"""What the address asks of the queue: whose status, which words, what order, which page.

All of it stands in the query string, so that a queue can be shared, saved under a name and gone back to. Nonsense
narrows nothing: an old or mistyped link still shows tickets.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from urllib.parse import urlencode
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from tickets.models import Severity

ALL, TODO, NEW, OPEN, SUBMITTED, GRADED, DONE = "all", "todo", "new", "open", "submitted", "graded", "done"
STATUSES = {
    ALL: _("All"),
    TODO: _("To do"),
    NEW: _("New"),
    OPEN: _("Open"),
    SUBMITTED: _("Submitted"),
    GRADED: _("Graded"),
    DONE: _("Handed in"),
}
# Worst first, as a console lists them.
SEVERITIES = (Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM, Severity.LOW)
DUE = {
    "late": _("Late"),
    "day": _("Within 24 hours"),
    "week": _("Within 7 days"),
    "none": _("No due date"),
}
RESULTS = {
    "full": _("Full marks"),
    "part": _("Half or more"),
    "low": _("Under half"),
    "none": _("No result yet"),
}
# What waits for an instructor.
WAITS = {
    "question": _("A question to answer"),
    "texts": _("Texts to judge"),
    "failed": _("Grading that gave up"),
}
SORTS = {
    "due": _("Due"),
    "severity": _("Severity"),
    "code": _("Ticket"),
    "trainee": _("Trainee"),
    "title": _("Alert"),
    "rule": _("Rule"),
    "source": _("Printed source"),
    "destination": _("Printed destination"),
    "age": _("Age"),
    "received": _("Handed in"),
    "status": _("Status"),
    "result": _("Result"),
}
LONGEST_SEARCH = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """An empty field narrows nothing. `assignment` and `cohort` are ids; a minus before `sort` turns it round."""

    status: str = ALL
    severity: str = ""
    q: str = ""
    lesson: str = ""
    sensor: str = ""
    cohort: str = ""
    assignment: str = ""
    due: str = ""
    result: str = ""
    waits: str = ""
    sort: str = "due"
    page: int = 1
    ticket: str = ""

    @property
    def sorted_by(self) -> str:
        return self.sort.removeprefix("-")

    @property
    def is_turned(self) -> bool:
        return self.sort.startswith("-")

    @property
    def is_narrowed(self) -> bool:
        """Does anything but the status narrow it?"""
        names = ("severity", "q", "lesson", "sensor", "cohort", "assignment", "due", "result", "waits")
        return any(getattr(self, name) for name in names)

    def but(self, **changes: object) -> Wanted:
        """The same with something changed; then from the first page, with nothing selected."""
        return replace(self, **{"page": 1, "ticket": "", **changes})  # type: ignore[arg-type]

    def as_a_trainee(self) -> Wanted:
        """Without what only instructors ask: what waits for them, and an order by trainee."""
        return replace(self, waits="", sort="due" if self.sorted_by == "trainee" else self.sort)

    def query(self, **changes: object) -> str:
        """As a query string, always in the same order and without what narrows nothing; never empty."""
        wanted = self.but(**changes) if changes else self
        pairs = [(field.name, getattr(wanted, field.name), field.default) for field in fields(wanted)]
        return urlencode(
            [(name, value) for name, value, usual in pairs if name == "status" or value not in (usual, "")]
        )


# What stands in the list of views for everybody; the first is the default.
TRAINEES_VIEWS = (
    (_("Mine, open"), Wanted(status=TODO)),
    (_("Mine, by rule"), Wanted(status=TODO, sort="rule")),
    (_("Newest results"), Wanted(status=GRADED, sort="-received")),
    (_("Everything"), Wanted()),
)
INSTRUCTORS_VIEWS = (
    (_("Newest work"), Wanted(status=DONE, sort="-received")),
    (_("Questions to answer"), Wanted(waits="question", sort="received")),
    (_("Texts to judge"), Wanted(waits="texts", sort="received")),
    (_("Late"), Wanted(status=TODO, due="late")),
    (_("Everything"), Wanted()),
)


def read_wanted(query: Mapping[str, str], default: Wanted) -> Wanted:
    """The query string's wishes; `default` where it says nothing but which ticket is looked at."""
    wanted = Wanted(
        status=_one_of(STATUSES, query.get("status"), ALL),
        severity=_one_of(SEVERITIES, query.get("severity")),
        q=" ".join(query.get("q", "").replace("\0", "")[:LONGEST_SEARCH].split()),
        lesson=query.get("lesson", "").replace("\0", "")[:80],
        sensor=query.get("sensor", "").replace("\0", "")[:80],
        cohort=_id(query.get("cohort")),
        assignment=_id(query.get("assignment")),
        due=_one_of(DUE, query.get("due")),
        result=_one_of(RESULTS, query.get("result")),
        waits=_one_of(WAITS, query.get("waits")),
        sort=_sort(query.get("sort", "")),
        page=_page(query.get("page", "")),
        ticket=query.get("ticket", "").replace("\0", "")[:12],
    )
    asked = {field.name for field in fields(Wanted)} - {"ticket"}
    return wanted if asked & query.keys() else replace(default, ticket=wanted.ticket)


def _one_of(known: object, value: str | None, otherwise: str = "") -> str:
    return value if value and value in known else otherwise  # type: ignore[operator]


def _id(value: str | None) -> str:
    try:
        return str(UUID(value)) if value else ""
    except ValueError:
        return ""


def _sort(value: str) -> str:
    return value if value.removeprefix("-") in SORTS else "due"


def _page(value: str) -> int:
    return max(1, int(value)) if value.isascii() and value.isdigit() and len(value) < 6 else 1
