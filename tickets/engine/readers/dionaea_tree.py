"""dionaea's database as its tool readlogsqltree prints it: a time, then sessions with those that they caused indented.

Source: dionaea's modules/python/util/readlogsqltree.py. Local is printed first and the arrow points from the side
that opened the session: `local <- remote` for accept, reject and pending, `local -> name/remote` for connect.
Only the outermost session has a time; those below it come after it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..types import Endpoint, Location, LogRecord, Problem, Record
from .dionaea import session
from .source import Source
from .values import BadRecord, endpoint, iso_ns, read_records

FORMAT = "dionaea.tree"
SESSION = re.compile(
    r"\s*connection \d+ (\S+) (\S+) (\S+) (\S+):(\d+)(?: (<-|->) (\S*):(\d+))?(?: \(.*\))?\s*$"
)
START = re.compile(rb"(?m)^ *connection \d+ \S+ \S+ (?:accept|reject|pending|connect|listen) \S+:\d+")
TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\s*$")
ARROWS = {"accept": "<-", "reject": "<-", "pending": "<-", "connect": "->"}


def matches(head: bytes) -> bool:
    return START.search(head) is not None


def read(source: Source, problems: list[Problem]) -> Iterator[Record]:
    """Yield the sessions; what was done in them is passed over, and so is `listen`, which has no peer."""
    root_ns = 0

    def decode(location: Location, line: str) -> LogRecord | None:
        nonlocal root_ns
        if TIME.match(line):
            root_ns = iso_ns(line)
            return None
        return _session(location, line, root_ns) if line.lstrip().startswith("connection ") else None

    return read_records(source, problems, decode)


def _session(location: Location, line: str, time_ns: int) -> LogRecord | None:
    match = SESSION.match(line)
    if match is None:
        raise BadRecord("the session is not written as readlogsqltree writes it")
    service, transport, action, ip, port, arrow, peer, peer_port = match.groups()
    if action == "listen":
        return None
    if action not in ARROWS:
        raise BadRecord(f"{action[:40]!r} is not a type of session that dionaea knows")
    if arrow != ARROWS[action]:
        raise BadRecord(
            f"the arrow {arrow or 'that is missing'} does not fit a session of type {action[:40]}"
        )
    return session(
        location,
        FORMAT,
        time_ns,
        action=action,
        transport=transport,
        remote=_peer(peer, peer_port),
        local=endpoint(ip, port),
        service=service,
        raw=line,
    )


def _peer(text: str, port: str) -> Endpoint:
    """A session that the decoy opened names its peer as well, and tools differ in which stands first."""
    first, _, second = text.partition("/")
    try:
        return endpoint(second or first, port)
    except BadRecord:
        return endpoint(first, port)
