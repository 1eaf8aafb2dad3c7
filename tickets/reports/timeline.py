"""All evidence on one axis: how much each kind of record has at which time, and where the alert stands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import log2

from django.db.models import BigIntegerField, Count, ExpressionWrapper, F, Max, Min, QuerySet

from tickets.models import RECORD_KINDS, EvidenceRecord, Variant
from tickets.reports.rows import alert_us, place_of

# Bars that an axis has room for.
BINS = 160
NS = 1_000_000_000
DAY_NS = 86_400 * NS
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# How many seconds around the alert may be looked at.
AROUND_S = (86_400, 3600, 600, 60, 10)


@dataclass(frozen=True, slots=True)
class Bar:
    """In percent of the axis and of the lane; `height` goes by the logarithm of the count, and one record is seen."""

    left: float
    width: float
    height: int

    @property
    def top(self) -> int:
        return 100 - self.height


@dataclass(frozen=True, slots=True)
class Lane:
    kind: str
    count: int
    first_ns: int
    last_ns: int
    bars: list[Bar]


@dataclass(frozen=True, slots=True)
class Tick:
    left: int
    label: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A pinned record on the axis."""

    place: str
    kind: str
    left: float
    time_ns: int


@dataclass(frozen=True, slots=True)
class Timeline:
    """`alert_ns` is None for an alert without a time. `choices` are the spans in seconds that would show less than all."""

    start_ns: int
    end_ns: int
    lanes: list[Lane]
    ticks: list[Tick]
    alert_ns: int | None
    around_s: int
    choices: list[int]

    @property
    def count(self) -> int:
        return sum(lane.count for lane in self.lanes)

    @property
    def alert_left(self) -> float | None:
        return self._left(self.alert_ns)

    def marks(self, records: Iterable[EvidenceRecord]) -> list[Mark]:
        """Where these records stand, as far as they have a time within the axis."""
        placed = ((record, record.time_ns, self._left(record.time_ns)) for record in records)
        return [
            Mark(place_of(record), record.kind, left, time_ns)
            for record, time_ns, left in placed
            if left is not None and time_ns is not None
        ]

    def _left(self, time_ns: int | None) -> float | None:
        return None if time_ns is None else self.left_of(time_ns)

    def left_of(self, time_ns: int) -> float | None:
        """Where a time stands, in percent; None outside."""
        if not self.start_ns <= time_ns <= self.end_ns:
            return None
        return round(100 * (time_ns - self.start_ns) / max(1, self.end_ns - self.start_ns), 3)


def draw_timeline(
    variant: Variant, conversation: str, around_s: int, span_ns: tuple[int | None, int | None]
) -> Timeline | None:
    """The evidence, or of it one conversation, over its whole time (`span_ns`) or so many seconds to each side of the alert.

    None where no record has a time. Two queries whatever the number of records: they are counted in the database."""
    records = EvidenceRecord.objects.filter(bundle=variant.bundle_id).exclude(time_ns=None).order_by()
    if conversation:
        records = records.filter(conversation=conversation)
    start, end = span_ns
    if start is None or end is None:
        return None
    at_us = alert_us(variant)
    alert_ns = None if at_us is None else at_us * 1000
    choices = [] if alert_ns is None else [s for s in AROUND_S if 2 * s * NS < end - start]
    around_s = around_s if around_s in choices else 0
    if around_s and alert_ns is not None:
        start, end = alert_ns - around_s * NS, alert_ns + around_s * NS
    return Timeline(
        start, end, list(_lanes(records, start, end)), _ticks(start, end), alert_ns, around_s, choices
    )


def _lanes(records: QuerySet[EvidenceRecord], start: int, end: int) -> Iterator[Lane]:
    width_ns = max(1, -(-(end - start + 1) // BINS))
    # Both databases divide whole numbers to a whole number.
    number = ExpressionWrapper((F("time_ns") - start) / width_ns, output_field=BigIntegerField())
    within = records.filter(time_ns__gte=start, time_ns__lte=end).annotate(bin=number)
    counted = within.values("kind", "bin").annotate(
        count=Count("pk"), first=Min("time_ns"), last=Max("time_ns")
    )
    by_kind = defaultdict(list)
    for row in counted.order_by("kind", "bin"):
        by_kind[row["kind"]].append(row)
    most = max((row["count"] for rows in by_kind.values() for row in rows), default=1)
    scale = 100 * width_ns / max(1, end - start)
    for kind in RECORD_KINDS:
        rows = by_kind.get(kind)
        if rows:
            bars = [_bar(row["bin"] * scale, scale, row["count"], most) for row in rows]
            yield Lane(kind, sum(row["count"] for row in rows), rows[0]["first"], rows[-1]["last"], bars)


def _bar(left: float, width: float, count: int, most: int) -> Bar:
    height = 0.25 + 0.75 * (log2(1 + count) / log2(1 + most))
    return Bar(round(left, 2), round(width, 2), round(100 * height))


def _ticks(start: int, end: int) -> list[Tick]:
    """As fine as the axis asks for: the day where it spans one, parts of a second where it spans few seconds."""
    shape = "%H:%M:%S.%f" if end - start < 20 * NS else "%H:%M:%S" if end - start < DAY_NS else "%-d %b %H:%M"
    times = [start + (end - start) * part // 4 for part in range(5)]
    return [Tick(25 * part, _clock(time_ns, shape)) for part, time_ns in enumerate(times)]


def _clock(time_ns: int, shape: str) -> str:
    try:
        return (EPOCH + timedelta(microseconds=time_ns // 1000)).strftime(shape)
    except OverflowError:
        return "beyond any calendar"
