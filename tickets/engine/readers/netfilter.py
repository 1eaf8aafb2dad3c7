"""Packets that Linux's packet filter logs (iptables, nftables, ufw): one line a packet, as a rule asked for it.

Source: Linux's net/netfilter/nf_log_syslog.c. `SRC` is the packet's source. The rule only logs: what becomes of the
packet is not written, and only the rule's prefix, which is free text, may say it. `MAC` is destination first. An ICMP
error carries the packet that it quotes in brackets.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ..types import (
    Endpoint,
    Location,
    LogRecord,
    Problem,
    Protocol,
    QuotedPacket,
    Record,
    Statement,
)
from .icmp import message_ends
from .packet_line import opener, packet_line
from .source import Source
from .syslog import written_ns
from .values import BadRecord, endpoint, protocol, read_records

FORMAT = "netfilter"
LINE = re.compile(r"(?P<before>.*?)\bIN=(?P<into>\S*) OUT=(?P<out>\S*) (?P<said>.*)", re.DOTALL)
SIGN = re.compile(rb"\bIN=[^\s=]* OUT=[^\s=]* (?:[A-Z]+=\S* ){0,8}SRC=[0-9A-Fa-f:.]+ DST=")
# A line of the kernel is stamped with the seconds since the start.
KERNEL = re.compile(r"(?:.*?\bkernel:\s*)?(?:\[\s*\d+\.\d+\]\s*)?")
QUOTE = " [SRC="
FLAGS = ("SYN", "ACK", "FIN", "RST", "PSH", "URG", "ECE", "CWR")
# Words that administrators and their tools put into a prefix, the stronger first.
WORDS = (
    (re.compile(r"reject", re.IGNORECASE), Statement.RESET),
    (re.compile(r"drop|den[iy]|block|discard|refuse", re.IGNORECASE), Statement.DENIED),
    (re.compile(r"accept|allow|pass|permit", re.IGNORECASE), Statement.ALLOWED),
)


def matches(head: bytes) -> bool:
    return SIGN.search(head) is not None


def read(source: Source, problems: list[Problem]) -> Iterator[Record]:
    """Yield the packets; other lines of the kernel's log are passed over."""
    return read_records(source, problems, _decode)


def _decode(location: Location, line: str) -> LogRecord | None:
    parts = LINE.match(line)
    if parts is None or "SRC=" not in parts["said"]:
        return None
    said, has_quote, quote = parts["said"].partition(QUOTE)
    pairs, words = _pairs(said), frozenset(said.split())
    spoken = protocol(pairs.get("PROTO"))
    is_fragment = "FRAG" in pairs and "SPT" not in pairs and "TYPE" not in pairs
    if spoken is None or is_fragment:
        return None
    prefix = parts["before"][_kernel_end(parts["before"]) :].strip()
    statement = next((meaning for word, meaning in WORDS if word.search(prefix)), Statement.SEEN)
    ends = _ends(spoken, pairs)
    flags = [flag for flag in FLAGS if flag in words] if spoken is Protocol.TCP else []
    fields = {
        "word": prefix,
        "flags": " ".join(flags),
        "path": _path(parts["into"], parts["out"]),
        "interfaces": f"{parts['into'] or '-'} to {parts['out'] or '-'}",
        **_hardware(pairs),
    }
    opened = opener(spoken, *ends, flags, statement)
    quoted = _quoted(f"SRC={quote.rstrip().removesuffix(']')}") if has_quote else None
    time_ns = written_ns(line)
    return packet_line(location, FORMAT, time_ns, spoken, ends, statement, opened, fields, line, quoted)


def _kernel_end(before: str) -> int:
    match = KERNEL.match(before)
    return match.end() if match else 0


def _pairs(said: str) -> dict[str, str]:
    """The first value of each name: UDP's own `LEN` follows the packet's."""
    pairs: dict[str, str] = {}
    for word in said.split():
        name, equals, value = word.partition("=")
        if equals:
            pairs.setdefault(name, value)
        elif word.startswith("FRAG:"):
            pairs["FRAG"] = word[5:]
    return pairs


def _ends(spoken: Protocol, pairs: Mapping[str, str]) -> tuple[Endpoint, Endpoint]:
    if spoken is Protocol.ICMP:
        return message_ends(pairs.get("SRC"), pairs.get("DST"), pairs.get("TYPE"), pairs.get("CODE"))
    if "SPT" not in pairs:
        raise BadRecord("the packet's ports are missing")
    return endpoint(pairs.get("SRC"), pairs["SPT"]), endpoint(pairs.get("DST"), pairs.get("DPT"))


def _path(into: str, out: str) -> str:
    if into and out:
        return "forwarded"
    return "to this host" if into else "from this host" if out else ""


def _hardware(pairs: Mapping[str, str]) -> dict[str, str]:
    """MAC= is the Ethernet header as it stands: destination, source, type. A rule may ask for its fields by name."""
    if "MACSRC" in pairs and "MACDST" in pairs:
        return {"mac_src": pairs["MACSRC"], "mac_dst": pairs["MACDST"]}
    octets = pairs.get("MAC", "").split(":")
    if len(octets) < 12:
        return {}
    return {"mac_src": ":".join(octets[6:12]), "mac_dst": ":".join(octets[:6])}


def _quoted(said: str) -> QuotedPacket | None:
    """The packet within an ICMP error. One that is cut, or has no ports, says nothing of a conversation."""
    pairs = _pairs(said)
    spoken = protocol(pairs.get("PROTO"))
    if spoken is None:
        return None
    try:
        src, dst = _ends(spoken, pairs)
    except BadRecord:
        return None
    return QuotedPacket(protocol=spoken, src=src, dst=dst)
