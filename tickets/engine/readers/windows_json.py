"""Windows Security events as JSON: Winlogbeat, Splunk's fields, one flat object, or the event's own nesting.

Source: Winlogbeat's exported fields (winlog.event_data), Splunk Add-on for Microsoft Windows, and the event schema
(System, EventData). What an event means stands in `filtering_platform`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..types import Location, LogRecord, Problem, Record
from . import siem
from .documents import documents
from .filtering_platform import FORMAT, Event, event_number, event_of, key, records
from .rows import event_of as event_in_row
from .rows import has_signs
from .source import Source, note_problem
from .values import BadRecord, address

__all__ = ["FORMAT", "matches", "read"]

NUMBER = re.compile(rb'"(?:EventID|EventCode|event_id|eventid|Event_ID)"\s*:')
WINDOWS = re.compile(
    rb'Microsoft-Windows-|%%146?\d\d\d?|WinEventLog|"Channel"\s*:\s*"Security"|Source[_ ]?Address|"winlog"'
)
# Where a rendering keeps the event's data and the system's part; the outermost object last.
DATA = (("Event", "EventData"), ("EventData",), ("winlog", "event_data"), ("event_data",), ())
SYSTEM = (("Event", "System"), ("System",), ("winlog",), ())
MESSAGE_LINE = re.compile(
    r"(Application Name|Direction|Source Address|Source Port|Destination Address|Destination Port|Protocol|Layer Name)"
    r":[ \t]*([^\r\n]{0,300})"
)
PLAIN = (str, int)


def matches(head: bytes) -> bool:
    return has_signs(head, NUMBER, WINDOWS)


def read(source: Source, problems: list[Problem]) -> Iterator[Record]:
    """Yield the Filtering Platform's connections and packets, and logons; other events are passed over."""
    return records(_events(source, problems))


def _events(source: Source, problems: list[Problem]) -> Iterator[Event | LogRecord]:
    for document in documents(source, problems):
        try:
            event = _event(
                Location(source.name, document.number), event_in_row(document.value), document.text
            )
        except BadRecord as bad:
            note_problem(problems, source.name, document.place, str(bad))
            continue
        if event is not None:
            yield event


def _event(location: Location, row: dict[str, Any], raw: str) -> Event | LogRecord | None:
    system = _plain(SYSTEM, row)
    number = next(
        (found for name in ("eventid", "eventcode") if (found := event_number(system.get(name)))), 0
    )
    if not number:
        return None
    data = _plain(DATA, row)
    if "sourceaddress" not in data:
        told = MESSAGE_LINE.findall(str(system.get("message", ""))[:8192])
        data = {**{key(name): value.strip() for name, value in told}, **data}
    time_ns = siem.first_time(
        *(system.get(name) for name in ("systemtime", "timecreated", "timestamp", "eventtime", "time"))
    )
    computer = next(
        (system[name] for name in ("computername", "computer", "hostname") if system.get(name)), ""
    )
    return event_of(location, number, time_ns, computer, data, _own(row, computer), raw)


def _plain(paths: tuple[tuple[str, ...], ...], row: Mapping[str, Any]) -> dict[str, str]:
    """The plain values under the first names of each path, by shared name; the innermost path wins."""
    found: dict[str, str] = {}
    for path in paths:
        part: Any = row
        for name in path:
            part = part.get(name) if isinstance(part, dict) else None
        if isinstance(part, dict):
            for name, value in _pairs(part):
                found.setdefault(key(name), value)
    return found


def _pairs(part: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """XML turned to JSON keeps attributes and texts in objects of their own, and Data as a list of named ones."""
    for name, value in part.items():
        if isinstance(value, PLAIN):
            yield name, str(value)
        elif name == "Data" and isinstance(value, list):
            yield from _named(value)
        elif isinstance(value, dict) and name in ("EventID", "TimeCreated"):
            yield from _attributed(name, value)


def _named(items: list[Any]) -> Iterator[tuple[str, str]]:
    for item in items:
        if isinstance(item, dict):
            plain = {key(name): value for name, value in item.items() if isinstance(value, PLAIN)}
            text = next((plain[name] for name in ("text", "value", "content") if name in plain), "")
            yield str(plain.get("name", "")), str(text)


def _attributed(name: str, value: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for inner_name, inner_value in value.items():
        if isinstance(inner_value, dict):
            yield from _attributed(name, {**inner_value})
        elif isinstance(inner_value, PLAIN):
            yield (name if key(inner_name) == "text" else inner_name), str(inner_value)


def _own(row: Mapping[str, Any], computer: str) -> tuple[str, ...]:
    """Beats list the addresses of the host that they run on; a collector's are not those of the event's computer."""
    host = row.get("host")
    if not isinstance(host, dict) or not isinstance(host.get("ip"), list):
        return ()
    names = {str(host.get(name, "")).lower().partition(".")[0] for name in ("name", "hostname")}
    if computer.lower().partition(".")[0] not in names - {""}:
        return ()
    return tuple(address(ip) for ip in host["ip"][:64])
