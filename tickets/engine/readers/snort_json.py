"""Snort 3's alert_json: one object a line, with the columns that were configured.

Source: Snort 3's alert_json.cc. `src_addr`, `src_port` and `src_ap` are the packet's sender; `dir` is C2S, S2C or UNK
as the sensor believes; `seconds` has the year that `timestamp` lacks. The outcome is not there: `action` is Snort's.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..types import Alert, Location, Problem, Record
from .snort import fields_time_ns, snort_alert
from .source import Source
from .values import BadRecord, json_object, read_records

FORMAT = "snort.json"


def matches(head: bytes) -> bool:
    return any(_is_alert(line) for line in head.split(b"\n", 20))


def _is_alert(line: bytes) -> bool:
    names = line.replace(b" ", b"")
    has_rule = b'"rule":"' in names or b'"sid":' in names
    has_ends = b'"src_ap":' in names or (b'"src_addr":' in names and b'"dst_addr":' in names)
    return b"{" in line and has_rule and has_ends and (b'"timestamp":' in names or b'"seconds":' in names)


def read(source: Source, problems: list[Problem]) -> Iterator[Record]:
    """Yield the alerts."""
    return read_records(source, problems, _decode)


def _decode(location: Location, line: str) -> Alert | None:
    values = {
        name: str(value)
        for name, value in json_object(line).items()
        if isinstance(value, str | int) and not isinstance(value, bool)
    }
    if "proto" not in values:
        raise BadRecord("the alert has no proto")
    return snort_alert(location, FORMAT, values, line, fields_time_ns(values))
