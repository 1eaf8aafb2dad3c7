"""dionaea through hpfeeds-logger as Splunk reads it: a time, then `name="value"` pairs.

Source: hpfeeds-logger's processors. `direction="inbound"` is a constant there and says nothing;
`dionaea_action` is the session's type.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..types import Location, LogRecord, Problem, Record
from .dionaea import session
from .source import Source
from .values import BadRecord, endpoint, iso_ns, read_records

FORMAT = "dionaea.mhn"
PAIR = re.compile(r'(\w{1,40})="((?:[^"\\]|\\.)*)"', re.ASCII)


def matches(head: bytes) -> bool:
    return b'dionaea_action="' in head


def read(source: Source, problems: list[Problem]) -> Iterator[Record]:
    """Yield the sessions; other event types of the same log are passed over."""
    return read_records(source, problems, _decode)


def _decode(location: Location, line: str) -> LogRecord | None:
    pairs = dict(PAIR.findall(line))
    if not pairs:
        raise BadRecord('the line holds no name="value" pairs')
    action = pairs.get("dionaea_action")
    if action is None or action == "listen":
        return None
    return session(
        location,
        FORMAT,
        iso_ns(line),
        action=action,
        transport=pairs.get("transport", ""),
        remote=endpoint(pairs.get("src"), pairs.get("src_port")),
        local=endpoint(pairs.get("dest"), pairs.get("dest_port")),
        service=pairs.get("protocol", ""),
        raw=line,
    )
