"""QRadar's Log Event Extended Format, 1.0 (tabs between the attributes) and 2.0 (its own delimiter).

Source: IBM, LEEF event components and predefined LEEF event attributes. `src` and `dst` are what the product's
mapping made them; no attribute says who opened the conversation (QRadar works direction out from its own list
of networks).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..types import Alert, Endpoint, Location, Problem, Record
from . import siem
from .cef import pairs
from .source import Source
from .values import BadRecord, read_records

FORMAT = "leef"
HEADER = re.compile(r"LEEF: ?([12])(?:\.0)?\|([^|]*)\|([^|]*)\|([^|]*)\|([^|]*)\|(?:([^|=]{0,6})\|)?")
HEXADECIMAL = re.compile(r"0?x([0-9A-Fa-f]{1,4})")
# How syslog daemons write a tab that they may not pass on.
WRITTEN_TABS = re.compile(r"#011|<009>|\\t")


def matches(head: bytes) -> bool:
    return re.search(rb"(?m)^(?!\s*\[)[^{\n]{0,300}?\bLEEF: ?[12](?:\.0)?\|", head) is not None


def read(source: Source, problems: list[Problem]) -> Iterator[Record]:
    """Yield detections as alerts and the rest as statements; events without two addresses are passed over."""
    return read_records(source, problems, _decode)


def _decode(location: Location, line: str) -> Record | None:
    header = HEADER.search(line)
    if header is None:
        raise BadRecord("the line holds no LEEF header")
    event = _attributes(line[header.end() :], header[6] if header[1] == "2" else None)
    if not event.get("src") or not event.get("dst"):
        return None
    spoken = siem.spoken_protocol(event.get("proto"))
    if spoken is None:
        return None
    ends = siem.ends(spoken, (event["src"], event.get("srcPort")), (event["dst"], event.get("dstPort")))
    time_ns = siem.first_time(event.get("devTime"), header=line[: header.start()])
    product, signature, category = header[3], header[5], event.get("cat", "")
    action = event.get("action") or event.get("act") or ""
    if siem.is_detection((product, category)):
        return Alert(
            protocol=spoken,
            src=ends[0],
            dst=ends[1],
            location=location,
            source=FORMAT,
            time_ns=time_ns,
            sid=siem.signature_id(signature),
            message=event.get("msg") or event.get("name") or signature,
            category=category,
            severity=siem.severity(event.get("sev")),
            action=action,
            raw=line,
        )
    fields = {
        "product": f"{header[2]} {product}".strip(),
        "action": action or signature,
        "word": action or signature,
        "reason": event.get("reason", ""),
        "acl": event.get("policy", ""),
        "user": event.get("usrName", ""),
        "bytes_src": event.get("srcBytes", ""),
        "bytes_dst": event.get("dstBytes", ""),
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


def _attributes(text: str, delimiter: str | None) -> dict[str, str]:
    """LEEF 2.0 names its delimiter as one character or in hexadecimal; blanks are what some products write for tabs."""
    written = HEXADECIMAL.fullmatch(delimiter or "")
    mark = chr(int(written[1], 16)) if written else (delimiter or "\t")
    if mark == "\t":
        text = WRITTEN_TABS.sub("\t", text)
        if "\t" not in text.strip():
            return pairs(text)
    parts = (part.partition("=") for part in text.split(mark))
    return {name.strip(): value.strip() for name, equals, value in parts if equals}


def _views(src: Endpoint, dst: Endpoint, event: dict[str, str]) -> tuple[tuple[Endpoint, Endpoint], ...]:
    def to(side: str, when: str) -> tuple[object, object]:
        return event.get(f"{side}{when}NAT"), event.get(f"{side}{when}NATPort")

    return siem.views(src, dst, *((to("src", when), to("dst", when)) for when in ("Pre", "Post")))
