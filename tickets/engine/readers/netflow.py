"""What a NetFlow or IPFIX record means, whichever way it is written down.

A record sums up the packets from its source to its destination: one direction. Flags are ORed over all of them,
so the server's half of an ordinary connection shows SYN too. Firewalls export events instead (Cisco NSEL; IPFIX
firewallEvent, element 233): there the source is the side that opened the conversation.
"""

from __future__ import annotations

import re
from ipaddress import ip_address

from ..types import (
    Basis,
    Endpoint,
    FlowRecord,
    Location,
    LogRecord,
    Outcome,
    Protocol,
    Statement,
    TcpFlags,
    Views,
)
from .icmp import message_ends
from .values import NS, BadRecord, address, port

FLAG_LETTERS = {
    "C": TcpFlags.CWR, "E": TcpFlags.ECE, "U": TcpFlags.URG, "A": TcpFlags.ACK,
    "P": TcpFlags.PSH, "R": TcpFlags.RST, "S": TcpFlags.SYN, "F": TcpFlags.FIN,
}  # fmt: skip
FLAGS_HEX = re.compile(r"0x[0-9A-Fa-f]{1,4}")
DURATION = re.compile(r"(?:(\d{1,4})d\s?)?(?:(\d{1,2}):(\d{1,2}):)?(\d{1,10})(?:\.(\d{1,9}))?", re.ASCII)
# IANA, IPFIX Information Elements, firewallEvent; the numbers of Cisco's NSEL are the same.
CREATED, DELETED, DENIED, ALERT, UPDATE = 1, 2, 3, 4, 5
EVENTS = {CREATED: "created", DELETED: "deleted", DENIED: "denied", ALERT: "alert", UPDATE: "update"}
# NSEL's extended event 1004: denied because the first packet was no SYN, so its sender need not have asked.
NOT_A_SYN = 1004
# RFC 8158, 4.3: sessions of a translator, with nfdump's short words for them. The rest is of bindings and pools.
NAT_SESSIONS = {1: "created", 2: "deleted", 4: "created", 5: "deleted", 6: "created", 7: "deleted"}
NAT_WORDS = {"ADD": 1, "DELETE": 2, "ADD44": 4, "DEL44": 5, "ADD64": 6, "DEL64": 7}
# A firewall's words, and those for the causes of its denials (nfdump's nffile and util.c).
EVENT_WORDS = {"CREATE": CREATED, "DELETE": DELETED, "DENIED": DENIED, "UPDATE": UPDATE}
CAUSE_WORDS = {"I-ACL": 1001, "E-ACL": 1002, "Adap": 1003, "No Syn": NOT_A_SYN, "NOSYN": NOT_A_SYN}
NO_EVENT = ("", "<no-evt>")


def flags_of(value: object) -> TcpFlags | None:
    """Return flags written as letters with dots or in hexadecimal; None for none that can be read."""
    if isinstance(value, int) and not isinstance(value, bool):
        return TcpFlags(value & 0xFF)
    if not isinstance(value, str) or not value.strip():
        return None
    word = value.strip()
    if FLAGS_HEX.fullmatch(word):
        return TcpFlags(int(word, 16) & 0xFF)
    if len(word) > 8 or set(word) - FLAG_LETTERS.keys() - {"."}:
        return None
    flags = TcpFlags.NONE
    for letter in word:
        flags |= FLAG_LETTERS.get(letter, TcpFlags.NONE)
    return flags


def ends_of(
    spoken: Protocol, src: object, src_port: object, dst: object, dst_port: object
) -> tuple[Endpoint, Endpoint]:
    """Return source and destination. ICMP's type and code stand in the destination's port: 3.3 or 771."""
    src_ip, dst_ip = address(src), address(dst)
    if spoken is Protocol.ICMP:
        return message_ends(src_ip, dst_ip, *_type_and_code(str(dst_port)))
    return Endpoint(src_ip, port(src_port)), Endpoint(dst_ip, port(dst_port))


def _type_and_code(value: str) -> tuple[object, object]:
    kind, dot, code = value.partition(".")
    return (kind, code) if dot else divmod(port(value), 256)


def duration_ns(value: str) -> int:
    """Return a duration: seconds, or days, hours, minutes and seconds."""
    match = DURATION.fullmatch(value.strip())
    if match is None:
        raise BadRecord(f"{value[:60]!r} is not a duration")
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups()[:4])
    whole = ((24 * days + hours) * 60 + minutes) * 60 + seconds
    return whole * NS + int((match[5] or "").ljust(9, "0"))


def count(value: object) -> int:
    """Return a count, written as a number or as text; what is none is 0."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else 0


def unidirectional(
    location: Location,
    source: str,
    *,
    time_ns: int,
    end_ns: int,
    spoken: Protocol,
    ends: tuple[Endpoint, Endpoint],
    packets: tuple[int, int],
    sizes: tuple[int, int],
    flags: TcpFlags | None,
    observer: str = "",
    is_sampled: bool = False,
    raw: str,
) -> FlowRecord:
    """Make the record of one direction. With packets of both it is nfdump's merger (-B), which guesses the sides
    by their ports (nflowcache.c, NeedSwap) and ORs the flags of both."""
    is_merged = bool(packets[0] and packets[1])
    if not packets[0] and packets[1]:  # a half that the merger turned round
        ends, packets, sizes = ends[::-1], packets[::-1], sizes[::-1]
    return FlowRecord(
        location=location,
        source=source,
        time_ns=time_ns,
        end_ns=max(time_ns, end_ns),
        protocol=spoken,
        orig=ends[0],
        resp=ends[1],
        basis=Basis.PORTS if is_merged else Basis.FIRST_PACKET,
        is_half=not is_merged,
        is_sampled=is_sampled,
        observer=observer,
        orig_packets=packets[0],
        resp_packets=packets[1],
        orig_bytes=sizes[0],
        resp_bytes=sizes[1],
        orig_flags=flags if spoken is Protocol.TCP and not is_merged else None,
        raw=raw,
    )


def translated(
    ends: tuple[Endpoint, Endpoint], addresses: tuple[object, object], ports: tuple[object, object]
) -> Views:
    """Return how the conversation looks behind the firewall; what is not given or nought is not translated."""
    view = tuple(
        Endpoint(address(ip) if ip else end.ip, port(number) if number else end.port)
        for end, ip, number in zip(ends, addresses, ports, strict=True)
    )
    return (
        ()
        if view == ends or any(ip_address(end.ip).is_unspecified for end in view)
        else ((view[0], view[1]),)
    )


def firewall_event(
    location: Location,
    source: str,
    event: int,
    *,
    time_ns: int,
    spoken: Protocol,
    ends: tuple[Endpoint, Endpoint],
    sizes: tuple[int, int] = (0, 0),
    extended: int = 0,
    translated: Views = (),
    raw: str,
) -> FlowRecord | LogRecord | None:
    """What a firewall says of a conversation: permitted, denied, or ended with so many bytes each way.

    Source: Cisco, ASA NetFlow Implementation Guide (NF_F_FW_EVENT, NF_F_FW_EXT_EVENT)."""
    if event in (DELETED, UPDATE):
        return FlowRecord(
            location=location,
            source=source,
            time_ns=time_ns,
            end_ns=time_ns,
            protocol=spoken,
            orig=ends[0],
            resp=ends[1],
            basis=Basis.SESSION,
            outcome=Outcome.ESTABLISHED if all(sizes) else None,
            orig_bytes=sizes[0],
            resp_bytes=sizes[1],
            state=EVENTS[event],
            translated=translated,
            raw=raw,
        )
    if event not in (CREATED, DENIED):
        return None
    is_denied = event == DENIED
    is_stray = is_denied and extended == NOT_A_SYN
    reason = {"reason": f"extended event {extended}"} if extended else {}
    return LogRecord(
        location=location,
        source=source,
        time_ns=time_ns,
        protocol=spoken,
        src=ends[0],
        dst=ends[1],
        statement=Statement.DENIED if is_denied else Statement.ALLOWED,
        orig=None if is_stray else ends[0],
        resp=None if is_stray else ends[1],
        basis=Basis.DENIED_PACKET if is_denied else Basis.SESSION,
        fields={"word": EVENTS[event], **reason, **({"flags": "no SYN"} if is_stray else {})},
        translated=translated,
        raw=raw,
    )


def worded_event(
    location: Location,
    source: str,
    word: str,
    cause: str,
    *,
    time_ns: int,
    spoken: Protocol,
    ends: tuple[Endpoint, Endpoint],
    sizes: tuple[int, int] = (0, 0),
    translated: Views = (),
    raw: str,
) -> FlowRecord | LogRecord | None:
    """An event as nfdump's lists print it, in words or numbers: a firewall's has a cause, a translator's none."""
    has_cause = cause not in NO_EVENT
    if not has_cause and (word in NAT_WORDS or word.isdecimal()):
        number = NAT_WORDS.get(word, count(word))
        return translation_event(
            location,
            source,
            number,
            time_ns=time_ns,
            spoken=spoken,
            ends=ends,
            translated=translated,
            raw=raw,
        )
    return firewall_event(
        location,
        source,
        EVENT_WORDS.get(word, count(word)),
        time_ns=time_ns,
        spoken=spoken,
        ends=ends,
        sizes=sizes,
        extended=CAUSE_WORDS.get(cause, count(cause)),
        translated=translated,
        raw=raw,
    )


def translation_event(
    location: Location,
    source: str,
    event: int,
    *,
    time_ns: int,
    spoken: Protocol,
    ends: tuple[Endpoint, Endpoint],
    translated: Views = (),
    raw: str,
) -> LogRecord | None:
    """What a translator says of a session: how it looks on the other side. It keeps sessions by their inner end,
    whoever opened them, so nobody is named."""
    if event not in NAT_SESSIONS:
        return None
    word = NAT_SESSIONS[event]
    return LogRecord(
        location=location,
        source=source,
        time_ns=time_ns,
        protocol=spoken,
        src=ends[0],
        dst=ends[1],
        statement=Statement.ALLOWED if word == "created" else Statement.SEEN,
        fields={"word": f"translation {word}"},
        translated=translated,
        raw=raw,
    )
