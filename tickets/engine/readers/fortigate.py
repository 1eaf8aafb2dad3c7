"""FortiGate logs: `name=value` pairs of sessions (traffic) and of what its inspection found (utm).

Source: FortiOS Log Message Reference. In traffic logs `src*` is the side that opened the session. `action` is `deny`
where the policy stopped it, `start` at a session's beginning, and else how an allowed session ended: `close`,
`timeout`, `client-rst`, `server-rst`. In logs of intrusion prevention the reference's own samples print a server's
packet with the server as source, so there the source is the packet's. There is no word for inbound: the roles of the
interfaces say it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ..types import (
    Alert,
    Basis,
    Endpoint,
    FlowRecord,
    Location,
    LogRecord,
    Problem,
    Protocol,
    Record,
    Statement,
    Views,
)
from .firewall_session import behind, count_packets, denial_basis, mapped_end, session_outcome
from .icmp import message_ends
from .source import Source
from .values import NS, BadRecord, address, endpoint, epoch_ns, iso_ns, protocol, read_records

FORMAT = "fortinet"
PAIR = re.compile(r'(\w{1,40})=("(?:[^"\\]|\\.)*"|[^\s",]*)', re.ASCII)
SIGN = re.compile(
    rb'(?m)\bdevid="?\w{1,32}"?[ ,][^\n]{0,400}?\blogid="?\d{1,12}"?[ ,]|\blogid="?\d{10}"?[ ,]type='
)
ICMP_SERVICE = re.compile(r"icmp6?/(\d{1,3})/(\d{1,3})", re.IGNORECASE)
# Digits of a moment since 1970 in seconds, milliseconds, microseconds, nanoseconds; releases differ.
UNITS = {10: NS, 13: 1_000_000, 16: 1_000, 19: 1}
ATTACKS = frozenset({"ips", "anomaly", "virus", "waf"})
STOPPED = ("block", "drop", "reset", "deny", "clear")
SEVERITIES = {"critical": 1, "high": 1, "medium": 2, "low": 3, "info": 3}
MESSAGES = ("attack", "virus", "msg", "logdesc")

Pairs = Mapping[str, str]


def matches(head: bytes) -> bool:
    return SIGN.search(head) is not None


def read(source: Source, problems: list[Problem]) -> Iterator[Record]:
    """Yield sessions and detections; events of the device itself are passed over."""
    return read_records(source, problems, _decode)


def _decode(location: Location, line: str) -> Record | None:
    pairs = {name: value.strip('"') for name, value in PAIR.findall(line)}
    if "type" not in pairs:
        raise BadRecord("the line has no type")
    if pairs["type"] not in ("traffic", "utm", "anomaly", "ips") or "srcip" not in pairs:
        return None
    spoken = protocol(pairs.get("proto"))
    if spoken is None:
        if "proto" not in pairs:
            raise BadRecord("the protocol is missing")
        return None
    ends = _ends(spoken, pairs)
    if pairs["type"] == "traffic":
        return _session(location, pairs, spoken, ends, line)
    return _detection(location, pairs, spoken, ends, line)


def _ends(spoken: Protocol, pairs: Pairs) -> tuple[Endpoint, Endpoint]:
    """ICMP has no ports; its type is in the name of the service."""
    src, dst = pairs.get("srcip"), pairs.get("dstip")
    if spoken is not Protocol.ICMP:
        return endpoint(src, pairs.get("srcport")), endpoint(dst, pairs.get("dstport"))
    service = pairs.get("service", "")
    if service.upper() in ("PING", "PING6"):
        return message_ends(src, dst, 128 if ":" in (src or "") else 8, 0)
    named = ICMP_SERVICE.fullmatch(service)
    return (
        message_ends(src, dst, *named.groups())
        if named
        else (Endpoint(address(src), 0), Endpoint(address(dst), 0))
    )


def _time_ns(pairs: Pairs) -> int:
    """When the line was written: `eventtime`, else the device's date and time in its zone."""
    written = pairs.get("eventtime", "")
    if written.isascii() and written.isdigit() and len(written) in UNITS:
        whole = int(written) * UNITS[len(written)]
        return epoch_ns(f"{whole // NS}.{whole % NS:09d}")
    return iso_ns(f"{pairs.get('date', '')} {pairs.get('time', '')}{pairs.get('tz', '')}")


# Traffic


def _session(
    location: Location, pairs: Pairs, spoken: Protocol, ends: tuple[Endpoint, Endpoint], line: str
) -> Record:
    action = pairs.get("action", "")
    if action in ("deny", "start"):
        return _policy(location, pairs, spoken, ends, line)
    end = _time_ns(pairs)
    sent = count_packets(_count(pairs, "sentpkt"), _count(pairs, "sentbyte"))
    received = count_packets(_count(pairs, "rcvdpkt"), _count(pairs, "rcvdbyte"))
    was_reset = action == "server-rst"
    return FlowRecord(
        location=location,
        source="fortinet.traffic",
        time_ns=max(0, end - _count(pairs, "duration") * NS),
        end_ns=end,
        protocol=spoken,
        orig=ends[0],
        resp=ends[1],
        basis=Basis.SESSION,
        outcome=session_outcome(spoken, ends[1], sent, received, was_reset_by_responder=was_reset),
        orig_packets=sent,
        resp_packets=received,
        orig_bytes=_count(pairs, "sentbyte"),
        resp_bytes=_count(pairs, "rcvdbyte"),
        state=action,
        service=_application(pairs),
        flow_id=pairs.get("sessionid", ""),
        translated=_translated(pairs, ends),
        raw=line,
    )


def _policy(
    location: Location, pairs: Pairs, spoken: Protocol, ends: tuple[Endpoint, Endpoint], line: str
) -> LogRecord:
    is_denied = pairs.get("action") == "deny"
    fields = {
        "word": pairs.get("action", ""),
        "reason": "policy" if is_denied else "",
        "acl": pairs.get("policyid", ""),
        "connection": pairs.get("sessionid", ""),
        "zones": " to ".join(pairs.get(name) or "-" for name in ("srcintfrole", "dstintfrole")),
    }
    return LogRecord(
        location=location,
        source="fortinet.traffic",
        time_ns=_time_ns(pairs),
        protocol=spoken,
        src=ends[0],
        dst=ends[1],
        statement=Statement.DENIED if is_denied else Statement.ALLOWED,
        orig=ends[0],
        resp=ends[1],
        basis=denial_basis(spoken, ends[0]) if is_denied else Basis.SESSION,
        service=_application(pairs),
        fields={name: value for name, value in fields.items() if value},
        translated=_translated(pairs, ends),
        raw=line,
    )


def _application(pairs: Pairs) -> str:
    """What was recognised. `service` names the policy's object for the port, which proves nothing."""
    return pairs.get("app", "").lower()


def _translated(pairs: Pairs, ends: tuple[Endpoint, Endpoint]) -> Views:
    """`transip` is the new source, `tranip` the new destination; `trandisp` says which of them hold."""
    src, dst = ends
    kind = pairs.get("trandisp", "noop")
    new_src = (
        mapped_end(src, pairs.get("transip", ""), pairs.get("transport", "")) if "snat" in kind else None
    )
    new_dst = mapped_end(dst, pairs.get("tranip", ""), pairs.get("tranport", "")) if "dnat" in kind else None
    return behind(src, dst, new_src, new_dst)


# Detections


def _detection(
    location: Location, pairs: Pairs, spoken: Protocol, ends: tuple[Endpoint, Endpoint], line: str
) -> Record:
    subtype = pairs.get("subtype", pairs["type"])
    action = pairs.get("action", "")
    if subtype not in ATTACKS and pairs["type"] == "utm" and not action.startswith(STOPPED):
        return _use(location, pairs, spoken, ends, line)
    number = pairs.get("attackid", "")
    return Alert(
        protocol=spoken,
        src=ends[0],
        dst=ends[1],
        location=location,
        source="fortinet.utm",
        time_ns=_time_ns(pairs),
        sid=int(number) if number.isascii() and number.isdigit() and len(number) <= 10 else None,
        message=next((pairs[name] for name in MESSAGES if pairs.get(name)), subtype),
        category=subtype,
        severity=SEVERITIES.get(pairs.get("severity", pairs.get("crlevel", ""))),
        action=action,
        direction=pairs.get("direction", ""),
        flow_id=pairs.get("sessionid", ""),
        raw=line,
    )


def _use(
    location: Location, pairs: Pairs, spoken: Protocol, ends: tuple[Endpoint, Endpoint], line: str
) -> LogRecord:
    """What passed inspection (an application, a URL, a name): its addresses are the session's."""
    fields = {
        "url": pairs.get("url", ""),
        "action": pairs.get("action", ""),
        "host": pairs.get("hostname", ""),
    }
    return LogRecord(
        location=location,
        source="fortinet.utm",
        time_ns=_time_ns(pairs),
        protocol=spoken,
        src=ends[0],
        dst=ends[1],
        statement=Statement.SEEN,
        service=_application(pairs),
        fields={name: value for name, value in fields.items() if value},
        raw=line,
    )


def _count(pairs: Pairs, name: str) -> int:
    value = pairs.get(name, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 16 else 0
