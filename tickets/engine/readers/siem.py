"""What collectors' common words mean: CEF, LEEF, ECS, CIM and OCSF carry other products' events.

"source" there means whatever the integration mapped to it: a packet's sender, a session's client, an
alert's attacker. So none of these says who opened a conversation, unless it has a field for just that. An action
is the policy's, never the target's answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from ..types import Basis, Endpoint, Location, LogRecord, Protocol, Statement, Views
from .transport import COUNTERPARTS
from .values import (
    NS,
    SYSLOG_TIME,
    BadRecord,
    address,
    epoch_ns,
    iso_ns,
    port,
    protocol,
    syslog_ns,
)

# Verbs of many products, without regard to case or ending (`Blocked`, `deny`, `TCP-reset-both`).
STATEMENTS: tuple[tuple[re.Pattern[str], Statement], ...] = (
    (re.compile(r"\b(?:reset|reject|rst)", re.IGNORECASE), Statement.RESET),
    (
        re.compile(
            r"\b(?:den(?:y|ied)|disallow|not (?:allow|permit)|block|drop|discard|prevent|refuse|sinkhole)",
            re.IGNORECASE,
        ),
        Statement.DENIED,
    ),
    (re.compile(r"\b(?:allow|accept|permit|pass(?:ed)?\b|forward)", re.IGNORECASE), Statement.ALLOWED),
)
# A detection tells what an expert system saw; a policy's line tells what the policy did.
DETECTION = re.compile(
    r"\b(?:n|h|w)?(?:ids|ips)\b|\bids_type\b|\bndr\b|intrusion|suricata|\bsnort\b|threat(?! (?:defen[cs]e|protection|management))|exploit|attack|attempted-|"
    r"\b(?:misc|denial-of|successful|trojan|web-application|policy-violation|network-scan)-",
    re.IGNORECASE,
)
EPOCH = re.compile(r"(\d{1,19})(\.\d+)?", re.ASCII)
ZONE = re.compile(r"(?:UTC|GMT|Z)?([+-]\d\d):?(\d\d)", re.ASCII)
HEADER_START = re.compile(r"(?:<\d{1,3}>)?(?:1 )?")
EPOCH_UNITS = ((10, NS), (13, NS // 1000), (16, 1000), (19, 1))


def statement_of(word: str) -> Statement:
    """What an action's word says: denied, reset, allowed; any other word only that it was seen."""
    for pattern, statement in STATEMENTS:
        if pattern.search(word):
            return statement
    return Statement.SEEN


def is_detection(words: Iterable[str]) -> bool:
    return any(DETECTION.search(word) for word in words)


def spoken_protocol(value: object) -> Protocol | None:
    """The transport; None for one that has no conversations here. Without one a line cannot be placed."""
    if value is None or value == "":
        raise BadRecord("the transport protocol is missing")
    return protocol(value)


def ends(
    spoken: Protocol,
    src: tuple[object, object],
    dst: tuple[object, object],
    kind: object = None,
    code: object = None,
) -> tuple[Endpoint, Endpoint]:
    """Both ends of a line. A port that is not given is 0; for ICMP the message's type stands in its place."""
    src_ip, dst_ip = address(src[0]), address(dst[0])
    if spoken is Protocol.ICMP:
        given = _small(kind)
        answer = COUNTERPARTS.get((58 if ":" in src_ip else 1, given), _small(code))
        return Endpoint(src_ip, given), Endpoint(dst_ip, answer)
    return Endpoint(src_ip, _port(src[1])), Endpoint(dst_ip, _port(dst[1]))


def views(
    src: Endpoint, dst: Endpoint, *translated: tuple[tuple[object, object], tuple[object, object]]
) -> Views:
    """How the same conversation looks elsewhere, for each translated (source, destination) that a line names.

    An address or port that is not given, or is all zeros as products print "none", is as it was."""
    found = dict.fromkeys(
        (_translated(src, *new_src), _translated(dst, *new_dst)) for new_src, new_dst in translated
    )
    return tuple(view for view in found if view != (src, dst))


def event_ns(value: object) -> int:
    """The time of an event: since 1970 in seconds or finer (told by its length), ISO 8601, or `Mar 04 2026 12:00:02`."""
    text = str(value).strip()
    if epoch := EPOCH.fullmatch(text):
        return _epoch_ns(epoch[1], text)
    if match := SYSLOG_TIME.match(text):
        return syslog_ns(text) - _zone_ns(text[match.end() :].strip())
    return iso_ns(text)


def header_ns(header: str) -> int | None:
    """The time in a syslog header (RFC 3164, RFC 5424), None where there is none."""
    start = HEADER_START.match(header)
    try:
        return syslog_ns(header[start.end() if start else 0 :])
    except BadRecord:
        return None


def first_time(*values: object, header: str = "") -> int:
    """The first of these times that is given and can be read, else the header's."""
    for value in values:
        if value not in (None, ""):
            try:
                return event_ns(value)
            except BadRecord:
                continue
    found = header_ns(header)
    if found is None:
        raise BadRecord("the time is missing or cannot be read")
    return found


def signature_id(value: object) -> int | None:
    """A signature's number, where the event's id is one (`1900001`, `1:1900001:2`)."""
    match = re.fullmatch(r"(?:\d{1,5}:)?(\d{1,10})(?::\d{1,5})?", str(value), re.ASCII)
    return int(match[1]) if match else None


def count(value: object) -> int:
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def severity(value: object) -> int | None:
    return count(value) or None


def service_name(value: object) -> str:
    """An application that a product names, in lower case; what it could not tell is none."""
    name = value.strip().lower() if isinstance(value, str) else ""
    unknown = name in (
        "unknown",
        "incomplete",
        "insufficient-data",
        "not-applicable",
        "n/a",
        "-",
        "any",
        "other",
    )
    return "" if unknown else name[:40]


def statement_record(
    location: Location,
    source: str,
    time_ns: int,
    spoken: Protocol,
    pair: tuple[Endpoint, Endpoint],
    statement: Statement,
    fields: Mapping[str, object],
    *,
    service: str = "",
    translated: Views = (),
    community_id: str = "",
    raw: str,
) -> LogRecord:
    """A product's statement that names nobody as originator."""
    return LogRecord(
        location=location,
        source=source,
        time_ns=time_ns,
        protocol=spoken,
        src=pair[0],
        dst=pair[1],
        statement=statement,
        service=service,
        community_id=community_id,
        translated=translated,
        fields=texts(fields),
        raw=raw,
    )


def opened_by(record: LogRecord, orig: Endpoint, basis: Basis) -> LogRecord:
    """The same statement where the format does name the originator, and what that rests on."""
    return replace(record, orig=orig, resp=record.dst if orig == record.src else record.src, basis=basis)


def texts(fields: Mapping[str, object]) -> dict[str, str]:
    """Those of the fields that are given, as text."""
    given = (str, int)
    return {name: str(value) for name, value in fields.items() if isinstance(value, given) and value != ""}


def _port(value: object) -> int:
    return 0 if value in (None, "", "-") else port(value)


def _small(value: object) -> int:
    text = str(value)
    return int(text) & 0xFF if text.isascii() and text.isdigit() and len(text) < 4 else 0


def _translated(end: Endpoint, ip: object, number: object) -> Endpoint:
    new_ip = end.ip if ip in (None, "", "0.0.0.0", "::") else address(ip)  # noqa: S104 - no address to listen on
    return Endpoint(new_ip, _port(number) or end.port)


def _epoch_ns(whole: str, text: str) -> int:
    if "." in text:
        return epoch_ns(text)
    for digits, unit in EPOCH_UNITS:
        if len(whole) <= digits:
            seconds, rest = divmod(int(whole) * unit, NS)
            return epoch_ns(f"{seconds}.{rest:09d}")
    raise BadRecord("the time cannot be read")


def _zone_ns(zone: str) -> int:
    if zone in ("", "UTC", "GMT", "Z"):
        return 0
    match = ZONE.fullmatch(zone)
    if match is None:
        raise BadRecord(f"the time zone {zone[:20]!r} is not known")
    seconds = int(match[1]) * 3600 + (60 if match[1][0] == "+" else -60) * int(match[2])
    return seconds * NS
