"""dionaea's own JSON log (log_json). `src_*` is always the remote side, `dst_*` always the decoy's.

Source: dionaea's modules/python/dionaea/log_json.py. Type `connect` means that the decoy itself
dialled out, so its "destination" opened the conversation.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..types import Location, LogRecord, Problem, Record
from .dionaea import session
from .source import Source
from .values import BadRecord, endpoint, inner, iso_ns, json_object, read_records, text

FORMAT = "dionaea.json"


def matches(head: bytes) -> bool:
    lines = head.split(b"\n", 20)
    signs = (b'"connection"', b'"transport"', b'"src_ip"')
    return any(line.lstrip().startswith(b"{") and all(sign in line for sign in signs) for line in lines)


def read(source: Source, problems: list[Problem]) -> Iterator[Record]:
    """Yield the sessions; `listen` has no peer and is passed over."""
    return read_records(source, problems, _decode)


def _decode(location: Location, line: str) -> LogRecord | None:
    event = json_object(line)
    connection = inner(event, "connection")
    if not connection:
        raise BadRecord("the event has no connection")
    if text(connection, "type") == "listen":
        return None
    return session(
        location,
        FORMAT,
        iso_ns(event.get("timestamp")),
        action=text(connection, "type"),
        transport=text(connection, "transport"),
        remote=endpoint(event.get("src_ip"), event.get("src_port")),
        local=endpoint(event.get("dst_ip"), event.get("dst_port")),
        service=text(connection, "protocol"),
        raw=line,
    )
