"""Snort's alert_fast, and its alerts in syslog: one line an alert, the packet's addresses.

Source: Snort 3's alert_fast.cc and alert_syslog.cc (messages in quotes), Snort 2's spo_alert_fast.c (without).
Neither flags nor the outcome are there. The arrow points the way of the packet, which may be a reply.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..types import Alert, Location, Problem, Record
from .alert_lines import SNORT, read_alert_line
from .source import Source
from .values import read_records

FORMAT = "snort.fast"


def matches(head: bytes) -> bool:
    return SNORT.search(head) is not None


def read(source: Source, problems: list[Problem]) -> Iterator[Record]:
    """Yield the alerts; those about packets without addresses are passed over."""
    return read_records(source, problems, _decode)


def _decode(location: Location, line: str) -> Alert | None:
    return read_alert_line(location, line, FORMAT, icmp_has_type=False)
