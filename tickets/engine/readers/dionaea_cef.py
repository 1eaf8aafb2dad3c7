"""dionaea through hpfeeds-logger as ArcSight reads it: CEF, without the type of the session.

Source: hpfeeds-logger's formatters/arcsight.py and processors.py. `src` is the remote side and `deviceDirection=0`
a constant. The type of the session (`accept`, `connect` ...) is not among the fields that it writes: so the line
does not say who opened the session.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..types import Basis, Location, LogRecord, Problem, Record, Statement
from .source import Source
from .syslog import written_ns
from .values import BadRecord, endpoint, protocol, read_records

FORMAT = "dionaea.cef"
EVENT = re.compile(
    r"CEF:\d\|ThreatStream\|MHN\|[^|]{0,40}\|(dionaea\.\w{1,40})\|[^|]{0,200}\|[^|]{0,40}\|(.*)"
)
ANY_EVENT = re.compile(rb"(?m)CEF:\d\|[^|\n]{0,80}\|[^|\n]{0,80}\|[^|\n]{0,80}\|([^|\n]{0,80})\|")
PAIR = re.compile(r"(?:^| )(\w{1,40})=((?:(?! \w{1,40}=).)*)")


def matches(head: bytes) -> bool:
    """Are all of the first events dionaea's? Others that hpfeeds-logger writes say what CEF says."""
    signatures = ANY_EVENT.findall(head)[:20]
    return b"|ThreatStream|MHN|" in head and all(name.startswith(b"dionaea.") for name in signatures)


def read(source: Source, problems: list[Problem]) -> Iterator[Record]:
    """Yield what stands of sessions and captures; events of other decoys are passed over."""
    return read_records(source, problems, _decode)


def _decode(location: Location, line: str) -> LogRecord | None:
    event = EVENT.search(line)
    if event is None:
        if "CEF:" in line:
            return None
        raise BadRecord("the line holds no event in CEF")
    pairs = dict(PAIR.findall(event[2]))
    spoken = protocol(pairs.get("proto", "tcp"))
    if spoken is None:
        return None
    fields = {"action": event[1], "url": pairs.get("request", "")}
    return LogRecord(
        location=location,
        source=FORMAT,
        time_ns=written_ns(line),
        protocol=spoken,
        src=endpoint(pairs.get("src"), pairs.get("spt")),
        dst=endpoint(pairs.get("dst"), pairs.get("dpt")),
        statement=Statement.SEEN,
        basis=Basis.DECOY,
        fields={name: value for name, value in fields.items() if value},
        raw=line,
    )
