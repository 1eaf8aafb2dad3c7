"""dionaea's own hpfeeds messages as JSON lines: its sessions, and the files that it captured.

Source: dionaea's modules/python/dionaea/hpfeeds.py. `remote_*` and `saddr` are always the other side, `local_*`
and `daddr` the decoy's; `connection_type` says who opened the session. A capture names the session that it came
by but not that session's type. Sessions carry no time: one that a collector adds is taken.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..types import Basis, Location, LogRecord, Problem, Protocol, Record, Statement
from .dionaea import session
from .source import Source
from .values import BadRecord, endpoint, iso_ns, json_object, read_records, text

FORMAT = "dionaea.hpfeeds"
SESSIONS = b'"connection_type"', b'"remote_host"', b'"local_host"'
CAPTURES = b'"saddr"', b'"daddr"', b'"sha512"'


def matches(head: bytes) -> bool:
    """A collector may keep the message as text within its own object, with every quote escaped."""
    lines = head.replace(b"\\", b"").split(b"\n", 20)
    return any(
        line.lstrip(b"\xef\xbb\xbf \t").startswith(b"{") and all(sign in line for sign in signs)
        for line in lines
        for signs in (SESSIONS, CAPTURES)
    )


def read(source: Source, problems: list[Problem]) -> Iterator[Record]:
    """Yield sessions and captures; `listen` has no peer, and other channels are passed over."""
    return read_records(source, problems, _decode)


def _decode(location: Location, line: str) -> LogRecord | None:
    envelope = json_object(line)
    message = _message(envelope)
    time = next((envelope[name] for name in ("timestamp", "@timestamp", "time") if name in envelope), None)
    if "connection_type" in message:
        return _session(location, message, iso_ns(time) if time is not None else 0, line)
    if "saddr" in message:
        return _capture(location, message, iso_ns(message.get("time", time)), line)
    if "_channel" in envelope or "channel" in envelope:
        return None
    raise BadRecord("this is neither a session nor a capture of dionaea")


def _message(envelope: dict[str, Any]) -> dict[str, Any]:
    """Collectors wrap what dionaea sent: `payload` or `message` is its object, or that object's text."""
    if "connection_type" in envelope or "saddr" in envelope:
        return envelope
    carried = envelope.get("payload", envelope.get("message"))
    if isinstance(carried, str):
        try:
            return json_object(carried)
        except BadRecord:
            return {}
    return carried if isinstance(carried, dict) else {}


def _session(location: Location, message: dict[str, Any], time_ns: int, line: str) -> LogRecord | None:
    if text(message, "connection_type") == "listen":
        return None
    return session(
        location,
        FORMAT,
        time_ns,
        action=text(message, "connection_type"),
        transport=text(message, "connection_transport"),
        remote=endpoint(message.get("remote_host"), message.get("remote_port")),
        local=endpoint(message.get("local_host"), message.get("local_port")),
        service=text(message, "connection_protocol"),
        raw=line,
    )


def _capture(location: Location, message: dict[str, Any], time_ns: int, line: str) -> LogRecord:
    fields = {name: text(message, name) for name in ("url", "md5", "sha512") if text(message, name)}
    return LogRecord(
        location=location,
        source=FORMAT,
        time_ns=time_ns,
        protocol=Protocol.TCP,
        src=endpoint(message.get("saddr"), message.get("sport")),
        dst=endpoint(message.get("daddr"), message.get("dport")),
        statement=Statement.SEEN,
        basis=Basis.DECOY,
        fields={"action": "capture", **fields},
        raw=line,
    )
