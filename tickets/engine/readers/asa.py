"""Cisco ASA: connections built and torn down, and packets denied.

Source: Cisco ASA Series Syslog Messages. In 302013 to 302016 the side named first is the one of
lower security, not the source; the word inbound or outbound says which of the two opened the
conversation. "Built" is written before the handshake: it is a permission, not an answer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from ..types import Basis, Endpoint, Location, LogRecord, Problem, Protocol, Record, Statement, Views
from .source import Source
from .transport import COUNTERPARTS
from .values import BadRecord, address, port, protocol, read_records, syslog_ns

FORMAT = "cisco.asa"
MESSAGE = re.compile(r"%ASA-(?:\w+-)?\d-(\d{6}): ?(.*)", re.DOTALL)
SYSLOG_START = re.compile(r"(?:<\d{1,3}>)?(?:\d+ )?")
# An interface may not hold a colon, an IPv6 address does: so the shortest name before the first colon.
SIDE = r"(?:[^\s:]+):(\S+)/(\d+)"
MAPPED = r" \((\S+)/(\d+)\)(?: ?\([^)]*\))?"
BUILT = re.compile(
    rf"Built (inbound|outbound) (TCP|UDP) connection (\d+) for {SIDE}{MAPPED} to {SIDE}{MAPPED}"
)
TEARDOWN = re.compile(
    rf"Teardown (TCP|UDP) connection (\d+) for {SIDE}(?: ?\([^)]*\))? to {SIDE}(?: ?\([^)]*\))?"
    r" duration ([\d:]+) bytes (\d+)(?: ([^(]*))?"
)
DENIED_BY_GROUP = re.compile(
    r"Deny (\S+) src [^\s:]+:(\S+?)(?:/(\d+))? dst [^\s:]+:(\S+?)(?:/(\d+))?"
    r"(?: \(type (\d+), code (\d+)\))? by access-group \"([^\"]*)\""
)
DENIED_INBOUND = re.compile(
    r"Inbound TCP connection denied from (\S+)/(\d+) to (\S+)/(\d+) flags ([A-Z ]*?) +on interface"
)
DENIED_NO_CONNECTION = re.compile(
    r"Deny TCP \(no connection\) from (\S+)/(\d+) to (\S+)/(\d+) flags ([A-Z ]*?) +on interface"
)
DENIED_UDP = re.compile(r"Deny inbound UDP from (\S+)/(\d+) to (\S+)/(\d+)(?: due to DNS (Query|Response))?")
ACCESS_LIST = re.compile(
    r"access-list (\S+) (permitted|denied|est-allowed) (\S+) [^\s/]+/(\S+)\((\d+)\)\S* -> [^\s/]+/(\S+)\((\d+)\)"
)


def matches(head: bytes) -> bool:
    return b"%ASA-" in head


def read(source: Source, problems: list[Problem]) -> Iterator[Record]:
    """Yield what the messages below say of conversations; other messages are passed over."""
    return read_records(source, problems, _decode)


def _decode(location: Location, line: str) -> LogRecord | None:
    message = MESSAGE.search(line)
    if message is None:
        raise BadRecord("the line holds no %ASA message")
    decode = MESSAGES.get(message[1])
    if decode is None:
        return None
    start = SYSLOG_START.match(line)
    time_ns = syslog_ns(line[start.end() if start else 0 :])
    return decode(Line(location, time_ns, message[2], line))


class Line:
    """One message: where, when, its text. Makes the records that the functions below fill in."""

    def __init__(self, location: Location, time_ns: int, said: str, raw: str) -> None:
        self.location = location
        self.time_ns = time_ns
        self.said = said
        self.raw = raw

    def match(self, pattern: re.Pattern[str]) -> re.Match[str]:
        match = pattern.match(self.said)
        if match is None:
            raise BadRecord("the message is not written as Cisco documents it")
        return match

    def record(
        self,
        spoken: Protocol,
        src: Endpoint,
        dst: Endpoint,
        statement: Statement,
        fields: Mapping[str, str],
        orig: Endpoint | None = None,
        translated: Views = (),
    ) -> LogRecord:
        """Make the record; `orig` is one of the two ends, or None where the message does not say."""
        return LogRecord(
            location=self.location,
            source=FORMAT,
            time_ns=self.time_ns,
            protocol=spoken,
            src=src,
            dst=dst,
            statement=statement,
            orig=orig,
            resp=None if orig is None else (dst if orig == src else src),
            basis=Basis.DENIED_PACKET if statement is Statement.DENIED else Basis.SESSION,
            translated=translated,
            fields={name: value for name, value in fields.items() if value},
            raw=self.raw,
        )


def _end(ip: str, number: str | None) -> Endpoint:
    return Endpoint(address(ip), port(number or "0"))


def _built(line: Line) -> LogRecord:
    """302013, 302015: `for` the side of lower security, `to` the other; inbound comes from the lower."""
    word, transport, serial, *ends = line.match(BUILT).groups()
    lower, higher = _end(*ends[0:2]), _end(*ends[4:6])
    mapped_lower, mapped_higher = _end(*ends[2:4]), _end(*ends[6:8])
    fields = {
        "word": word,
        "connection": serial,
        "mapped_src": str(mapped_lower),
        "mapped_dst": str(mapped_higher),
    }
    orig = lower if word == "inbound" else higher
    # An end is mapped for those on the other side: so is each side's view of the connection.
    views = dict.fromkeys([(lower, mapped_higher), (mapped_lower, higher)])
    translated = tuple(view for view in views if view != (lower, higher))
    return line.record(
        Protocol(transport.lower()), lower, higher, Statement.ALLOWED, fields, orig, translated
    )


def _teardown(line: Line) -> LogRecord:
    """302014, 302016: how it ended. Who opened it was said when it was built."""
    transport, serial, *ends, duration, size, reason = line.match(TEARDOWN).groups()
    fields = {"connection": serial, "duration": duration, "bytes": size, "reason": (reason or "").strip()}
    return line.record(
        Protocol(transport.lower()), _end(*ends[0:2]), _end(*ends[2:4]), Statement.CLOSED, fields
    )


def _denied_by_group(line: Line) -> LogRecord | None:
    """106023: a packet that would have opened a conversation; one without is told by 106015."""
    transport, src_ip, src_port, dst_ip, dst_port, kind, code, group = line.match(DENIED_BY_GROUP).groups()
    spoken = protocol(transport)
    if spoken is None:
        return None
    if spoken is Protocol.ICMP:
        family = 58 if ":" in src_ip else 1
        src_port = kind or "0"
        dst_port = str(COUNTERPARTS.get((family, int(src_port)), int(code or 0)))
    src, dst = _end(src_ip, src_port), _end(dst_ip, dst_port)
    return line.record(spoken, src, dst, Statement.DENIED, {"reason": "access-group", "acl": group}, src)


def _denied_inbound(line: Line) -> LogRecord:
    """106001: the flags are the packet's, and only a SYN opens a conversation."""
    return _denied_with_flags(line, DENIED_INBOUND, "policy")


def _denied_no_connection(line: Line) -> LogRecord:
    """106015: no conversation is known to the firewall. A SYN-ACK among them is a late or stray reply."""
    return _denied_with_flags(line, DENIED_NO_CONNECTION, "no connection")


def _denied_with_flags(line: Line, pattern: re.Pattern[str], reason: str) -> LogRecord:
    src_ip, src_port, dst_ip, dst_port, flags = line.match(pattern).groups()
    src, dst = _end(src_ip, src_port), _end(dst_ip, dst_port)
    orig = {"SYN": src, "SYN ACK": dst}.get(flags.strip())
    return line.record(
        Protocol.TCP, src, dst, Statement.DENIED, {"reason": reason, "flags": flags.strip()}, orig
    )


def _denied_udp(line: Line) -> LogRecord:
    """106006, 106007: a DNS response comes from the side that was asked."""
    src_ip, src_port, dst_ip, dst_port, dns = line.match(DENIED_UDP).groups()
    src, dst = _end(src_ip, src_port), _end(dst_ip, dst_port)
    fields = {"reason": f"DNS {dns}" if dns else "policy"}
    return line.record(Protocol.UDP, src, dst, Statement.DENIED, fields, dst if dns == "Response" else src)


def _access_list(line: Line) -> LogRecord | None:
    """106100: `permitted` may stand beside a stray packet that is dropped later, so it names no originator."""
    name, word, transport, src_ip, src_port, dst_ip, dst_port = line.match(ACCESS_LIST).groups()
    spoken = protocol(transport)
    if spoken is None:
        return None
    src, dst = _end(src_ip, src_port), _end(dst_ip, dst_port)
    denied = word == "denied"
    statement = Statement.DENIED if denied else Statement.ALLOWED
    return line.record(spoken, src, dst, statement, {"word": word, "acl": name}, src if denied else None)


MESSAGES: dict[str, Callable[[Line], LogRecord | None]] = {
    "302013": _built,
    "302014": _teardown,
    "302015": _built,
    "302016": _teardown,
    "106001": _denied_inbound,
    "106006": _denied_udp,
    "106007": _denied_udp,
    "106015": _denied_no_connection,
    "106023": _denied_by_group,
    "106100": _access_list,
}
