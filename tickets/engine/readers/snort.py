"""What an alert of Snort says, whichever way it is written down; Suricata's fast.log is written alike.

Sources: Snort 3's src/loggers/alert_{fast,full,csv,json}.cc and src/log/log_text.cc, Snort 2's spo_alert_*.c and
spo_csv.c, Suricata's alert-fastlog.c. The printed source is the sender of the packet that fired. Times have no
year unless Snort is asked for one (`-y`), and then two digits of it, last in Snort 2 and first in Snort 3.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from ..types import Alert, Basis, Endpoint, Location, Protocol
from .icmp import message_ends
from .values import BadRecord, address, epoch_ns, iso_ns, port, protocol

TIME = re.compile(r"(\d\d)/(\d\d)(?:/(\d{4}|\d\d))?-(\d\d:\d\d:\d\d)(\.\d{1,9})?", re.ASCII)
NO_YEAR = 1970
DIRECTIONS = {"C2S": "to_server", "S2C": "to_client"}
# Snort 2's names for columns, and Snort 3's for the same.
NAMES = {
    "sig_generator": "gid", "sig_id": "sid", "sig_rev": "rev", "src": "src_addr", "srcport": "src_port",
    "dst": "dst_addr", "dstport": "dst_port", "tcpflags": "tcp_flags", "classification": "class",
    "icmptype": "icmp_type", "icmpcode": "icmp_code",
}  # fmt: skip


class Opening(NamedTuple):
    """Who opened the connection by the packet that fired, and what that rests on."""

    orig: Endpoint
    resp: Endpoint
    basis: Basis


def snort_alert(
    location: Location, source: str, values: Mapping[str, str], raw: str, time_ns: int
) -> Alert | None:
    """Return the alert of named values (Snort 3's names); None for a protocol without conversations here."""
    spoken = protocol(values.get("proto", ""))
    if spoken is None:
        return None
    src, dst = _ends(values, spoken)
    gid, sid, rev = _signature(values)
    opening = _opening(spoken, values, src, dst)
    return Alert(
        protocol=spoken,
        src=src,
        dst=dst,
        location=location,
        source=source,
        time_ns=time_ns,
        sid=sid,
        gid=gid,
        rev=rev,
        message=values.get("msg", "").strip().strip('"'),
        category=values.get("class", "").strip(),
        severity=_number(values.get("priority", "")),
        action=values.get("action", "").lower(),
        direction=DIRECTIONS.get(values.get("dir", ""), ""),
        flow_orig=opening.orig if opening else None,
        flow_resp=opening.resp if opening else None,
        basis=opening.basis if opening else Basis.FIRST_PACKET,
        raw=raw,
    )


def _ends(values: Mapping[str, str], spoken: Protocol) -> tuple[Endpoint, Endpoint]:
    if spoken is Protocol.ICMP and values.get("icmp_type", ""):
        src, dst = _split(values, "src")[0], _split(values, "dst")[0]
        return message_ends(src, dst, values["icmp_type"], values.get("icmp_code") or "0")
    return _end(values, "src", spoken), _end(values, "dst", spoken)


def _end(values: Mapping[str, str], side: str, spoken: Protocol) -> Endpoint:
    """Later fragments and ICMP are printed without ports, or with 0."""
    ip, number = _split(values, side)
    return Endpoint(address(ip), 0 if spoken is Protocol.ICMP or not number else port(number))


def _split(values: Mapping[str, str], side: str) -> tuple[str, str]:
    """`src_ap` is `address:port`, in IPv6 too (`2001:db8::1:443`): what follows the last colon is the port."""
    if ip := values.get(f"{side}_addr", ""):
        return ip, values.get(f"{side}_port", "")
    ip, _, number = values.get(f"{side}_ap", "").rpartition(":")
    return ip, number


def _signature(values: Mapping[str, str]) -> tuple[int, int | None, int | None]:
    parts = (
        values["rule"].split(":")
        if values.get("rule")
        else [values.get(name, "") for name in ("gid", "sid", "rev")]
    )
    gid, sid, rev = (_number(part) for part in (*parts, "", "", "")[:3])
    return gid or 1, sid, rev


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 11 and int(text) else None


def _opening(spoken: Protocol, values: Mapping[str, str], src: Endpoint, dst: Endpoint) -> Opening | None:
    """A SYN asks and a SYN-ACK answers (`tcp_flags` is written `12UAPRSF`, a star for each flag that is not set).

    A connection that Snort meets in the middle has the higher port as client (flow_control.cc, init_roles_tcp),
    so a direction that says otherwise rests on a SYN or SYN-ACK that Snort saw."""
    if spoken is not Protocol.TCP:
        return None
    flags = set(values.get("tcp_flags", "")) & set("SAFR")
    if flags == {"S"}:
        return Opening(src, dst, Basis.HANDSHAKE)
    if flags == {"S", "A"}:
        return Opening(dst, src, Basis.REPLY)
    orig, resp = {"C2S": (src, dst), "S2C": (dst, src)}.get(values.get("dir", ""), (None, None))
    if orig and resp and orig.port < resp.port:
        return Opening(orig, resp, Basis.SYN_ACK)
    return None


def fields_time_ns(values: Mapping[str, str]) -> int:
    """`seconds` has the year; the fraction stands in the timestamp only."""
    written = values.get("timestamp", "").strip()
    if values.get("seconds"):
        fraction = TIME.match(written)
        return epoch_ns(values["seconds"] + ((fraction[5] or "") if fraction else ""))
    return alert_time_ns(written)


def alert_time_ns(written: str) -> int:
    """Return the time of an alert, in UTC. One without a year lies in 1970."""
    match = TIME.match(written)
    if match is None:
        raise BadRecord("the time is missing or cannot be read")
    month, day, year = match[1], match[2], match[3] or str(NO_YEAR)
    if int(month) > 12:  # no month, so the year stands first
        year, month, day = match[1], match[2], match[3] or "00"
    return iso_ns(
        f"{year.rjust(4, '0') if len(year) > 2 else '20' + year}-{month}-{day}T{match[4]}{match[5] or ''}"
    )
