"""A shift as its people see it: what waits while it runs, and afterwards how fast and how right it was worked.

Times are seconds on the clock, whatever the speed. What the truth was is in these figures only for tickets that were
handed in and graded: a ticket that is still open may still be worked, so nothing is told of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from django.db.models import Count, Prefetch, Q, QuerySet

from tickets.engine import Disposition
from tickets.measures import Share, measure_clustered_share, measure_share
from tickets.models import CriterionResult, Grade, Shift, ShiftArrival, Ticket, User

CRITERION = "disposition"
# What closes an alarm without anybody acting on it.
CLOSED_AS_HARMLESS = frozenset({Disposition.BENIGN, Disposition.FALSE_POSITIVE, Disposition.DUPLICATE})


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds, of `n` tickets; None where there are none."""

    n: int
    median_s: float | None
    low_s: float | None
    high_s: float | None


@dataclass(frozen=True, slots=True)
class Judged:
    """A graded disposition: `given` and `expected` as the grade has them, `result` as CriterionResult's."""

    given: str
    expected: str
    result: str

    @property
    def is_right(self) -> bool:
        """The disposition is the expected one, or another that earns all its marks. Marks that it lost for a
        reason that was not given make it no wrong one."""
        return self.given == self.expected or self.result == CriterionResult.Result.CORRECT

    @property
    def is_incident(self) -> bool:
        return self.expected == Disposition.TRUE_POSITIVE

    @property
    def is_harmless(self) -> bool:
        return self.expected in CLOSED_AS_HARMLESS

    @property
    def is_missed(self) -> bool:
        return self.is_incident and self.given in CLOSED_AS_HARMLESS

    @property
    def is_over_escalated(self) -> bool:
        return self.is_harmless and self.given == Disposition.TRUE_POSITIVE


@dataclass(frozen=True, slots=True)
class Line:
    """One ticket that came. Times are seconds after the shift's start; None: not yet, or never.

    `judged` is None while there is no grade, or none that may be shown."""

    number: int
    ticket: Ticket
    arrived_s: float
    looked_s: float | None
    closed_s: float | None
    length_s: float
    given: str = ""
    judged: Judged | None = None

    @property
    def was_looked_at(self) -> bool:
        """In the shift. The same holds of `was_closed`."""
        return self.looked_s is not None and self.looked_s <= self.length_s

    @property
    def was_closed(self) -> bool:
        return self.closed_s is not None and self.closed_s <= self.length_s

    @property
    def is_late(self) -> bool:
        """Handed in after the end: graded like any other, and counted apart."""
        return self.closed_s is not None and not self.was_closed

    @property
    def state(self) -> str:
        if self.closed_s is not None:
            return "closed"
        return "new" if self.looked_s is None else "open"

    @property
    def look_took_s(self) -> float | None:
        return None if self.looked_s is None else max(0.0, self.looked_s - self.arrived_s)

    @property
    def close_took_s(self) -> float | None:
        return None if self.closed_s is None else max(0.0, self.closed_s - self.arrived_s)

    # Shares of the shift's length, for the plot; what lies behind the end is drawn at the end.
    @property
    def arrived_at(self) -> float:
        return self._along(self.arrived_s)

    @property
    def looked_at(self) -> float:
        return self._along(self.length_s if self.looked_s is None else self.looked_s)

    @property
    def closed_at(self) -> float:
        return self._along(self.length_s if self.closed_s is None else self.closed_s)

    def _along(self, seconds: float) -> float:
        return min(1.0, max(0.0, seconds / self.length_s))


@dataclass(frozen=True, slots=True)
class Figures:
    """What the lines come to. Shares are of dispositions that were handed in during the shift, and graded."""

    planned: int
    arrived: int
    looked: int
    closed: int
    late: int
    ungraded: int
    first_look: Times
    close: Times
    accuracy: Share
    missed: Share
    over_escalated: Share

    @property
    def not_closed(self) -> int:
        return self.arrived - self.closed - self.late

    @property
    def not_come(self) -> int:
        return self.planned - self.arrived


@dataclass(frozen=True, slots=True)
class ShiftReport:
    """One trainee's shift."""

    shift: Shift
    trainee: User
    lines: tuple[Line, ...]
    figures: Figures


@dataclass(frozen=True, slots=True)
class ClassReport:
    """The shift of a whole cohort: one row a trainee, and all together."""

    shift: Shift
    rows: tuple[ShiftReport, ...]
    together: Figures


@dataclass(frozen=True, slots=True)
class Work:
    """What a trainee has before him or her while the shift runs."""

    shift: Shift
    lines: tuple[Line, ...]

    def _count(self, state: str) -> int:
        return sum(line.state == state for line in self.lines)

    @property
    def new(self) -> int:
        return self._count("new")

    @property
    def open(self) -> int:
        return self._count("open")

    @property
    def closed(self) -> int:
        return self._count("closed")

    @property
    def stamp(self) -> str:
        """Changes with everything that the page shows, and with nothing else."""
        return f"{len(self.lines)}-{self.new}-{self.closed}"

    def newer_than(self, stamp: str) -> tuple[Line, ...]:
        """What has come since the page of that stamp was drawn; nothing where there was none."""
        seen = stamp.partition("-")[0]
        return self.lines[int(seen) :] if seen.isascii() and seen.isdigit() and len(seen) < 4 else ()


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan before its start: how many tickets can come to each, of how many."""

    shift: Shift
    trainees: int
    short: tuple[tuple[User, int], ...]  # who gets fewer, and how many
    arrivals: int


# -- Reading -------------------------------------------------------------------------------------


def running_shift(user: User, now: datetime) -> Shift | None:
    """The trainee's shift that runs, the one that ends first."""
    if user.is_instructor:
        return None
    return Shift.objects.worked_by(user).running_at(now).order_by("ends_at").first()


def shift_of(ticket: Ticket) -> Shift | None:
    """The shift in which the ticket came."""
    return getattr(ticket.item.assignment, "shift", None)


def read_plan(shift: Shift) -> Planned:
    counts = dict(shift.arrivals.order_by().values_list("trainee").annotate(Count("pk")))
    people = _people(shift)
    short = [
        (person, counts.get(person.pk, 0))
        for person in people
        if counts.get(person.pk, 0) < shift.tickets_each
    ]
    return Planned(shift, len(people), tuple(short), sum(counts.values()))


def read_work(shift: Shift, trainee: User) -> Work:
    return Work(shift, _lines(shift, _came(shift).filter(trainee=trainee), with_results=False))


def read_report(shift: Shift, trainee: User, *, with_results: bool) -> ShiftReport:
    """`with_results`: may the truth of what is graded be shown?"""
    came = _came(shift).filter(trainee=trainee)
    lines = _lines(shift, came, with_results=with_results)
    planned = shift.arrivals.filter(trainee=trainee).count()
    return ShiftReport(shift, trainee, lines, measure([lines], planned=planned))


def read_class_report(shift: Shift) -> ClassReport:
    """For who teaches the cohort, in a fixed number of queries."""
    came: dict[object, list[ShiftArrival]] = {}
    for arrival in _came(shift):
        came.setdefault(arrival.trainee_id, []).append(arrival)
    planned = dict(shift.arrivals.order_by().values_list("trainee").annotate(Count("pk")))
    rows = []
    for person in _people(shift):
        lines = _lines(shift, came.get(person.pk, ()), with_results=True)
        figures = measure([lines], planned=planned.get(person.pk, 0))
        rows.append(ShiftReport(shift, person, lines, figures))
    together = measure([row.lines for row in rows], planned=sum(planned.values()))
    return ClassReport(shift, tuple(rows), together)


def find_trainee(shift: Shift, trainee_id: object) -> User | None:
    return next((person for person in _people(shift) if person.pk == trainee_id), None)


def read_earlier(shifts: Iterable[Shift]) -> list[tuple[Shift, int, int]]:
    """Shifts with how many tickets came and how many were handed in."""
    counted = {
        row["shift"]: (row["came"], row["closed"])
        for row in ShiftArrival.objects.filter(shift__in=shifts, ticket__isnull=False)
        .order_by()
        .values("shift")
        .annotate(came=Count("pk"), closed=Count("pk", filter=Q(ticket__submission__isnull=False)))
    }
    return [(shift, *counted.get(shift.pk, (0, 0))) for shift in shifts]


def _people(shift: Shift) -> list[User]:
    """Whose shift it is: for whom there is a plan."""
    planned = User.objects.filter(shift_arrivals__shift=shift).distinct()
    return list(planned.order_by("last_name", "first_name", "username"))


def _came(shift: Shift) -> QuerySet[ShiftArrival]:
    graded = Prefetch("ticket__submission__grades", Grade.objects.filter(is_current=True))
    marks = Prefetch(
        "ticket__submission__grades__criteria", CriterionResult.objects.filter(criterion=CRITERION)
    )
    return (
        shift.arrivals.filter(ticket__isnull=False)
        .select_related("ticket__submission", "ticket__variant__version")
        .prefetch_related(graded, marks)
        .order_by("number")
    )


def _lines(shift: Shift, arrivals: Iterable[ShiftArrival], *, with_results: bool) -> tuple[Line, ...]:
    return tuple(_line(shift, arrival, with_results=with_results) for arrival in arrivals)


def _line(shift: Shift, arrival: ShiftArrival, *, with_results: bool) -> Line:
    ticket, start = arrival.ticket, shift.started_at
    assert ticket is not None  # `_came` asks for it
    assert start is not None  # tickets come to shifts that have started

    def after_start(moment: datetime | None) -> float | None:
        return None if moment is None else (moment - start).total_seconds()

    submission = getattr(ticket, "submission", None)
    return Line(
        number=arrival.number,
        ticket=ticket,
        arrived_s=after_start(ticket.created_at) or 0.0,
        looked_s=after_start(ticket.opened_at),
        closed_s=after_start(submission.received_at) if submission is not None else None,
        length_s=shift.length_s,
        given=str(submission.answers.get(CRITERION) or "") if submission is not None else "",
        judged=_judged(ticket) if with_results else None,
    )


def _judged(ticket: Ticket) -> Judged | None:
    submission = getattr(ticket, "submission", None)
    grades = submission.grades.all() if submission is not None else ()
    marks = [mark for grade in grades if grade.is_current for mark in grade.criteria.all()]
    mark = next((mark for mark in marks if mark.criterion == CRITERION), None)
    return Judged(mark.given, mark.expected, mark.result) if mark is not None else None


# -- Measuring -----------------------------------------------------------------------------------


def measure(shifts: Sequence[Sequence[Line]], *, planned: int) -> Figures:
    """The figures of one trainee's lines, or of several trainees'; intervals then know whose answers they are."""
    lines = [line for each in shifts for line in each]
    closed = [line for line in lines if line.was_closed]
    judged = [[line.judged for line in each if line.was_closed and line.judged] for each in shifts]
    return Figures(
        planned=planned,
        arrived=len(lines),
        looked=sum(line.was_looked_at for line in lines),
        closed=len(closed),
        late=sum(line.is_late for line in lines),
        ungraded=sum(line.judged is None for line in closed),
        first_look=_times(line.look_took_s for line in lines if line.was_looked_at),
        close=_times(line.close_took_s for line in closed),
        accuracy=_share((sum(j.is_right for j in each), len(each)) for each in judged),
        missed=_share((sum(j.is_missed for j in each), sum(j.is_incident for j in each)) for each in judged),
        over_escalated=_share(
            (sum(j.is_over_escalated for j in each), sum(j.is_harmless for j in each)) for each in judged
        ),
    )


def _times(seconds: Iterable[float | None]) -> Times:
    known = sorted(each for each in seconds if each is not None)
    if not known:
        return Times(0, None, None, None)
    return Times(len(known), median(known), known[0], known[-1])


def _share(clusters: Iterable[tuple[int, int]]) -> Share:
    """k of n with its interval; several answers of one trainee among several trainees' are no independent ones."""
    counts = [(k, n) for k, n in clusters if n]
    if len(counts) < 2:
        return measure_share(*(counts[0] if counts else (0, 0)))
    return measure_clustered_share(counts)
