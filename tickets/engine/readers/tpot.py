"""T-Pot's index: the lines of many decoys and sensors, brought to the names `src_*` and `dest_*`.

Source: T-Pot's docker/elk/logstash/dist/logstash.conf. `type` names who wrote the line. For some decoys the
pipeline fills in the destination from its own configuration (a constant port, the address of the whole host): there
only the source is evidence, and the destination's port is left open (0). Where the decoy states it, the destination
is the one inside its container.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import chain
from typing import Any

from ..types import Basis, Endpoint, Location, LogRecord, Problem, Protocol, Record, Statement, Views
from . import cowrie, dionaea, eve, honeytrap
from .source import Source
from .values import address, endpoint, inner, iso_ns, json_object, protocol, read_records, text

FORMAT = "tpot"
# Decoys that state the destination themselves; of all others it is configuration.
STATED = frozenset({"adbhoney", "conpot", "glutton", "heralding", "honeypots", "honeypy"})
# T-Pot's own web server, and what writes no conversations.
NO_DECOYS = frozenset({"nginx"})
UDP_TYPES = frozenset({"ddospot", "sentrypeer"})
UDP_SERVICES = frozenset({"snmp", "tftp", "bacnet", "ipmi"})  # conpot's
TRANSPORTS = ("transport", "transport_type", "proto", "protocol")
CLIENT_SIGNS = frozenset(
    {"ja3", "hassh", "client", "requestMethod", "userAgent", "clientHeaderHash", "rdfp", "cookie"}
)
SERVER_SIGNS = frozenset({"ja3s", "hasshServer", "server", "serverHeaderHash"})


def matches(head: bytes) -> bool:
    lines = head.split(b"\n", 20)
    return any(b'"t-pot_' in line and b'"type"' in line for line in lines)


def read(source: Source, problems: list[Problem]) -> Iterator[Record]:
    """Yield what each line's own format would; a line of no known kind is passed over."""
    sessions = cowrie.Sessions()

    def decode(location: Location, line: str) -> tuple[Record | None, ...]:
        event = _event(json_object(line))
        kind = text(event, "type").lower()
        if kind == "cowrie":
            return (_cowrie(location, event, line, sessions),)
        return READERS.get(kind, _decoy)(location, event, line)

    found = chain.from_iterable(read_records(source, problems, decode))
    return (record for record in found if record is not None)


def _event(document: dict[str, Any]) -> dict[str, Any]:
    """An export of the index wraps each event; the pipeline may have moved its time."""
    event = inner(document, "_source") or document
    return event if "timestamp" in event else {**event, "timestamp": event.get("@timestamp")}


def _outside(event: dict[str, Any]) -> Views:
    """The same session before the host hands it to the container: T-Pot publishes a container's ports as they are."""
    if "dest_ip" not in event or "dest_port" not in event:
        return ()
    client = endpoint(event.get("src_ip"), event.get("src_port"))
    inside = endpoint(event.get("dest_ip"), event.get("dest_port"))
    hosts = (event[name] for name in ("t-pot_ip_int", "t-pot_ip_ext") if isinstance(event.get(name), str))
    published = dict.fromkeys(Endpoint(address(host), inside.port) for host in hosts)
    return tuple((client, end) for end in published if end != inside)


def _cowrie(
    location: Location, event: dict[str, Any], line: str, sessions: cowrie.Sessions
) -> LogRecord | None:
    record = cowrie.read_event(location, "tpot.cowrie", event, line, sessions)
    is_first = text(event, "eventid") == "cowrie.session.connect"
    return replace(record, translated=_outside(event)) if record is not None and is_first else record


def _dionaea(location: Location, event: dict[str, Any], line: str) -> tuple[Record | None, ...]:
    connection = inner(event, "connection")
    if text(connection, "type") == "listen":
        return ()
    return (
        dionaea.session(
            location,
            "tpot.dionaea",
            iso_ns(event.get("timestamp")),
            action=text(connection, "type"),
            transport=text(connection, "transport"),
            remote=endpoint(event.get("src_ip"), event.get("src_port")),
            local=endpoint(event.get("dest_ip"), event.get("dest_port")),
            service=text(connection, "protocol"),
            translated=_outside(event),
            raw=line,
        ),
    )


def _honeytrap(location: Location, event: dict[str, Any], line: str) -> tuple[Record | None, ...]:
    return honeytrap.read_attack(location, "tpot.honeytrap", event, line)


def _suricata(location: Location, event: dict[str, Any], line: str) -> tuple[Record | None, ...]:
    return (eve.read_event(location, event, line),)


def _p0f(location: Location, event: dict[str, Any], line: str) -> tuple[Record | None, ...]:
    """p0f follows a connection from its SYN on (process.c), and calls the sender of that SYN the client."""
    fields = {name: text(event, name) for name in ("mod", "subject", "os") if text(event, name)}
    if fields.get("mod") == "syn":
        fields["flags"] = "SYN"
    record = _seen(location, "p0f", event, line, Basis.HANDSHAKE, fields)
    return (_with_originator(record, record.src),)


def _fatt(location: Location, event: dict[str, Any], line: str) -> tuple[Record | None, ...]:
    """A fingerprint is of a client's message or of a server's, and the source is who sent that message."""
    names = {
        name
        for key, value in event.items()
        if key.startswith("fatt_") and isinstance(value, dict)
        for name in value
    }
    record = _seen(location, "fatt", event, line, Basis.PARSER, {"protocol": text(event, "protocol")})
    if record.protocol is Protocol.UDP or not names & (CLIENT_SIGNS | SERVER_SIGNS):
        return (record,)
    return (_with_originator(record, record.dst if names & SERVER_SIGNS else record.src),)


def _decoy(location: Location, event: dict[str, Any], line: str) -> tuple[Record | None, ...]:
    """A decoy's own line: TCP is told of only once the connection stands, a datagram as it comes."""
    kind = text(event, "type").lower()
    if not kind or kind in NO_DECOYS or "src_ip" not in event or "src_port" not in event:
        return ()
    spoken = _transport(kind, event)
    client = endpoint(event.get("src_ip"), event.get("src_port"))
    decoy = _destination(kind, event)
    fields = {"action": text(event, "action"), "user": text(event, "username"), "decoy": text(event, "type")}
    return (
        LogRecord(
            location=location,
            source=f"tpot.{kind}",
            time_ns=iso_ns(event.get("timestamp")),
            protocol=spoken,
            src=client,
            dst=decoy,
            statement=Statement.ACCEPTED if spoken is Protocol.TCP else Statement.SEEN,
            orig=client,
            resp=decoy,
            basis=Basis.DECOY,
            translated=_outside(event) if decoy.port else (),
            fields={name: value for name, value in fields.items() if value},
            raw=line,
        ),
    )


def _transport(kind: str, event: dict[str, Any]) -> Protocol:
    stated = (protocol(event[name]) for name in TRANSPORTS if isinstance(event.get(name), str))
    found = next((spoken for spoken in stated if spoken in (Protocol.TCP, Protocol.UDP)), None)
    if found is not None:
        return found
    is_udp = kind in UDP_TYPES or text(event, "data_type") in UDP_SERVICES
    return Protocol.UDP if is_udp else Protocol.TCP


def _destination(kind: str, event: dict[str, Any]) -> Endpoint:
    if kind in STATED and "dest_ip" in event and "dest_port" in event:
        return endpoint(event.get("dest_ip"), event.get("dest_port"))
    known = next(
        (event[name] for name in ("t-pot_ip_ext", "dest_ip") if isinstance(event.get(name), str)), None
    )
    return Endpoint(address(known), 0) if known else Endpoint(kind, 0)


def _seen(
    location: Location, source: str, event: dict[str, Any], line: str, basis: Basis, fields: dict[str, str]
) -> LogRecord:
    return LogRecord(
        location=location,
        source=source,
        time_ns=iso_ns(event.get("timestamp")),
        protocol=Protocol.UDP if "fatt_gquic" in event else Protocol.TCP,
        src=endpoint(event.get("src_ip"), event.get("src_port")),
        dst=endpoint(event.get("dest_ip"), event.get("dest_port")),
        statement=Statement.SEEN,
        basis=basis,
        fields=fields,
        raw=line,
    )


def _with_originator(record: LogRecord, orig: Endpoint) -> LogRecord:
    return replace(record, orig=orig, resp=record.dst if orig == record.src else record.src)


READERS: dict[str, Callable[[Location, dict[str, Any], str], tuple[Record | None, ...]]] = {
    "dionaea": _dionaea,
    "fatt": _fatt,
    "honeytrap": _honeytrap,
    "p0f": _p0f,
    "suricata": _suricata,
}
