"""Times: every file in the order of its writing, every line near what it is about, all clocks alike."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise

from tickets.engine import LogRecord, Packet, Record, Statement
from tickets.quality.exhibit import Exhibit, ends_of, key_of
from tickets.simulator import Oddity

SECOND_NS = 1_000_000_000
# A log that prints whole seconds may seem a second early, and its device may see the packet before the tap does (no
# way here takes longer than a tenth of a second); a program tells of a connection once it has looked at it.
EARLY_NS = 1_100_000_000
LATE_NS = 5 * SECOND_NS
# How long before a capture with a stated gap its conversations may have begun.
BEFORE_NS = 3_600 * SECOND_NS
# A device closes what was left open when its own timer runs out: an hour for an idle TCP connection.
CLOSING_NS = 3_700 * SECOND_NS
# A flow is logged when it has been idle long enough: Suricata's longest default for a flow that ended is 10 minutes.
FLOW_LATE_NS = 3_700 * SECOND_NS
# Lines that are written when the connection ends and print its beginning.
WRITTEN_AT_END = frozenset(
    {
        "dionaea.json",
        "honeytrap",
        "tpot.dionaea",
        "tpot.honeytrap",
        "zeek.http",
        "zeek.dns",
        "zeek.ssl",
        "zeek.ssh",
    }
)
# What a line that a SIEM made of a firewall's says where the firewall's own would be a closing.
CLOSING_WORDS = frozenset({"teardown", "end", "close"})
YEARLESS_NS = 366 * 86_400 * SECOND_NS
# A SIEM looks at new lines each minute or two.
ALERT_LATE_NS = 120 * SECOND_NS


def check_order(exhibit: Exhibit) -> Iterator[str]:
    """Packets and lines stand in the order of their times."""
    for records in exhibit.files.values():
        timed = [(record, time_ns) for record in records if (time_ns := _written_ns(record)) is not None]
        for (one, earlier_ns), (other, later_ns) in pairwise(timed):
            if later_ns < earlier_ns:
                yield f"{other.location} is older than {one.location}, which stands before it"


def _written_ns(record: Record) -> int | None:
    """When the line was written. A line about a flow prints the flow's times; its own stands in EVE's `timestamp`,
    and of other formats it is not known."""
    if isinstance(record, Packet):
        return record.time_ns
    if record.source.startswith("suricata.") and record.raw.startswith("{"):
        return _eve_ns(record.raw)
    is_stamped = isinstance(record, LogRecord) and record.source not in WRITTEN_AT_END
    return record.time_ns if is_stamped else None


def _eve_ns(raw: str) -> int | None:
    try:
        moment = datetime.strptime(str(json.loads(raw).get("timestamp")), "%Y-%m-%dT%H:%M:%S.%f%z")
    except ValueError:
        return None
    return (int(moment.timestamp()) * 1_000_000 + moment.microsecond) * 1_000


def check_flow_lines(exhibit: Exhibit) -> Iterator[str]:
    """A flow ends after it starts, and is logged after it ended, not much later."""
    for flow in exhibit.flows:
        if flow.end_ns < flow.time_ns:
            yield f"{flow.location} ends before it starts"
        written_ns = _written_ns(flow)
        if written_ns is None or exhibit.is_odd(Oddity.LATE_LOG):
            continue
        if not flow.end_ns <= written_ns <= flow.end_ns + FLOW_LATE_NS:
            yield f"{flow.location} was not written within the hour after its end"


def check_delays(exhibit: Exhibit) -> Iterator[str]:
    """A line about a conversation that was captured has a time from that conversation."""
    if exhibit.is_odd(Oddity.CLOCK, Oddity.LATE_LOG):
        return
    for log in exhibit.logs:
        spans = [
            (packets[0].time_ns, packets[-1].time_ns)
            for ends in (ends_of(log), *log.translated)
            for _, packets in exhibit.views(key_of(log.protocol, *ends))
        ]
        is_closing = log.statement is Statement.CLOSED or log.fields.get("action") in CLOSING_WORDS
        late_ns = CLOSING_NS if is_closing else LATE_NS
        # Of the time before a capture began, where that is stated, others may tell.
        early_ns = BEFORE_NS if exhibit.is_odd(Oddity.CAPTURE_GAP) else EARLY_NS
        if spans and not any(
            start_ns - early_ns <= in_year_of(log.time_ns, start_ns) <= end_ns + late_ns
            for start_ns, end_ns in spans
        ):
            yield f"{log.location} tells of a conversation at another time than the capture"


def in_year_of(time_ns: int, other_ns: int) -> int:
    """A time that was printed without its year lies in 1970: it is taken for one of the year of another."""
    if time_ns >= YEARLESS_NS or other_ns < YEARLESS_NS:
        return time_ns
    year = datetime.fromtimestamp(other_ns // SECOND_NS, UTC).year
    moment = datetime.fromtimestamp(time_ns // SECOND_NS, UTC)
    return int(moment.replace(year=year).timestamp()) * SECOND_NS + time_ns % SECOND_NS


def check_alert_time(exhibit: Exhibit) -> Iterator[str]:
    """The alert was raised during the conversation or soon after, and the statement gives its time."""
    alert, conversation = exhibit.played.alert, exhibit.verdict.conversation
    if alert.time_ns is None:
        return
    values = exhibit.played.values
    raised = datetime.fromtimestamp(alert.time_ns // SECOND_NS, UTC)
    if values.get("alert_time", f"{raised:%H:%M:%S}") != f"{raised:%H:%M:%S}":
        yield f"the alert is of {raised:%H:%M:%S}, and the text says {values['alert_time']}"
    if not values.get("alert_date", f"{raised.day} ").startswith(f"{raised.day} "):
        yield f"the alert is of {raised:%d %B}, and the text says {values['alert_date']}"
    if conversation is None or exhibit.is_odd(Oddity.CLOCK, Oddity.LATE_LOG):
        return
    last_ns = conversation.last_ns + ALERT_LATE_NS
    if not conversation.first_ns - EARLY_NS <= in_year_of(alert.time_ns, last_ns) <= last_ns:
        yield "the alert was raised at another time than its conversation"


STATED = {
    Oddity.CAPTURE_GAP: ("gap", "record", "restart", "start", "lost", "miss"),
    Oddity.ONE_WAY_TAP: ("one way", "one direction", "one side", "only"),
    Oddity.CLIENT_PORT: ("port",),
    Oddity.TTL: ("ttl", "hop", "route", "in the name of", "resets"),
    Oddity.CLOCK: ("clock", "zone", "utc"),
    Oddity.LATE_LOG: ("late", "delay", "minutes", "batch"),
}


def check_oddities(exhibit: Exhibit) -> Iterator[str]:
    """What a story does to its evidence on purpose is stated in the notes."""
    told = " ".join(
        (exhibit.scenario.sensor, exhibit.filled.statement, *exhibit.filled.context.notes)
    ).lower()
    for oddity in sorted(exhibit.played.oddities):
        if not any(word in told for word in STATED[oddity]):
            yield f"no note tells of the {oddity.value.replace('_', ' ')}"
