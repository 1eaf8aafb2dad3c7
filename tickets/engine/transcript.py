"""A conversation as a page of text: its two ends, what passed between them line by line, and each claim's proof.

Layout only: sentences come from `explain`, records from `summaries`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from .case import JudgedAlert
from .explain import describe
from .summaries import RecordKind, RecordSummary
from .types import Conversation, Endpoint, Finding, Location

NS = 1_000_000_000
WIRE = 44
# More lines are not read, and the records of a long transfer say the same again and again.
MAX_LINES = 16
MAX_PROOFS = 4

Shown = Mapping[Location, RecordSummary]


def places_of(conversation: Conversation) -> Iterator[Location]:
    """The records that a transcript of the conversation prints."""
    yield from conversation.records[:MAX_LINES]
    yield from proofs_of(conversation.findings)


def proofs_of(findings: Iterable[Finding]) -> Iterator[Location]:
    for finding in findings:
        yield from finding.records[:MAX_PROOFS]


def draw_ladder(conversation: Conversation, shown: Shown) -> list[str]:
    """Time runs down, the originator stands on the left; where nobody is, the first record's source does."""
    at = 1 if conversation.orig == conversation.endpoints[1] else 0
    left, right = conversation.endpoints[at], conversation.endpoints[1 - at]
    views = [(view[at], view[1 - at]) for view in (conversation.endpoints, *conversation.translated)]
    rows = [(place, shown[place]) for place in conversation.records[:MAX_LINES] if place in shown]
    rows.sort(key=lambda item: item[1].time_ns or 0)
    width = max((len(str(place)) for place, _ in rows), default=0)
    lines = [f"{'':{width + 14}}{left!s:<{WIRE // 2}}{right!s:>{WIRE // 2 + 2}}"]
    for place, row in rows:
        lines.append(
            f"{place!s:<{width}}{_offset(conversation, row):>12}  {_rung(row, _goes_right(row, views))}"
        )
    if len(conversation.records) > MAX_LINES:
        lines.append(f"{'':{width + 14}}{'... and further records':^{WIRE + 2}}")
    return lines


def _goes_right(row: RecordSummary, views: Iterable[tuple[Endpoint, Endpoint]]) -> bool:
    """Does the left end send it, as it is called here or beyond a translation? An ICMP end may have another port."""
    return any(row.src == left or (row.src.ip == left.ip and row.src != right) for left, right in views)


def _offset(conversation: Conversation, row: RecordSummary) -> str:
    return "" if row.time_ns is None else f"{(row.time_ns - conversation.first_ns) / NS:.6f}"


def _rung(row: RecordSummary, to_right: bool) -> str:
    """A packet is an arrow; a log line speaks of the whole and is none."""
    words = " ".join(row.info.split())
    if row.kind is not RecordKind.PACKET:
        return f"|{_cut(f' {row.source}: {words}', WIRE):<{WIRE}}|"
    wire = f" {_cut(words, WIRE - 8)} ".center(WIRE - 1, "-")
    return f"|{wire}>|" if to_right else f"|<{wire}|"


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 3]}..."


def tell_findings(findings: Iterable[Finding], shown: Shown) -> list[str]:
    """Each claim with its sentence, what it is worth, and its records as they stand."""
    lines = []
    for finding in findings:
        against = "" if finding.supports else ", does not support the conclusion"
        lines.append(f"{finding.claim}: {finding.rule} ({finding.confidence:.2f}{against})")
        lines.append(f"    {describe(finding)}")
        places = finding.records[:MAX_PROOFS]
        lines.extend(f"    {place}  {_record(shown.get(place))}".rstrip() for place in places)
    return lines


def _record(row: RecordSummary | None) -> str:
    if row is None:
        return ""
    if row.kind is RecordKind.PACKET:
        return f"{row.protocol} {row.src} -> {row.dst}  {' '.join(row.info.split())}"
    return _cut(" ".join(row.raw.split()), 160)


def tell_alert(judged: JudgedAlert) -> str:
    """One line: the alert as printed, reversed or not and why where evidence shows it; its own words, and its place."""
    alert = judged.alert
    sid = f" sid {alert.sid}" if alert.sid else ""
    cause = f" ({judged.cause.value.replace('_', ' ')})" if judged.cause else ""
    answer = judged.reversed.value.replace("_", " ")
    words = f"  {alert.message}" if alert.message else ""
    place = f"  at {alert.location}" if alert.location else ""
    return f"alert{sid} {alert.protocol} {alert.src} -> {alert.dst}: reversed: {answer}{cause}{words}{place}"
