"""Cisco ASA and Firepower Threat Defense: connections built and torn down, and packets denied.

Source: Cisco ASA Series Syslog Messages. In 302013 to 302016 the side named first is the one of
lower security, not the source; the word inbound or outbound says which of the two opened the
conversation. "Built" is written before the handshake: it is a permission, not an answer. A line about a packet
prints the packet's source, and the address by which the outside knows a translated host.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from ..types import (
    Basis,
    Endpoint,
    Location,
    LogRecord,
    Problem,
    Protocol,
    QuotedPacket,
    Record,
    Statement,
    Views,
)
from .icmp import message_ends
from .packet_line import UNKNOWN, Opener, opener
from .source import Source
from .syslog import written_ns
from .values import SYSLOG_TIME, BadRecord, address, port, protocol, read_records, syslog_ns

FORMAT = "cisco.asa"
MESSAGE = re.compile(r"%(?:ASA|FTD)-(?:\w+-)?\d-(\d{6}): ?(.*)", re.DOTALL)
SIGN = re.compile(rb"%(?:ASA|FTD)-(?:\w+-)?\d-\d{6}:")
# A relay writes its own time before the device's: more than both, and a host, does not stand before a message.
HEADER = 512
# Translations that are kept to read later packets by, the oldest forgotten first.
MAX_TRANSLATIONS = 65536
FTP_DATA = 20
# An interface may not hold a colon, an IPv6 address does: so the shortest name before the first colon.
SIDE = r"(?:[^\s:]+):(\S+)/(\d+)"
USER = r"(?: ?\([^)]{0,255}\))?"
MAPPED = rf" \((\S+)/(\d+)\){USER}"
BUILT = re.compile(
    rf"Built (inbound|outbound) (?:Probe )?(TCP|UDP) connection (\d+) for {SIDE}{MAPPED} to {SIDE}{MAPPED}"
)
TEARDOWN = re.compile(
    rf"Teardown (?:Probe )?(TCP|UDP) connection (\d+) for {SIDE}{USER} to {SIDE}{USER}"
    r" duration ([\d:]+) bytes (\d+)(?: ([^(]*))?"
)
ICMP = re.compile(
    rf"(?:Built|Teardown)(?: (inbound|outbound))? ICMP connection(?: \d+)? for faddr (\S+?)/\d+{USER}"
    rf" gaddr (\S+?)/\d+ laddr (\S+?)/\d+{USER}(?:\s+type (\d+) code (\d+))?"
)
TRANSLATION = re.compile(
    rf"Built (?:dynamic|static) (TCP|UDP) translation from {SIDE}{USER} to (?:[^\s:]+):(\S+)/(\d+)"
)
DENIED = re.compile(
    r"Deny (?:inbound )?(?:protocol )?(\S+) src [^\s:]+:(\S+?)(?:/(\d+))?(?:\([^)]{0,255}\))?"
    r" dst [^\s:]+:(\S+?)(?:/(\d+))?(?:\([^)]{0,255}\))?(?= |$)"
    r"(?: \(type (\d+), code (\d+)\))?(?: by access-group \"([^\"]*)\")?"
)
DENIED_INBOUND = re.compile(
    r"Inbound TCP connection denied from (\S+)/(\d+) to (\S+)/(\d+) flags ([A-Z ]*?) +on interface"
)
DENIED_NO_CONNECTION = re.compile(
    r"Deny TCP \(no connection\) from (\S+)/(\d+) to (\S+)/(\d+) flags ([A-Z ]*?) +on interface"
)
DENIED_UDP = re.compile(r"Deny inbound UDP from (\S+)/(\d+) to (\S+)/(\d+)(?: due to DNS (Query|Response))?")
ACCESS_LIST = re.compile(
    r"access-list (\S+) (permitted|denied|est-allowed) (\S+) [^\s/]+/(\S{1,64})\((\d+)\)\S{0,255} -> [^\s/]+/(\S{1,64})\((\d+)\)"
)
TO_THE_BOX = re.compile(
    r"(TCP|UDP) (access permitted|access denied by ACL|request discarded) from (\S+)/(\d+) to [^\s:]+:(\S+)/(\S+)"
)
ICMP_ERROR = re.compile(
    r"No matching connection for ICMP error message: icmp src [^\s:]+:(\S+) dst [^\s:]+:(\S+)"
    r" \(type (\d+), code (\d+)\) on \S+ interface\. +Original IP payload: (\w+) src (\S+) dst (\S+)"
)
# Names that the device writes in the place of its own ports.
SERVICES = {
    "ssh": 22, "telnet": 23, "tftp": 69, "http": 80, "www": 80, "ntp": 123, "netbios-ns": 137, "netbios-dgm": 138,
    "snmp": 161, "snmptrap": 162, "bgp": 179, "https": 443, "isakmp": 500, "syslog": 514, "rip": 520, "domain": 53,
    "bootps": 67, "bootpc": 68,
}  # fmt: skip

Translations = dict[tuple[Protocol, Endpoint], Endpoint]


def matches(head: bytes) -> bool:
    return SIGN.search(head) is not None


def read(source: Source, problems: list[Problem]) -> Iterator[Record]:
    """Yield what the messages below say of conversations; other messages are passed over."""
    translations: Translations = {}

    def decode(location: Location, line: str) -> LogRecord | None:
        message = MESSAGE.search(line)
        if message is None:
            raise BadRecord("the line holds no %ASA message")
        decode_message = MESSAGES.get(message[1])
        if decode_message is None:
            return None
        time_ns = _written_ns(line[: message.start()])
        return decode_message(Line(location, time_ns, message[2], line, translations))

    return read_records(source, problems, decode)


def _written_ns(header: str) -> int:
    """The device's own time has a year; a relay's, which stands before it, has none."""
    with_year = next((found for found in SYSLOG_TIME.finditer(header[:HEADER]) if found[3]), None)
    return syslog_ns(with_year[0]) if with_year else written_ns(header)


class Line:
    """One message: where, when, its text. Makes the records that the functions below fill in."""

    def __init__(
        self, location: Location, time_ns: int, said: str, raw: str, translations: Translations
    ) -> None:
        self.location = location
        self.time_ns = time_ns
        self.said = said
        self.raw = raw
        self.translations = translations

    def match(self, pattern: re.Pattern[str]) -> re.Match[str]:
        match = pattern.match(self.said)
        if match is None:
            raise BadRecord("the message is not written as Cisco documents it")
        return match

    def note_translation(self, spoken: Protocol, real: Endpoint, mapped: Endpoint) -> None:
        if real == mapped:
            return
        self.translations.pop((spoken, mapped), None)
        self.translations[spoken, mapped] = real
        if len(self.translations) > MAX_TRANSLATIONS:
            del self.translations[next(iter(self.translations))]

    def record(
        self,
        spoken: Protocol,
        ends: tuple[Endpoint, Endpoint],
        statement: Statement,
        fields: Mapping[str, str],
        opened: Opener = UNKNOWN,
        translated: Views = (),
        quoted: QuotedPacket | None = None,
    ) -> LogRecord:
        """Make the record of a conversation between `ends`, in the order of printing."""
        (src, dst), (orig, basis) = ends, opened
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
            basis=basis,
            translated=translated,
            quoted=quoted,
            fields={name: value for name, value in fields.items() if value},
            raw=self.raw,
        )

    def packet(
        self,
        spoken: Protocol,
        ends: tuple[Endpoint, Endpoint],
        statement: Statement,
        fields: Mapping[str, str],
        opened: Opener,
    ) -> LogRecord:
        """Make the record of a packet. A translation that was built before says whose address it carries."""
        src, dst = (self.translations.get((spoken, end), end) for end in ends)
        translated: Views = () if (src, dst) == ends else ((src, dst),)
        return self.record(spoken, ends, statement, fields, opened, translated)


def _end(ip: str, number: str | None) -> Endpoint:
    return Endpoint(address(ip), port(number or "0"))


# Connections


def _built(line: Line) -> LogRecord:
    """302013, 302015: `for` the side of lower security, `to` the other; inbound comes from the lower."""
    word, transport, serial, *ends = line.match(BUILT).groups()
    spoken = Protocol(transport.lower())
    lower, higher = _end(*ends[0:2]), _end(*ends[4:6])
    mapped_lower, mapped_higher = _end(*ends[2:4]), _end(*ends[6:8])
    line.note_translation(spoken, lower, mapped_lower)
    line.note_translation(spoken, higher, mapped_higher)
    fields = {
        "word": word,
        "connection": serial,
        "mapped_src": str(mapped_lower),
        "mapped_dst": str(mapped_higher),
    }
    # An end is mapped for those on the other side: so is each side's view of the connection.
    views = dict.fromkeys([(lower, mapped_higher), (mapped_lower, higher)])
    translated = tuple(view for view in views if view != (lower, higher))
    opened = _by_word(lower, higher, word)
    return line.record(spoken, (lower, higher), Statement.ALLOWED, fields, opened, translated)


def _by_word(lower: Endpoint, higher: Endpoint, word: str) -> Opener:
    """The word of an FTP data connection is its control connection's. In active mode the server opens it, from
    port 20 (RFC 959, 3.2): a word that says otherwise proves nothing."""
    orig, resp = (lower, higher) if word == "inbound" else (higher, lower)
    return UNKNOWN if resp.port == FTP_DATA else (orig, Basis.SESSION)


def _teardown(line: Line) -> LogRecord:
    """302014, 302016: how it ended. Who opened it was said when it was built."""
    transport, serial, *ends, duration, size, reason = line.match(TEARDOWN).groups()
    fields = {"connection": serial, "duration": duration, "bytes": size, "reason": (reason or "").strip()}
    sides = _end(*ends[0:2]), _end(*ends[2:4])
    return line.record(Protocol(transport.lower()), sides, Statement.CLOSED, fields)


def _icmp(line: Line) -> LogRecord:
    """302020, 302021: `faddr` is the other host, `laddr` the host behind the firewall and `gaddr` what the outside
    calls it. Inbound comes from `faddr`. Older releases do not write the type (0)."""
    word, foreign, mapped, local, kind, code = line.match(ICMP).groups()
    is_inbound = word != "outbound"
    src, dst = (foreign, local) if is_inbound else (local, foreign)
    orig, resp = (
        message_ends(src, dst, kind, code) if kind else (Endpoint(address(src), 0), Endpoint(address(dst), 0))
    )
    sides = (orig, resp) if is_inbound else (resp, orig)
    seen = (sides[0], Endpoint(address(mapped), sides[1].port))
    translated: Views = () if seen == sides else (seen,)
    if word is None:
        return line.record(Protocol.ICMP, sides, Statement.CLOSED, {}, UNKNOWN, translated)
    opened = (orig, Basis.SESSION)
    return line.record(Protocol.ICMP, sides, Statement.ALLOWED, {"word": word}, opened, translated)


def _translation(line: Line) -> None:
    """305011: of no conversation yet, but later packets carry the address that it gives."""
    if (match := TRANSLATION.match(line.said)) is not None:
        transport, ip, number, mapped_ip, mapped_number = match.groups()
        real, mapped = _end(ip, number), _end(mapped_ip, mapped_number)
        line.note_translation(Protocol(transport.lower()), real, mapped)


# Packets


def _denied(line: Line) -> LogRecord | None:
    """106010, 106014, 106023: of TCP a packet that would have opened a conversation; one without is told by 106015."""
    transport, src_ip, src_port, dst_ip, dst_port, kind, code, group = line.match(DENIED).groups()
    spoken = protocol(transport)
    if spoken is None:
        return None
    ends = (
        message_ends(src_ip, dst_ip, kind or "0", code or "0")
        if spoken is Protocol.ICMP
        else (_end(src_ip, src_port), _end(dst_ip, dst_port))
    )
    fields = {"reason": "access-group" if group else "policy", "acl": group or ""}
    opened = opener(spoken, *ends, ("SYN",), Statement.DENIED)
    return line.packet(spoken, ends, Statement.DENIED, fields, opened)


def _denied_inbound(line: Line) -> LogRecord:
    """106001: the flags are the packet's, and only a SYN opens a conversation."""
    return _denied_with_flags(line, DENIED_INBOUND, "policy")


def _denied_no_connection(line: Line) -> LogRecord:
    """106015: no conversation is known to the firewall. A SYN-ACK among them is a late or stray reply."""
    return _denied_with_flags(line, DENIED_NO_CONNECTION, "no connection")


def _denied_with_flags(line: Line, pattern: re.Pattern[str], reason: str) -> LogRecord:
    src_ip, src_port, dst_ip, dst_port, flags = line.match(pattern).groups()
    ends = _end(src_ip, src_port), _end(dst_ip, dst_port)
    opened = opener(Protocol.TCP, *ends, flags.split(), Statement.DENIED)
    fields = {"reason": reason, "flags": flags.strip()}
    return line.packet(Protocol.TCP, ends, Statement.DENIED, fields, opened)


def _denied_udp(line: Line) -> LogRecord:
    """106006, 106007: a DNS response comes from the side that was asked."""
    src_ip, src_port, dst_ip, dst_port, dns = line.match(DENIED_UDP).groups()
    src, dst = _end(src_ip, src_port), _end(dst_ip, dst_port)
    fields = {"reason": f"DNS {dns}" if dns else "policy"}
    opened = (dst, Basis.REPLY) if dns == "Response" else (src, Basis.FIRST_PACKET)
    return line.packet(Protocol.UDP, (src, dst), Statement.DENIED, fields, opened)


def _access_list(line: Line) -> LogRecord | None:
    """106100: `permitted` may stand beside a stray packet that is dropped later, so it names no originator. Of ICMP
    type and code stand in the place of the ports."""
    name, word, transport, src_ip, src_port, dst_ip, dst_port = line.match(ACCESS_LIST).groups()
    spoken = protocol(transport)
    if spoken is None:
        return None
    ends = (
        message_ends(src_ip, dst_ip, src_port, dst_port)
        if spoken is Protocol.ICMP
        else (_end(src_ip, src_port), _end(dst_ip, dst_port))
    )
    statement = Statement.DENIED if word == "denied" else Statement.ALLOWED
    is_opening = spoken is not Protocol.TCP or statement is Statement.DENIED
    opened = opener(spoken, *ends, ("SYN",), statement) if is_opening else UNKNOWN
    return line.packet(spoken, ends, statement, {"word": word, "acl": name}, opened)


def _to_the_box(line: Line) -> LogRecord:
    """710002, 710003, 710005: to the firewall itself. A discarded segment of TCP may belong to what is gone."""
    transport, said, src_ip, src_port, dst_ip, service = line.match(TO_THE_BOX).groups()
    spoken = Protocol(transport.lower())
    ends = _end(src_ip, src_port), Endpoint(address(dst_ip), SERVICES.get(service) or port(service))
    statement = Statement.ALLOWED if said == "access permitted" else Statement.DENIED
    is_discarded = said == "request discarded"
    knows = spoken is Protocol.UDP or not is_discarded
    opened = opener(spoken, *ends, ("SYN",), statement) if knows else UNKNOWN
    fields = {"word": said, "reason": "" if statement is Statement.ALLOWED else said}
    return line.packet(spoken, ends, statement, fields, opened)


def _icmp_error(line: Line) -> LogRecord | None:
    """313005: an ICMP error about a packet that the firewall knows no connection of."""
    src, dst, kind, code, transport, quoted_src, quoted_dst = line.match(ICMP_ERROR).groups()
    ends = message_ends(src, dst, kind, code)
    spoken = protocol(transport)
    quoted = None
    if spoken in (Protocol.TCP, Protocol.UDP):
        quoted = QuotedPacket(protocol=spoken, src=_quoted_end(quoted_src), dst=_quoted_end(quoted_dst))
    opened = opener(Protocol.ICMP, *ends, (), Statement.DENIED)
    fields = {"reason": "no connection"}
    return line.record(Protocol.ICMP, ends, Statement.DENIED, fields, opened, quoted=quoted)


def _quoted_end(text: str) -> Endpoint:
    ip, _, number = text.rstrip(".").partition("/")
    return _end(ip, number)


MESSAGES: dict[str, Callable[[Line], LogRecord | None]] = {
    "302013": _built,
    "302014": _teardown,
    "302015": _built,
    "302016": _teardown,
    "302020": _icmp,
    "302021": _icmp,
    "305011": _translation,
    "106001": _denied_inbound,
    "106006": _denied_udp,
    "106007": _denied_udp,
    "106010": _denied,
    "106014": _denied,
    "106015": _denied_no_connection,
    "106023": _denied,
    "106100": _access_list,
    "313005": _icmp_error,
    "710002": _to_the_box,
    "710003": _to_the_box,
    "710005": _to_the_box,
}
