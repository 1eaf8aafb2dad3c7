"""ArcSight's Common Event Format: `CEF:0|vendor|product|version|event|name|severity|` and `key=value` pairs.

Source: ArcSight Common Event Format, implementation standard, version 25 (header and extension escapes,
producer's dictionary). `src` and `dst` are what the product's mapping made them; no key says who opened the
conversation, and `deviceDirection` is often the same on every line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..types import Alert, Endpoint, Location, Problem, Protocol, Record
from . import siem
from .source import Source
from .values import BadRecord, read_records

FORMAT = "cef"
START = re.compile(r"CEF: ?\d{1,2}\|")
HEADER_PART = re.compile(r"((?:[^|\\]|\\.)*)\|", re.DOTALL)
# A value runs to the next key: a word before an unescaped equals sign.
KEY = re.compile(r"(?<!\S)([\w.\[\]-]{1,100})=", re.ASCII)
ESCAPE = re.compile(r"\\(.)", re.DOTALL)
ESCAPED = {"n": "\n", "r": "\r"}


def matches(head: bytes) -> bool:
    return re.search(rb"(?m)^(?!\s*\[)[^{\n]{0,300}?\bCEF: ?\d{1,2}\|", head) is not None


def read(source: Source, problems: list[Problem]) -> Iterator[Record]:
    """Yield detections as alerts and the rest as statements; events without two addresses are passed over."""
    return read_records(source, problems, _decode)


def pairs(extension: str) -> dict[str, str]:
    """The keys and values of an extension."""
    keys = list(KEY.finditer(extension))
    limits = [*(key.start() for key in keys[1:]), len(extension)]
    return {
        key[1]: unescaped(extension[key.end() : limit].strip())
        for key, limit in zip(keys, limits, strict=False)
    }


def custom_fields(event: dict[str, str]) -> dict[str, str]:
    """The producer's own fields (`cs1=...` beside `cs1Label=...`) under their labels."""
    labels = {name[:-5]: label for name, label in event.items() if name.endswith("Label")}
    return {label: event[name] for name, label in labels.items() if name in event}


def unescaped(text: str) -> str:
    return ESCAPE.sub(lambda match: ESCAPED.get(match[1], match[1]), text)


def _decode(location: Location, line: str) -> Record | None:
    start = START.search(line)
    if start is None:
        raise BadRecord("the line holds no CEF header")
    header, place = [], start.end()
    for _ in range(6):
        part = HEADER_PART.match(line, place)
        if part is None:
            raise BadRecord("the CEF header has fewer than seven parts")
        header.append(unescaped(part[1]))
        place = part.end()
    return _record(location, line, line[: start.start()], header, pairs(line[place:]))


def _record(
    location: Location, line: str, before: str, header: list[str], event: dict[str, str]
) -> Record | None:
    src_ip, dst_ip = event.get("src") or event.get("c6a2"), event.get("dst") or event.get("c6a3")
    if not src_ip or not dst_ip:
        return None
    spoken = siem.spoken_protocol(event.get("proto"))
    if spoken is None:
        return None
    ends = siem.ends(
        spoken,
        (src_ip, event.get("spt")),
        (dst_ip, event.get("dpt")),
        event.get("icmpType"),
        event.get("icmpCode"),
    )
    time_ns = siem.first_time(event.get("rt"), event.get("start"), event.get("end"), header=before)
    vendor, product, _, signature, name, importance = header
    if siem.is_detection((product, event.get("cat", ""), event.get("deviceEventCategory", ""))):
        return _alert(location, line, time_ns, spoken, ends, (signature, name, importance), event)
    action = event.get("act", "")
    fields = {
        **custom_fields(event),
        "product": f"{vendor} {product}".strip(),
        "action": action,
        "word": action,
        "reason": event.get("reason") or name,
        "direction": event.get("deviceDirection", ""),
        "bytes_in": event.get("in", ""),
        "bytes_out": event.get("out", ""),
    }
    return siem.statement_record(
        location,
        FORMAT,
        time_ns,
        spoken,
        ends,
        siem.statement_of(action or signature),
        fields,
        service=siem.service_name(event.get("app")),
        translated=_views(*ends, event),
        raw=line,
    )


def _alert(
    location: Location,
    line: str,
    time_ns: int,
    spoken: Protocol,
    ends: tuple[Endpoint, Endpoint],
    named: tuple[str, str, str],
    event: dict[str, str],
) -> Alert:
    signature, name, importance = named
    return Alert(
        protocol=spoken,
        src=ends[0],
        dst=ends[1],
        location=location,
        source=FORMAT,
        time_ns=time_ns,
        sid=siem.signature_id(signature),
        message=name,
        category=event.get("cat", ""),
        severity=siem.severity(importance),
        action=event.get("act", ""),
        raw=line,
    )


def _views(src: Endpoint, dst: Endpoint, event: dict[str, str]) -> tuple[tuple[Endpoint, Endpoint], ...]:
    def to(side: str) -> tuple[object, object]:
        return event.get(f"{side}TranslatedAddress"), event.get(f"{side}TranslatedPort")

    return siem.views(src, dst, (to("source"), to("destination")))
