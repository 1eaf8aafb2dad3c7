"""Suricata's fast.log, and its alerts in syslog: one line an alert, the packet's addresses, no flow.

Source: Suricata's alert-fastlog.c and alert-syslog.c. The printed source is the sender of the packet that fired.
`[Drop]` is what the sensor did in line with the traffic, `[wDrop]` what it would have done.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..types import Alert, Location, Problem, Record
from .alert_lines import SURICATA, read_alert_line
from .source import Source
from .values import read_records

FORMAT = "suricata.fast"


def matches(head: bytes) -> bool:
    return SURICATA.search(head) is not None


def read(source: Source, problems: list[Problem]) -> Iterator[Record]:
    """Yield the alerts; those about packets without addresses are passed over."""
    return read_records(source, problems, _decode)


def _decode(location: Location, line: str) -> Alert | None:
    return read_alert_line(location, line, FORMAT, icmp_has_type=True)
