"""cowrie, a decoy for SSH and Telnet: events of a session, of which only the first carries the ports.

Source: cowrie's docs/OUTPUT.rst. `src_ip` is the client, always; the decoy is the responder. `session` joins the
events. In `cowrie.direct-tcpip.*` the destination is what the client wishes to reach through the decoy and the
origin is what the client claims: neither was on the wire. A login that succeeds is the decoy's choice.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from ..types import Basis, Endpoint, Location, LogRecord, Problem, Protocol, Record, Statement
from .source import Source
from .values import BadRecord, address, endpoint, iso_ns, json_object, port, read_records, text

FORMAT = "cowrie"
# A client that opens sessions without end must not fill the memory.
MAX_SESSIONS = 65536
STATEMENTS = {
    "cowrie.session.connect": Statement.ACCEPTED,
    "cowrie.login.success": Statement.AUTHENTICATED,
    "cowrie.login.failed": Statement.AUTHENTICATION_FAILED,
    "cowrie.session.closed": Statement.CLOSED,
}
RESULTS = {"cowrie.login.success": "accepted", "cowrie.login.failed": "failed"}
# Older releases print the duration in seconds.
DETAILS = {
    "username": "user", "password": "password", "input": "input", "url": "url", "shasum": "sha256",
    "version": "version", "hassh": "hassh", "duration_ms": "duration_ms", "duration": "duration",
}  # fmt: skip
# Where T-Pot renames a field, its name stands second.
WISHED = ("dst_ip", "dest_ip"), ("dst_port", "dest_port")


class Session(NamedTuple):
    """What the first event of a session says of all of them."""

    client: Endpoint
    decoy: Endpoint
    service: str


class Sessions:
    """The sessions that are open, the oldest forgotten first."""

    def __init__(self) -> None:
        self._open: dict[str, Session] = {}

    def begin(self, name: str, session: Session) -> None:
        self._open[name] = session
        if len(self._open) > MAX_SESSIONS:
            del self._open[next(iter(self._open))]

    def find(self, name: str) -> Session | None:
        return self._open.get(name)

    def end(self, name: str) -> None:
        self._open.pop(name, None)


def matches(head: bytes) -> bool:
    lines = head.split(b"\n", 20)
    return any(b'"eventid"' in line and b'"cowrie.' in line and b'"session"' in line for line in lines)


def read(source: Source, problems: list[Problem]) -> Iterator[Record]:
    """Yield every event of a session, between the two ends that its first event names."""
    sessions = Sessions()

    def decode(location: Location, line: str) -> LogRecord | None:
        return read_event(location, FORMAT, json_object(line), line, sessions)

    return read_records(source, problems, decode)


def read_event(
    location: Location, source: str, event: dict[str, Any], raw: str, sessions: Sessions
) -> LogRecord | None:
    """Return the record of one event; None for one that is about no session (the decoy's own start)."""
    kind, name = text(event, "eventid"), text(event, "session")
    if not kind.startswith("cowrie."):
        raise BadRecord("this is no event of cowrie")
    if not name or "src_ip" not in event:
        return None
    if kind == "cowrie.session.connect":
        sessions.begin(name, _session(event))
    session = sessions.find(name) or _cut_session(event)
    if kind == "cowrie.session.closed":
        sessions.end(name)
    return LogRecord(
        location=location,
        source=source,
        time_ns=iso_ns(event.get("timestamp")),
        protocol=Protocol.TCP,
        src=session.client,
        dst=session.decoy,
        statement=STATEMENTS.get(kind, Statement.SEEN),
        orig=session.client,
        resp=session.decoy,
        basis=Basis.DECOY,
        service=session.service,
        fields=_fields(kind, event),
        raw=raw,
    )


def _session(event: dict[str, Any]) -> Session:
    (ip, other_ip), (number, other_number) = WISHED
    decoy = endpoint(event.get(ip, event.get(other_ip)), event.get(number, event.get(other_number)))
    return Session(endpoint(event.get("src_ip"), event.get("src_port")), decoy, text(event, "protocol"))


def _cut_session(event: dict[str, Any]) -> Session:
    """The session began in an earlier file: its ports are not known, nor is the decoy's address (0 is no port)."""
    sensor = text(event, "sensor") or text(event, "t-pot_hostname") or "cowrie"
    return Session(
        Endpoint(address(event.get("src_ip")), 0), Endpoint(sensor[:255], 0), text(event, "protocol")
    )


def _fields(kind: str, event: dict[str, Any]) -> dict[str, str]:
    fields = {"action": kind.removeprefix("cowrie.")}
    if kind in RESULTS:
        fields |= {"method": "password", "result": RESULTS[kind]}
    if kind.startswith("cowrie.direct-tcpip."):
        fields["wished"] = _claimed(event, WISHED)
        fields["claimed"] = _claimed(event, (("orig_ip",), ("orig_port",)))
    details = {shown: event[name] for name, shown in DETAILS.items() if name in event}
    fields |= {name: str(value) for name, value in details.items() if isinstance(value, str | int)}
    return {name: value for name, value in fields.items() if value}


def _claimed(event: dict[str, Any], names: tuple[tuple[str, ...], tuple[str, ...]]) -> str:
    """A host, by address or name, and a port as the client gave them."""
    host, number = (next((event[name] for name in group if name in event), "") for group in names)
    return f"{host}:{port(number)}" if isinstance(host, str) and host else ""
