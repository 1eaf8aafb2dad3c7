"""One alert on one line, as Snort's alert_fast, Suricata's fast.log and both in syslog write it.

`TIME [action] [**] [gid:sid:rev] message [**] [Classification: c] [Priority: n] {PROTOCOL} source -> destination`.
In syslog the marks `[**]` and the time are missing. Addresses and ports are the packet's. Snort prints no type for
ICMP; Suricata prints type and code where others have ports.
"""

from __future__ import annotations

import re

from ..types import Alert, Location, Protocol
from .snort import alert_time_ns, snort_alert
from .syslog import written_ns
from .values import BadRecord, protocol

RULE = re.compile(r"\[(\d{1,10}:\d{1,10}:\d{1,10})\]:?", re.ASCII)
TIME = re.compile(r"\d\d/\d\d(?:/\d{2,4})?-\d\d:\d\d:\d\d(?:\.\d{1,9})?", re.ASCII)
ACTION = re.compile(r"\[(\w{1,20})\]\s{1,4}(?:\[\*\*\]\s{1,4})?\Z")
MESSAGE_END = re.compile(r"\[\*\*\]|\[Classification: |\[Priority: |\[AppID: ")
INTERFACE = re.compile(r"<[^>]{1,64}>")
CLASS = re.compile(r"\[Classification: ([^\]]{0,256})\]")
PRIORITY = re.compile(r"\[Priority: (\d{1,10})\]")
ENDS = re.compile(r"\{([^}\s]{1,20})\}\s{1,4}(\S{1,80}) -> (\S{1,80})")
PROTOCOL = re.compile(r"\{([^}\s]{1,20})\}")
SURICATA = re.compile(
    rb"(?m)^\d\d/\d\d/\d{4}-\d\d:\d\d:\d\d\.\d+ {1,4}(?:\[\w+\] )?\[\*\*\] |suricata[^:]{0,40}: \[\d+:\d+:\d+\]"
)
SNORT = re.compile(
    rb"(?m)^\d\d/\d\d(?:/\d\d)?-\d\d:\d\d:\d\d\.\d+ {1,4}(?:\[\w+\] )?\[\*\*\] |(?:snort|barnyard)[^:]{0,40}: \[\d+:\d+:\d+\]"
)


def read_alert_line(location: Location, line: str, source: str, *, icmp_has_type: bool) -> Alert | None:
    """Return the alert; None for a packet without addresses, or of a protocol without conversations."""
    rule = RULE.search(line)
    ends = ENDS.search(line, rule.end()) if rule else None
    if rule is None or ends is None:
        return _without_ends(line)
    known = protocol(ends[1])
    if known is None:
        return None
    values = {
        "rule": rule[1],
        "proto": ends[1],
        **_words(line[: rule.start()], line[rule.end() : ends.start()]),
    }
    values |= (
        _icmp_ends(ends, icmp_has_type) if known is Protocol.ICMP else {"src_ap": ends[2], "dst_ap": ends[3]}
    )
    written = TIME.match(line)
    time_ns = alert_time_ns(written[0]) if written else written_ns(line)
    return snort_alert(location, source, values, line, time_ns)


def _without_ends(line: str) -> Alert | None:
    """A damaged packet has no addresses; its alert ends with `[Raw pkt: ...]`."""
    if PROTOCOL.search(line) is None:
        raise BadRecord("the line holds no alert")
    if "Raw pkt" not in line:
        raise BadRecord("the alert names no addresses")
    return None


def _words(before: str, after: str) -> dict[str, str]:
    """What stands before the rule's number and between it and the protocol."""
    end = MESSAGE_END.search(after)
    values = {"msg": INTERFACE.sub("", after[: end.start() if end else None], count=1).strip()}
    for name, found in (
        ("class", CLASS.search(after)),
        ("priority", PRIORITY.search(after)),
        ("action", ACTION.search(before)),
    ):
        if found:
            values[name] = found[1]
    return values


def _icmp_ends(ends: re.Match[str], has_type: bool) -> dict[str, str]:
    if not has_type:
        return {"src_addr": ends[2], "dst_addr": ends[3]}
    src, _, kind = ends[2].rpartition(":")
    dst, _, code = ends[3].rpartition(":")
    return {"src_addr": src, "dst_addr": dst, "icmp_type": kind, "icmp_code": code}
