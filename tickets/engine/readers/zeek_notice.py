"""Zeek's notice.log: what a script of Zeek found worth telling, as an alert.

Source: Zeek's base/frameworks/notice/main.zeek. `id` is the connection that a notice is about, where it is about one;
`src`, `dst` and `p` are the script's own idea of who did what to whom, and `p` is the port at `dst`. Many notices are
about a host only (a scan, guessed passwords): they have no second end, and no conversation is theirs.
"""

from __future__ import annotations

from ..types import Alert, Endpoint, Location, Protocol
from .values import BadRecord, address, endpoint, port, protocol
from .zeek_rows import Values, set_text, time_ns

UNKNOWN = Endpoint("", 0)


def notice(location: Location, values: Values, line: str) -> Alert | None:
    """Return one notice; None for one that names no address at all."""
    named = set_text(values.get("note"))
    if not named:
        raise BadRecord("the field note is missing")
    orig, resp = _connection(values)
    src, dst = _printed(values, orig, resp)
    if src == UNKNOWN:
        return None
    spoken = protocol(values.get("proto"))
    return Alert(
        protocol=spoken or Protocol.TCP,
        src=src,
        dst=dst,
        location=location,
        source="zeek.notice",
        time_ns=time_ns(values.get("ts")),
        message=": ".join(part for part in (named, set_text(values.get("msg"))) if part),
        category=named,
        flow_orig=orig,
        flow_resp=resp,
        community_id=set_text(values.get("community_id")),
        flow_id=set_text(values.get("uid")),
        raw=line,
    )


def _connection(values: Values) -> tuple[Endpoint | None, Endpoint | None]:
    if not set_text(values.get("id.orig_h")):
        return None, None
    return (
        endpoint(values["id.orig_h"], values.get("id.orig_p")),
        endpoint(values.get("id.resp_h"), values.get("id.resp_p")),
    )


def _printed(values: Values, orig: Endpoint | None, resp: Endpoint | None) -> tuple[Endpoint, Endpoint]:
    """The notice's own source and destination, with the ports of its connection where it has one."""
    src, dst = (set_text(values.get(name)) for name in ("src", "dst"))
    if orig and resp:
        is_turned = resp.ip != orig.ip and src != "" and address(src) == resp.ip
        return (resp, orig) if is_turned else (orig, resp)
    number = values.get("p")
    there = Endpoint(address(dst), port(number) if number not in (None, "-") else 0) if dst else UNKNOWN
    return (Endpoint(address(src), 0) if src else UNKNOWN), there
